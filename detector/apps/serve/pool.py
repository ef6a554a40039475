"""Judgements that take long, in a process of their own: they keep no other waiting."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from detector.apps.serve.desks import Desks
from detector.apps.serve.judging import Outcome, Task, judged
from detector.edge.series import Block

_desks: list[Desks] = []


class Pool:
    """One process that judges, one task at a time; it is made anew where it died."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._executor = self._made()
        self._running: dict[Future[Outcome], Task] = {}

    def _made(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._config, os.getpid()),
        )

    @property
    def free(self) -> bool:
        """Whether a task would be begun at once."""
        return not self._running

    def submit(self, task: Task, blocks: Sequence[Block]) -> None:
        """Have a task judged."""
        try:
            self._running[self._executor.submit(_judged, task, blocks)] = task
        except BrokenProcessPool:
            self._executor = self._made()
            self._running[self._executor.submit(_judged, task, blocks)] = task

    def done(self) -> tuple[list[Outcome], list[Task]]:
        """What has been judged since, and what was lost and is to be judged again."""
        outcomes, lost = [], []
        for future in [f for f in self._running if f.done()]:
            task = self._running.pop(future)
            if future.exception() is None:
                outcomes.append(future.result())
            else:
                lost.append(task)
                self.close()
                self._executor = self._made()
        return outcomes, lost

    def close(self) -> None:
        """End the process."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _begin(config: Path | None, parent: int) -> None:
    _desks[:] = [Desks(config)]
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _judged(task: Task, blocks: Sequence[Block]) -> Outcome:
    return judged(task, _desks[0][task.mine], blocks)
