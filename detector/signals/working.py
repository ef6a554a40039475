"""Whether a machine works, told from the readings of its power, load or count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Device
from detector.signals.series import Series

F64 = NDArray[np.float64]

#: Part of the device's range above which a machine works.
_OF_RANGE = 0.05
#: Part of a stream's own highest readings above which it works, where no range is known.
_OF_HIGHEST = 0.1
#: Part of the variance that two levels must explain for a stream to have two states; noise
#: reaches 0.64, of a half-normal distribution 0.7.
_TWO_STATES = 0.78
#: Spread of a machine that always works, in parts of its mean: loads vary, a heated motor does not.
_LOADED = 0.15


@dataclass(frozen=True)
class Work:
    """``on``: 1 where the machine works, else 0; ``level`` from which on it does."""

    on: Series
    level: float


def working(series: Series, device: Device) -> Work | None:
    """When the machine works; None where its readings do not tell.

    By 5 % of the device's range, where that is known (people: from one on). Else, where readings
    have two states (``between-class variance / variance >= 0.78`` at the best split) or always a
    changing load, by 10 % of its highest readings. A stream that only ever shows noise around zero
    or one level does not tell.
    """
    if len(series) < 3:
        return None
    value = np.abs(series.value)
    if device.kind == "count":
        return _above(series, value, 0.5)
    if np.isfinite(device.high) and device.high > 0:
        return _above(series, value, _OF_RANGE * device.high)
    if not np.any(value > 0):
        return _above(series, value, 1.0)
    highest = float(np.quantile(value, 0.98)) or float(value.max())
    explained, split = two_states(value)
    if explained >= _TWO_STATES:
        rest = float(np.median(value[value <= split]))
        return _above(series, value, rest + _OF_HIGHEST * (highest - rest))
    return _above(series, value, _OF_HIGHEST * highest) if _always(value, highest) else None


def _above(series: Series, value: F64, level: float) -> Work:
    return Work(Series(series.time, (value > level).astype(np.float64)), level)


def _always(value: F64, highest: float) -> bool:
    low = float(np.quantile(value, 0.05))
    return low > 0.3 * highest and float(value.std()) > _LOADED * float(value.mean())


def two_states(value: F64) -> tuple[float, float]:
    """The part of the variance of values (n,) that the best split in two explains, and the highest
    value below that split (Otsu's criterion, IEEE Trans. SMC 9:62, 1979); 0 of constants."""
    ordered = np.sort(value)
    n, variance = len(ordered), float(ordered.var())
    if n < 2 or variance <= 0:
        return 0.0, float(ordered[-1]) if n else 0.0
    below = np.cumsum(ordered)[:-1]
    count = np.arange(1, n)
    first, second = below / count, (ordered.sum() - below) / (n - count)
    between = count * (n - count) / n**2 * (first - second) ** 2
    best = int(np.argmax(between))
    return float(between[best] / variance), float(ordered[best])
