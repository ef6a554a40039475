"""How a clock behaves, from the times that it stamped on reports in a row."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from detector.signals.runs import runs

F64 = NDArray[np.float64]
Rows = list[tuple[int, int]]

#: Seconds by which equal times of floating point may differ.
_EXACT_S = 1e-5
#: Steps to which times are rounded, s.
_UNITS_S = (3600.0, 600.0, 60.0, 10.0, 1.0)


def rounded(time: F64, min_digits: float = 10.0) -> Rows:
    """Reports [first, last] whose times (n,), s, are suddenly whole minutes, hours, ....

    Elsewhere a part ``p`` of the times is whole; ``n`` in a row by chance are ``p ** n`` likely:
    ``-n * log10(p) >= min_digits`` and ``p < 0.5``. Only of clocks whose other times have all kinds
    of remainders: one that always reports at second 17 may have been set anew.
    """
    for unit in _UNITS_S:
        rest = np.mod(time + _EXACT_S, unit)
        whole = rest < 2 * _EXACT_S
        _, alike = np.unique(np.round(rest[~whole], 3), return_counts=True)
        if alike.sum() < 30 or alike.max() > 0.2 * alike.sum():
            continue
        found = []
        for first, last in runs(whole):
            n = last - first + 1
            p = (np.count_nonzero(whole) - n + 1) / (len(time) - n + 2)
            if p < 0.5 and -n * np.log10(p) >= min_digits:
                found.append((first, last))
        if found:
            return found
    return []


def drifting(time: F64, min_moves: int = 20) -> Rows:
    """Reports [first, last] in which a clock that is exact otherwise runs fast or slow.

    Most intervals are exactly the usual one; in a row of ``min_moves`` that are not, all deviate to
    the same side by less than a fifth, five times as densely as outside.
    """
    if len(time) < 3 * min_moves:
        return []
    interval = np.diff(time)
    step = float(np.median(interval))
    if not step > 0:
        return []
    off = interval - np.round(interval / step) * step
    exact = np.abs(off) <= max(_EXACT_S, 1e-7 * step)
    if np.mean(exact) < 0.5:
        return []
    moves = np.flatnonzero(~exact & (np.abs(off) < 0.2 * step) & (interval > 0))
    side = np.sign(off[moves])
    found = []
    for up in (False, True):
        for a, b in runs((side > 0) == up):
            first, last = int(moves[a]), int(moves[b]) + 1
            inside, outside = b - a + 1, len(moves) - (b - a + 1)
            rate = (outside + 1) / (len(interval) - (last - first) + 1)
            if inside >= min_moves and inside / (last - first) > 5 * rate:
                found.append((first, last))
    return sorted(found)


def summer_time_ends(time: F64, latest: float, step: float) -> bool:
    """Whether these times (n,), s, after ``latest`` repeat one hour of a Sunday night in autumn.

    Local times without an offset do so once a year: back by an hour less a report, for an hour.
    """
    back, lasts = latest - float(time[0]), float(np.ptp(time))
    begin = datetime.fromtimestamp(float(time[0]), UTC)
    autumn = begin.month in (9, 10, 11, 3, 4)
    return (
        abs(back + step - 3600.0) <= _EXACT_S + 0.01 * step
        and lasts < 3600.0
        and bool(np.all(np.diff(time) > 0))
        and autumn
        and begin.weekday() == 6
        and begin.hour <= 3
    )
