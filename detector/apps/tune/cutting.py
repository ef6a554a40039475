"""Scores cut into episodes at array speed, many times over: the same as :func:`core.episode.fold`.

The rows at or above ``clear_at`` form chains; a chain breaks where the next of its rows, or a row
that is not of it, comes later than ``hold_s`` after its last. The episode of a chain begins with
its first row at or above ``raise_at``; a chain without one is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.episode import Threshold
from detector.core.score import F64, Scores

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Hot:
    """The rows of scores that can be part of an episode.

    * ``row`` (m,) their places, ``time``, ``value``, ``since`` (m,) as there, ``before`` (m,) the
      time of the row just before each;
    * ``judged_s``: seconds that were not blind; no row is below ``level``.
    """

    stream: str
    level: float
    row: Index
    time: F64
    value: F64
    since: F64
    before: F64
    judged_s: float

    def above(self, level: float) -> Hot:
        """Those of them at or above a level."""
        kept = self.value >= level
        if kept.all():
            return self
        time, value, since, before = (
            c[kept] for c in (self.time, self.value, self.since, self.before)
        )
        return Hot(self.stream, level, self.row[kept], time, value, since, before, self.judged_s)


@dataclass(frozen=True)
class Cut:
    """The episodes of one stream: ``start``, ``end``, ``peak``, and the time ``crossed`` at which
    each reached ``raise_at``, all (k,), in s but for the peak; in order of time."""

    stream: str
    start: F64
    end: F64
    peak: F64
    crossed: F64

    def __len__(self) -> int:
        return len(self.start)

    def rows(self, which: NDArray[np.bool_]) -> Cut:
        """Those of them."""
        start, end, peak, crossed = (
            c[which] for c in (self.start, self.end, self.peak, self.crossed)
        )
        return Cut(self.stream, start, end, peak, crossed)

    def meets(self, start: F64, end: F64) -> NDArray[np.bool_]:
        """Which of these share time with one of the stretches, (k,)."""
        return overlapping(self.start, self.end, start, end)


def overlapping(start: F64, end: F64, others_start: F64, others_end: F64) -> NDArray[np.bool_]:
    """Which stretches (k,) share time, if only an instant, with one of the others.

    >>> one, two = np.array([0.0, 20.0]), np.array([5.0, 9.0])
    >>> overlapping(one, one + 5.0, two, two + 1.0).tolist()
    [True, False]
    """
    if not len(others_start):
        return np.zeros(len(start), dtype=bool)
    order = np.argsort(others_start, kind="stable")
    latest = np.maximum.accumulate(others_end[order])
    begun = np.searchsorted(others_start[order], end, "right")
    found: NDArray[np.bool_] = (begun > 0) & (latest[np.maximum(begun - 1, 0)] >= start)
    return found


def hot(scores: Scores, level: float) -> Hot:
    """The rows at or above a level; NaN (blind) is below any."""
    row = np.flatnonzero(scores.value >= level)
    before = scores.time[np.maximum(row - 1, 0)]
    seconds = np.diff(scores.time)
    judged_s = float(seconds[scores.why[1:] < 0].sum()) if len(seconds) else 0.0
    columns = (scores.time[row], scores.value[row], scores.since[row], before)
    return Hot(scores.stream, level, row, *columns, judged_s)


def cut(rows: Hot, threshold: Threshold) -> Cut:
    """The episodes under a threshold whose ``clear_at`` is at or above the level of ``rows``.

    >>> time = np.arange(6.0)
    >>> value = np.array([0.0, 5.0, 2.0, 0.0, 2.0, 0.0])
    >>> scores = Scores("spike", "a", "s", time, value, time, np.full(6, -1, dtype=np.int8))
    >>> found = cut(hot(scores, 1.0), Threshold(4.0, 1.0, 1.0, "s", "info"))
    >>> found.start.tolist(), found.end.tolist(), found.peak.tolist()
    ([1.0], [2.0], [5.0])
    """
    rows = rows.above(threshold.clear_at)
    if not len(rows.row) or not rows.value.max() >= threshold.raise_at:
        none = np.empty(0)
        return Cut(rows.stream, none, none, none, none)
    until = rows.time[:-1] + threshold.hold_s
    apart = rows.since[1:] > until
    apart |= (rows.row[1:] - 1 > rows.row[:-1]) & (rows.before[1:] > until)
    first = np.concatenate([[0], np.flatnonzero(apart) + 1])
    reached = np.flatnonzero(rows.value >= threshold.raise_at)
    chain = np.searchsorted(first, reached, "right") - 1
    opens = np.append(True, chain[1:] > chain[:-1])
    opening, chain = reached[opens], chain[opens]
    after = np.append(first, len(rows.row))[chain + 1]
    edges = np.column_stack([opening, after]).ravel()
    padded = np.append(rows.value, -np.inf)
    peak = np.maximum.reduceat(padded, edges)[::2]
    crossed = rows.time[opening]
    start = np.minimum(rows.since[opening], crossed)
    return Cut(rows.stream, start, rows.time[after - 1], peak, crossed)
