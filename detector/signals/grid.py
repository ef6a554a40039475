"""Readings of several sensors on one grid of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detector.signals.series import Series

F64 = NDArray[np.float64]

#: Rows of a grid per reading of its longest series, at most: long gaps coarsen it.
_SPARSE = 4
#: Part of a step by which a reading may lie beside its row.
_BESIDE = 0.6
_DAY_S = 86400.0


@dataclass(frozen=True)
class Grid:
    """Values (streams, n) at ``time`` (n,) s, evenly apart; NaN where nothing was read nearby."""

    time: F64
    value: F64

    @property
    def rows_a_day(self) -> int:
        """Rows of a day; 0 where they are too far apart to show its rhythm."""
        step = float(self.time[1] - self.time[0]) if len(self.time) > 1 else _DAY_S
        return round(_DAY_S / step) if step <= _DAY_S / 4 else 0

    @cached_property
    def spans(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows [first, end) within which each stream has readings, two (streams,)."""
        known = np.isfinite(self.value)
        return known.argmax(axis=1), known.shape[1] - known[:, ::-1].argmax(axis=1)


def grid_of(series: Sequence[Series], step: float) -> Grid:
    """The reading nearest to each row, of series (at least one, none empty)."""
    start = min(float(s.time[0]) for s in series)
    end = max(float(s.time[-1]) for s in series)
    step = max(step, (end - start) / (_SPARSE * max(len(s) for s in series)))
    rows = round((end - start) / step) + 1 if step > 0 else 1
    time: F64 = np.asarray(start + step * np.arange(rows), dtype=np.float64)
    return Grid(time, np.array([_nearest(s, time, step) for s in series]))


def _nearest(series: Series, time: F64, step: float) -> F64:
    after = np.clip(np.searchsorted(series.time, time), 0, len(series) - 1)
    before = np.maximum(after - 1, 0)
    closer = time - series.time[before] <= np.abs(series.time[after] - time)
    index = np.where(closer, before, after)
    near = np.abs(series.time[index] - time) <= _BESIDE * step
    return np.where(near, series.value[index], np.nan)


def held(value: F64) -> F64:
    """Values (n,) with gaps filled by the last one before, the first by the next; 0 of none."""
    known = np.isfinite(value)
    if known.all():
        return value
    if not known.any():
        return np.zeros(len(value))
    return np.asarray(value[np.maximum(_last(known), known.argmax())])


def reported(value: F64) -> NDArray[np.bool_]:
    """Rows (n,) at which a series' last reading is no older than it is between its readings."""
    known = np.isfinite(value)
    count = np.count_nonzero(known)
    if count < 3 or count == len(value):
        return known
    last = _last(known)
    usual = float(np.median(np.diff(np.flatnonzero(known))))
    every: NDArray[np.bool_] = (last >= 0) & (np.arange(len(value)) - last <= 1.5 * usual)
    return every


def _last(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Of each row (n,) the last known one up to it; -1 where there is none."""
    return np.maximum.accumulate(np.where(known, np.arange(len(known)), -1))


def unlike_itself(value: F64, stretch: slice) -> float:
    """How far level (in spreads) and steps (logarithm) of a stretch are from those of all (n,)."""
    inside, step = value[stretch], np.abs(np.diff(value, prepend=value[:1]))
    least = 1e-12 * float(np.ptp(value)) + 1e-300
    steps = np.log((np.mean(step[stretch]) + least) / (np.mean(step) + least))
    level = (np.mean(inside) - np.mean(value)) / (np.std(value) + least)
    return float(abs(steps) + abs(level))
