"""Strokes: motion all over a picture that stops, or starts again, within one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import TILES
from detector.signals.pauses import Pauses
from detector.signals.stillness import overlay, places

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Stroke:
    """Tiles and places that moved just before a pause and just after it; the fewest tiles that
    moved in any of the three rows before and the four after; whether neither dwindled nor grew;
    whether the pause lasts until the end."""

    stopped: tuple[int, int]
    started: tuple[int, int]
    lasted: int
    lasting: int
    abrupt: bool
    until_end: bool

    @classmethod
    def of(cls, rows: Pauses, run: tuple[int, int]) -> Stroke:
        """What moved until a stretch [first, last] of rows began, and from when it ended."""
        part = slice(run[0], run[1] + 1)
        outside = ~overlay(rows.displaced[part][~rows.key[part]])
        before = [i for i in range(max(run[0] - 10, 1), run[0]) if not rows.key[i]]
        after = [i for i in range(run[1] + 1, min(run[1] + 12, len(rows.time))) if not rows.key[i]]
        told = [
            [(int(a.sum()), places(a)) for a in (rows.displaced[i] & outside for i in side)]
            for side in (before[-3:], after[:4])
        ]
        whole = len(told[0]) == 3, len(told[1]) >= 2
        return cls(
            stopped=max(told[0]) if whole[0] else (0, 0),
            started=max(told[1][:2]) if whole[1] else (0, 0),
            lasted=min(told[0])[0] if whole[0] else 0,
            lasting=min(told[1])[0] if len(told[1]) == 4 else 0,
            abrupt=all(_abrupt(rows.displaced, s, outside) for s in (before[::-1], after)),
            until_end=run[1] == len(rows.time) - 1,
        )

    def struck(self, least: int) -> bool:
        """Whether ``least`` tiles, in several places, stopped and started at one stroke."""
        return self.abrupt and all(
            tiles >= least and (places >= 2 or tiles >= 3 * least)
            for tiles, places in (self.stopped, self.started)
        )

    def broken_off(self, least: int) -> bool:
        """Whether lasting motion over a quarter of the picture stopped, and such motion started, at
        one stroke: so little leaves or enters a picture of itself that other pauses do not count.
        """
        return (
            self.abrupt
            and min(self.stopped[0], self.started[0]) >= TILES[0] * TILES[1] // 4
            and min(self.lasted, self.lasting) >= least
        )

    def stopped_for_good(self, least: int) -> bool:
        """Whether lasting motion in several places stopped at one stroke until the end."""
        return self.until_end and self.abrupt and self.stopped[1] >= 2 and self.lasted >= 2 * least


def _abrupt(displaced: Bools, rows: list[int], outside: Bools) -> bool:
    """Whether as much moved in the two rows beside the pause as in the further ones."""
    count = [int((displaced[i] & outside).sum()) for i in rows]
    return len(count) < 4 or max(count[:2]) >= 0.5 * float(np.median(count))
