"""The step that the test gas of a calibration leaves in a gas sensor's readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.series import Series, period

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Kinds of sensors that are calibrated with a test gas.
GAS = frozenset({"methane", "co"})

#: A gas step rises by so many times what the sensor does by itself.
STEP = 3.0
#: Seconds that the gas of a calibration flows at most.
_LONGEST_S = 1800.0
#: Seconds within which the test gas, let onto the sensor, raises its readings.
_WITHIN_S = 120.0
#: Seconds before of which the level is taken, and after in which the readings come back.
_BEFORE_S, _SETTLE_S = 3600.0, 900.0
#: Part of the rise that comes at once, and of which at most so much is left after it.
_AT_ONCE, _LEFT = 0.5, 0.5


@dataclass(frozen=True)
class GasStep:
    """``rise`` from the level before, ``at_once`` the most it rose in two minutes, ``back`` whether
    it came back (so far as readings go on), in the sensor's unit."""

    rise: float
    at_once: float
    back: bool

    def shown(self, least: float) -> bool:
        """Whether it is one: ``rise >= least``, half of it within two minutes, and back."""
        return self.rise >= least and self.at_once >= _AT_ONCE * self.rise and self.back


def gas_step(series: Series, start: float, end: float) -> GasStep | None:
    """The highest step between start and end (s), two readings of slack on either side; None where
    fewer than three readings lie between, or none before."""
    slack = 2 * period(series)
    first, last = np.searchsorted(series.time, [start - slack, end + slack + 1e-9])
    inside = series.between(start, end)
    if len(inside) < 3 or not first:
        return None
    long_before = series.between(start - slack - _BEFORE_S, start - slack)
    level = float(np.median(long_before.value if len(long_before) else series.value[:first]))
    value = series.value[first:last]
    top = int(first + np.argmax(value))
    rise = float(series.value[top]) - level
    after = series.value[top : np.searchsorted(series.time, end + slack + _SETTLE_S)]
    cut_off = bool(series.time[-1] < end + slack + _SETTLE_S)
    back = bool(after.min() <= level + _LEFT * rise) or cut_off
    return GasStep(rise, float(rises(series)[first:last].max()), back)


def rises(series: Series) -> F64:
    """By how much each reading (n,) is above the lowest of the two minutes (at least two readings)
    before it."""
    reach = max(round(_WITHIN_S / period(series)), 2) if len(series) >= 3 else 2
    padded = np.concatenate([np.full(reach, np.inf), series.value])
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1)
    return np.asarray(series.value - windows.min(axis=1))


def usual_rise(series: Series, calibrated: Bools) -> float:
    """What the sensor does by itself, in its unit: its spread, or what hardly one rise in a hundred
    of those within two minutes exceeds, whichever is more; of readings (n,) not ``calibrated``."""
    if calibrated.all():
        return float("nan")
    quick = float(np.quantile(rises(series)[~calibrated], 0.99))
    return max(quick, float(np.std(series.value[~calibrated])))


def without_gas_steps(series: Series) -> Series:
    """The series without what looks like calibrations: stretches that rise within two minutes by
    ``STEP`` times what the sensor does by itself, and fall as quickly within half an hour."""
    if len(series) < 30:
        return series
    high = STEP * usual_rise(series, np.zeros(len(series), dtype=bool))
    up = rises(series) >= high
    down = rises(Series(-series.time[::-1], series.value[::-1]))[::-1] >= high
    keep = np.ones(len(series), dtype=bool)
    falls = np.flatnonzero(down)
    for row in np.flatnonzero(up):
        if not keep[row]:
            continue
        end = int(np.searchsorted(series.time, series.time[row] + _LONGEST_S, side="right"))
        inside = falls[(falls >= row) & (falls < end)]
        if len(inside):
            keep[row : inside[-1] + 1] = False
    return Series(series.time[keep], series.value[keep])
