"""Recordings decoded on a Dask cluster that exists already, each task as isolated as at home.

Every machine of it needs this package, and the same folders (recordings, cache, report) under the
same paths. joblib deals the tasks out; on the machine that gets one it runs in a decoder process
with the usual limits (:mod:`detector.edge.worker`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import joblib

from detector.core.errors import UsageError
from detector.edge.task import Limits, Outcome, Progress, Task
from detector.edge.worker import run

#: Seconds to wait for the scheduler.
_PATIENCE_S = 10.0


class Cluster:
    """Like :class:`detector.edge.worker.Workers`, on the machines of a cluster.

    UsageError where the scheduler does not answer or has no workers.
    """

    def __init__(self, address: str, limits: Limits | None = None) -> None:
        self._address = address
        self._limits = limits or Limits()
        self._waiting: deque[Task] = deque()
        self._client: Any = None

    def __enter__(self) -> Self:
        where = f"--cluster {self._address}"
        try:
            from distributed import Client  # noqa: PLC0415 - only those with a cluster need it
        except ImportError as error:
            todo = "install it: pip install 'trueshaft[cluster]'"
            raise UsageError("the package distributed is not installed", where, todo) from error
        try:
            connect: Any = Client
            self._client = connect(self._address, timeout=_PATIENCE_S, set_as_default=True)
        except (OSError, TimeoutError, ValueError) as error:
            todo = "give the address that `dask scheduler` printed, as tcp://HOST:8786"
            raise UsageError(f"no scheduler answers there: {error}", where, todo) from error
        if not self._client.scheduler_info()["workers"]:
            self._client.close()
            todo = "start some: dask worker tcp://HOST:8786"
            raise UsageError("the cluster has no workers", where, todo)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def submit(self, task: Task) -> None:
        """Have a task done, after those submitted before."""
        self._waiting.append(task)

    def outcomes(self, progress: Callable[[Progress], None] | None = None) -> Iterator[Outcome]:
        """Outcomes as they come, until none is outstanding; tasks tell nothing in between."""
        while self._waiting:
            tasks = list(self._waiting)
            self._waiting.clear()
            with joblib.parallel_config(backend="dask"):
                done = joblib.Parallel(return_as="generator_unordered", batch_size=1)(
                    joblib.delayed(_done)(number, task, self._limits)
                    for number, task in enumerate(tasks)
                )
                for number, outcome in done:
                    yield replace(outcome, task=tasks[number])

    def stop(self) -> list[Outcome]:
        """The outcomes of tasks that were not begun; what runs goes on unheard."""
        left = [
            Outcome(task, "unreadable", "interrupted before it began", repeatable=False)
            for task in self._waiting
        ]
        self._waiting.clear()
        return left


def _done(number: int, task: Task, limits: Limits) -> tuple[int, Outcome]:
    """The outcome of a task, done here in a process of its own."""
    (outcome,) = run([task], 1, limits)
    return number, outcome
