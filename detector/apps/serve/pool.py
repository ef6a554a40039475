"""Judgements that take long, in a process of their own: they keep no other waiting."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from threadpoolctl import threadpool_limits

from detector.apps.serve.desks import Desks
from detector.apps.serve.judging import Outcome, Task, judged
from detector.edge.series import Block

#: What takes long gives way to what is judged at once.
_NICE = 15


class Pool:
    """One process that judges one task at a time; it is made when needed, anew where it died."""

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._task: Task | None = None
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._sending: threading.Thread | None = None

    def _made(self) -> Connection:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (self._config, os.getpid(), theirs)
        process = context.Process(target=_work, args=arguments, daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        return ours

    @property
    def free(self) -> bool:
        """Whether a task would be begun at once."""
        return self._task is None

    def submit(self, task: Task, blocks: Sequence[Block]) -> None:
        """Have a task judged; only while it is free. Whoever asks does not wait until all of it has
        been read by a process that gives way to everything else."""
        self._task = task
        arguments = self._pipe or self._made(), (task, blocks)
        self._sending = threading.Thread(target=_send, args=arguments, daemon=True)
        self._sending.start()

    def done(self) -> tuple[list[Outcome], list[Task]]:
        """What has been judged since, and what was lost and is to be judged again."""
        task = self._task
        if task is None or self._pipe is None or self._process is None:
            return [], []
        try:
            if self._pipe.poll():
                outcome = self._pipe.recv()
                self._task = None
                return [outcome], []
        except (OSError, EOFError):
            pass
        if self._process.is_alive():
            return [], []
        self.close()
        self._task = None
        return [], [task]

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            if self._sending is not None:
                self._sending.join()  # nobody reads any more: it ends
            self._pipe.close()
        self._process = self._pipe = None


def _send(pipe: Connection, work: tuple[Task, Sequence[Block]]) -> None:
    with suppress(OSError):  # done() sees that the process has gone
        pipe.send(work)


def _work(config: Path | None, parent: int, pipe: Connection) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICE)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    threadpool_limits(1)  # small products: threads waiting for each other cost more
    desks = Desks(config)
    while True:
        try:
            task, blocks = pipe.recv()
            desks.renewed()
            pipe.send(judged(task, desks[task.mine], blocks))
        except (EOFError, OSError):
            return


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
