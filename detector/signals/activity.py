"""How active a site's sensors are, window by window: what production is told from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from detector.signals.series import Series

F64 = NDArray[np.float64]

#: Seconds of a window, and from one to the next.
WINDOW_S = 1800.0
STEP_S = 600.0


def window_ends(series: Sequence[Series]) -> F64:
    """Ends (k,) of the windows that all series cover, s, at multiples of ``STEP_S``."""
    start = max(float(s.time[0]) for s in series) + WINDOW_S
    end = min(float(s.time[-1]) for s in series)
    if end < start:
        return np.zeros(0)
    first, last = np.ceil(start / STEP_S), np.floor(end / STEP_S)
    return np.asarray(STEP_S * np.arange(first, last + 1), dtype=np.float64)


def activity(series: Mapping[str, Series], ends: F64) -> F64:
    """Natural logarithms (k, 2 * streams) of the spread and the mean step of the windows that end
    at ``ends``, in parts of the stream's own typical step; streams in order of names. NaN where a
    window has fewer than three readings.

    How much a sensor moves, not where it stands: levels drift with the weather and the seam.
    """
    columns = [_of(series[name], ends) for name in sorted(series)]
    return np.concatenate(columns, axis=1) if columns else np.zeros((len(ends), 0))


def mean_of(series: Series, ends: F64) -> F64:
    """Mean (k,) of the readings in each window, NaN where there are none."""
    first, last = _rows(series, ends)
    total = np.concatenate([[0.0], np.cumsum(series.value)])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((total[last] - total[first]) / (last - first))


def _rows(series: Series, ends: F64) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first = np.searchsorted(series.time, ends - WINDOW_S, side="right")
    return first, np.searchsorted(series.time, ends, side="right")


def _of(series: Series, ends: F64) -> F64:
    first, last = _rows(series, ends)
    count = (last - first).astype(np.float64)
    value = series.value - float(np.median(series.value)) if len(series) else series.value
    step = np.abs(np.diff(value, prepend=value[:1]))
    moving = step[step > 0]
    least = 0.01 * float(np.median(moving)) if len(moving) else 1.0
    sums = [np.concatenate([[0.0], np.cumsum(x)]) for x in (value, value**2, step)]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, square, steps = ((s[last] - s[first]) / count for s in sums)
        spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    told = np.log(np.column_stack([spread, steps]) + least)
    told[count < 3] = np.nan
    return np.asarray(told, dtype=np.float64)
