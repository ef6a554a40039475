"""Stretches in which a sensor stays within far less than it ever does for so long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.extremes import usual_largest

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Readings of the shortest windows; each next length is twice as long, while there are enough.
_SHORTEST, _LEAST_WINDOWS = 32, 40


@dataclass(frozen=True)
class Narrow:
    """Rows [first, last] within ``width``, where the narrowest of so many readings usually has
    ``usual``; in the stream's unit."""

    first: int
    last: int
    width: float
    usual: float

    @property
    def times(self) -> float:
        """How many times narrower than usual."""
        return self.usual / self.width


def narrow(value: F64, times: float) -> list[Narrow]:
    """Stretches of values (n,) more than ``times`` narrower than usual, the narrowest of those that
    overlap, each extended while its values recur.

    In windows of 32, 64, ... readings, half of each shared with the next: width = max - min, the
    narrowest usual one by :func:`detector.signals.extremes.usual_largest` of 1 / width. Constant
    windows, and those with less than half as many changes as elsewhere, are left out: how long a
    value rests is another question. A stretch of over a tenth of all values is taken for usual.
    """
    found: list[Narrow] = []
    length = _SHORTEST
    least = 1e-6 * float(np.std(value)) if len(value) else 0.0
    while least > 0 and len(value) // (length // 2) >= _LEAST_WINDOWS:
        windows = np.lib.stride_tricks.sliding_window_view(value, length)[:: length // 2]
        width = windows.max(axis=1) - windows.min(axis=1)
        inverse = np.where(width > 0, 1 / np.maximum(width, least), 0.0)
        changes = np.count_nonzero(np.diff(windows, axis=1), axis=1)
        inverse[changes < 0.5 * np.median(changes)] = 0.0
        usual = 1 / usual_largest(inverse) if np.any(inverse > 0) else float("nan")
        for row in np.flatnonzero((inverse > 0) & (np.maximum(width, least) * times < usual)):
            first = int(row) * (length // 2)
            size = float(max(width[row], least))
            found.append(_extended(value, first, first + length - 1, size, usual))
        length *= 2
    kept: list[Narrow] = []
    for one in sorted(found, key=lambda n: -n.times):
        if all(one.first > k.last or one.last < k.first for k in kept):
            kept.append(one)
    return sorted(kept, key=lambda n: n.first)


def _extended(value: F64, first: int, last: int, width: float, usual: float) -> Narrow:
    """The stretch as far as values stay within those of the rows [first, last]."""
    low, high = value[first : last + 1].min(), value[first : last + 1].max()
    outside = np.flatnonzero((value < low) | (value > high))
    after = int(np.searchsorted(outside, last))
    end = int(outside[after]) - 1 if after < len(outside) else len(value) - 1
    start = int(outside[after - 1]) + 1 if after else 0
    return Narrow(start, end, width, usual)


def lasting_within(value: F64, width: float) -> tuple[Rows, Rows]:
    """First and last rows (k,) of stretches of values (n,) that stay within ``width``, each as long
    as it can be from where the one before ends."""
    first, last = [], []
    start, low, high = 0, np.inf, -np.inf
    most = width * (1 + 1e-9)
    for row, one in enumerate(value.tolist()):
        low, high = min(low, one), max(high, one)
        if high - low > most:
            first.append(start)
            last.append(row - 1)
            start, low, high = row, one, one
    first.append(start)
    last.append(len(value) - 1)
    return np.array(first, dtype=np.intp), np.array(last, dtype=np.intp)
