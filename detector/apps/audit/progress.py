"""Progress of reading: on a terminal only, with rate and time left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from detector.edge.task import Outcome, Task
from detector.edge.task import Progress as Heard

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


Told = Callable[[float, float, str], None]


class Progress:
    """Seconds of footage read of those known so far; silent unless standard error is a terminal.

    ``told`` is called with the seconds read, all there are to read, and the file's name.
    """

    def __init__(self, quiet: bool, told: Told | None = None) -> None:
        self._told = told
        self._bar: Bar | None = None
        self._total: TaskID | None = None
        self._at: dict[int, tuple[float, float]] = {}
        if not quiet and sys.stderr.isatty():
            self._bar = _bar()
            self._total = self._bar.add_task("reading", total=0.0, rate="")
            self._bar.start()

    def expect(self, task: Task, name: str, length_s: float) -> None:
        """A task of so much footage is to come."""
        self._at[id(task)] = (0.0, length_s)
        self._show(name)

    def heard(self, said: Heard) -> None:
        """A task has come so far."""
        _, length = self._at.get(id(said.task), (0.0, 0.0))
        self._at[id(said.task)] = (min(said.at_s, length), length)
        self._show(said.task.path.name)

    def ended(self, outcome: Outcome) -> None:
        """A task is over."""
        _, length = self._at.get(id(outcome.task), (0.0, 0.0))
        self._at[id(outcome.task)] = (length, length)
        self._show(outcome.task.path.name)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.stop()

    def _show(self, name: str) -> None:
        if self._told is not None:
            at, length = zip(*self._at.values(), strict=True)
            self._told(sum(at), sum(length), name)
        if self._bar is None or self._total is None:
            return
        done = sum(at for at, _ in self._at.values())
        speed = self._bar.tasks[0].speed
        self._bar.update(
            self._total,
            description=name[:40],
            completed=done,
            total=sum(length for _, length in self._at.values()),
            rate=f"{speed:.0f} x real time" if speed else "",
        )


def _bar() -> Bar:
    import rich.progress as drawn  # noqa: PLC0415 - not where nobody looks: it takes a while
    from rich.console import Console  # noqa: PLC0415

    return drawn.Progress(
        drawn.TextColumn("{task.description}"),
        drawn.BarColumn(),
        drawn.TextColumn("{task.completed:.0f} of {task.total:.0f} s of footage"),
        drawn.TextColumn("{task.fields[rate]}"),
        drawn.TimeRemainingColumn(),
        console=Console(stderr=True),
    )
