"""How much a stream answers what others let expect, stretch by stretch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.relation import LEAST_ROWS, WINDOWS

F64 = NDArray[np.float64]

#: Windows of a stretch.
_SIZES = (4, 8, 16, 32)
#: Part of the usual movement of what is expected below which there is nothing to answer.
_MOVES = 0.2
#: Drop, in parts of the usual answer, that is never too much.
_LEAST = 0.25


@dataclass(frozen=True)
class Answer:
    """Windows [first, last] in which a stream answers least.

    * ``left``: slope there / the usual slope of what is told on what is expected;
    * ``correlation``: what told and expected usually have in stretches as long;
    * ``ratio``: the drop / the largest drop elsewhere.
    """

    first: int
    last: int
    left: float
    correlation: float
    ratio: float


def least_answer(told: F64, awaited: F64, known: NDArray[np.bool_]) -> Answer | None:
    """The stretch in which a stream answers least; None of too few rows.

    Only stretches in which what is expected moves enough to be answered, and of which at least
    half is ``known``.
    """
    rows = len(told) // WINDOWS
    if rows < LEAST_ROWS:
        return None
    y, x, there = (v[: rows * WINDOWS].reshape(WINDOWS, rows) for v in (told, awaited, known))
    sums = [(there * v).sum(axis=1) for v in (np.ones_like(x), x, y, x * x, x * y, y * y)]
    total = np.concatenate([np.zeros((6, 1)), np.cumsum(sums, axis=1)], axis=1)
    found = [_of_size(total, size, rows) for size in _SIZES]
    best = max((a for a in found if a is not None), key=lambda a: a.ratio, default=None)
    return best and _whole(best, total, rows)


def _slopes(total: F64, size: int, rows: int) -> tuple[F64, F64, NDArray[np.bool_]]:
    """Slope and correlation of every stretch of so many windows, and which tell anything."""
    n, x, y, xx, xy, yy = total[:, size:] - total[:, :-size]
    n = np.maximum(n, 1)
    xx, xy, yy = xx - x * x / n, xy - x * y / n, yy - y * y / n
    usual = float(np.median(xx))
    use = (n >= size * rows / 2) & (xx >= _MOVES * usual) & (xx > 1e-12 * float(xx.max()))
    slope = xy / np.where(xx > 0, xx, np.inf)
    both = np.sqrt(np.maximum(xx * yy, 0.0))
    return slope, xy / np.where(both > 0, both, np.inf), use


def _of_size(total: F64, size: int, rows: int) -> Answer | None:
    slope, correlation, use = _slopes(total, size, rows)
    if np.count_nonzero(use) < 3 * size:
        return None
    usual = float(np.median(slope[use]))
    if usual <= 0:
        return None
    drop = np.where(use, (usual - slope) / usual, -np.inf)
    at = int(np.argmax(drop))
    far = use & (np.abs(np.arange(len(drop)) - at) >= max(1.5 * size, 12))
    if np.count_nonzero(far) < 2 * size:
        return None
    elsewhere = max(float(drop[far].max()), _LEAST)
    agreed = float(np.median(correlation[far]))
    left, ratio = float(slope[at]) / usual, float(drop[at]) / elsewhere
    return Answer(at, at + size - 1, left, agreed, ratio)


def _whole(found: Answer, total: F64, rows: int) -> Answer:
    """The answer with the windows beside it in which little is answered, too."""
    size = _SIZES[0]
    slope, _, use = _slopes(total, size, rows)
    usual = float(np.median(slope[use]))
    low = ~use | (slope < usual / 2)
    first, last = found.first, found.last
    while first > 0 and use[first - 1] and low[first - 1]:
        first -= 1
    while last + 1 < WINDOWS and use[last + 2 - size] and low[last + 2 - size]:
        last += 1
    return Answer(first, last, found.left, found.correlation, found.ratio)
