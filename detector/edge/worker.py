"""Decoder processes: recordings are decoded where a crash, a hang or a hog costs one file.

with Workers(jobs=2, limits=Limits()) as workers:
    for task in tasks:
        workers.submit(task)
    for outcome in workers.outcomes(show_progress):
        ...                         # may submit more
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import wait
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from detector.edge.process import Process
from detector.edge.task import Limits, Outcome, Progress, Task

#: Seconds between two looks at the limits.
LOOK_S = 0.5


class Workers:
    """Up to ``jobs`` decoder processes, kept for further tasks while they behave well.

    A thread hands out tasks and watches the limits, however long the caller takes over an outcome.
    ``at_once`` of the processes are started before there is a task: starting takes them a while.
    Leaving the context kills the processes.
    """

    def __init__(self, jobs: int, limits: Limits | None = None, at_once: int = 0) -> None:
        self._jobs = max(1, jobs)
        self._at_once = min(at_once, self._jobs)
        self._limits = limits or Limits()
        self._waiting: deque[Task] = deque()
        self._processes: list[Process] = []
        self._heard: SimpleQueue[Progress | Outcome | BaseException] = SimpleQueue()
        self._outstanding = 0
        self._stopping = False
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._thread = threading.Thread(target=self._serve, name="decoders", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._wake.close()
        self._woken.close()

    def submit(self, task: Task) -> None:
        """Have a task done, after those submitted before."""
        self._outstanding += 1
        self._waiting.append(task)
        self._rouse()

    def outcomes(self, progress: Callable[[Progress], None] | None = None) -> Iterator[Outcome]:
        """Outcomes as they come, until none is outstanding; ``progress`` is called in between."""
        while self._outstanding:
            said = self._heard.get()
            if isinstance(said, BaseException):
                raise said
            if isinstance(said, Outcome):
                self._outstanding -= 1
                yield said
            elif progress is not None:
                progress(said)

    def stop(self) -> list[Outcome]:
        """Kill what runs; the outcomes not yet seen, those of tasks cut off or not begun last."""
        self._stopping = True
        if self._thread.is_alive():
            self._rouse()
            self._thread.join()
        left: list[Outcome] = []
        while not self._heard.empty():
            said = self._heard.get()
            if isinstance(said, Outcome):
                left.append(said)
        while self._waiting:
            task = self._waiting.popleft()
            left.append(
                Outcome(task, "unreadable", "interrupted before it began", repeatable=False)
            )
        self._outstanding = 0
        return left

    def _rouse(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake.send(b".")

    def _serve(self) -> None:
        try:
            self._processes += [Process(self._limits) for _ in range(self._at_once)]
            while not self._stopping:
                self._hand_out()
                self._listen()
        except BaseException as error:  # noqa: BLE001 - raised again by outcomes
            self._heard.put(error)
        finally:
            for process in self._processes:
                for outcome in process.interrupt():
                    self._heard.put(outcome)

    def _hand_out(self) -> None:
        self._processes = [process for process in self._processes if not process.gone]
        idle = [process for process in self._processes if not process.busy]
        while self._waiting and (idle or len(self._processes) < self._jobs):
            if not idle:
                idle.append(Process(self._limits))
                self._processes.append(idle[-1])
            idle.pop().give(self._waiting.popleft())

    def _listen(self) -> None:
        ready = wait([self._woken, *(process.pipe for process in self._processes)], LOOK_S)
        if self._woken in ready:
            self._woken.recv(4096)
        for process in self._processes:
            if process.pipe in ready:
                for said in process.hear():
                    self._heard.put(said)
            if not process.gone:
                for outcome in process.check():
                    self._heard.put(outcome)


def run(
    tasks: Iterable[Task],
    jobs: int,
    limits: Limits | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Outcome]:
    """Do tasks in up to ``jobs`` processes; outcomes as they come."""
    with Workers(jobs, limits) as workers:
        for task in tasks:
            workers.submit(task)
        yield from workers.outcomes(progress)
