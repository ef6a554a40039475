"""Signs: whether a detector that judges all anew is worth asking."""

from __future__ import annotations

from typing import Protocol

from detector.core.observation import Frames, Readings, Views


class Signs(Protocol):
    """A cheap look at what arrives on the streams of one watch, row by row.

    It may ask for nothing; it must not keep silent where the detector would newly find something or
    find something ended, but for what only its references, which move slowly, would show.
    """

    def add(self, block: Frames | Views | Readings) -> None:
        """Look at what came, after what came before."""

    def asks(self) -> bool:
        """Whether the detector is to judge what came."""

    def judged(self) -> None:
        """It has judged all that came."""
