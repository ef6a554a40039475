"""What a decoder process is asked to do, what it may use, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Status = Literal["ok", "partial", "unreadable"]


@dataclass(frozen=True, eq=False)
class Task:
    """Work on one recording, done in a process of its own. Equal only to itself.

    ``function(job, *arguments)`` is called there with a :class:`detector.edge.job.Job`; it must be
    importable by name, its arguments picklable, its result JSON (a dict or None). What is large it
    writes to files. ``footage_s`` s, where known, widens the time limit.
    """

    path: Path
    function: Callable[..., dict[str, Any] | None]
    arguments: tuple[Any, ...] = ()
    footage_s: float = 0.0


@dataclass(frozen=True)
class Limits:
    """What the work on one recording may use.

    ``memory_mb`` MB of writable memory of the process. ``stall_s`` s without any progress.
    In all ``base_s + per_mb_s * size + per_footage_s * footage`` s, size in MB, footage in s.
    """

    memory_mb: int = 1500
    stall_s: float = 120.0
    base_s: float = 600.0
    per_mb_s: float = 60.0
    per_footage_s: float = 2.0

    def total_s(self, task: Task) -> float:
        """Longest wall time of a task in s."""
        try:
            size_mb = task.path.stat().st_size / 1e6
        except OSError:
            size_mb = 0.0
        return self.base_s + self.per_mb_s * size_mb + self.per_footage_s * task.footage_s


@dataclass(frozen=True)
class Progress:
    """A task has come to ``at_s`` s of its recording."""

    task: Task
    at_s: float


@dataclass(frozen=True)
class Outcome:
    """How a task ended.

    * ``status``: ok; partial = something was delivered, but not all, or there were faults;
      unreadable = nothing. ``reason`` says why in plain words, None where ok.
    * ``result``: what the function returned; None where it did not return.
    * ``rows``: rows delivered (:meth:`detector.edge.job.Job.delivered`).
    * ``repeatable``: the same file would end so again; false for crashes, limits, interrupts,
      full disks.
    * ``elapsed_s`` s of wall time, ``peak_mb`` MB resident at most (0 where the process is gone).
    """

    task: Task
    status: Status
    reason: str | None = None
    result: dict[str, Any] | None = None
    faults: tuple[str, ...] = field(default=())
    rows: int = 0
    repeatable: bool = True
    elapsed_s: float = 0.0
    peak_mb: float = 0.0


class Decoders(Protocol):
    """Where tasks are done: in processes here, or on a cluster."""

    def submit(self, task: Task) -> None:
        """Have a task done, after those submitted before."""

    def outcomes(self, progress: Callable[[Progress], None] | None = None) -> Iterator[Outcome]:
        """Outcomes as they come, until none is outstanding; ``progress`` is called in between."""

    def stop(self) -> list[Outcome]:
        """Kill what runs; the outcomes not yet seen, those of tasks cut off or not begun last."""
