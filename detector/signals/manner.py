"""The manner in which readings run, window by window: measures for `unlike`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Readings of a window, and from one to the next.
WINDOW, HOP = 64, 16
#: Windows that share readings with one on either side, and itself.
OVERLAP = WINDOW // HOP

#: What white noise of any size measures by the first six of :func:`manner`.
WHITE = np.array([np.log(3), 0.0, 0.0, 2 / 3, np.log(0.6745**2), 0.0])
#: Of the measures by :func:`manner`, those of size: spread and step.
SIZES = (6, 7)
#: The one of how many steps are 0.
STILL = 5
#: Which way a squeezed signal's measures by :func:`upper` differ.
SQUEEZED = np.array([-1.2, -1.1, -0.5, -0.5, -1.2, 0.0, 0.0])


def manner(value: F64) -> F64:
    """Eight measures (8, windows) of values (n,).

    Logarithms of mean square: changes of steps / steps, differences over 4 readings / steps, over
    16 / over 4; part of the steps that turn; logarithm of the median square step / mean square
    one; part of the steps that are 0; logarithms of spread and of step.
    """
    window = _windows(value)
    least = 1e-4 * float(np.var(value)) + 1e-300
    step = np.diff(window, axis=1)
    sign = np.sign(step)
    square = _size(step) + least
    over_4 = _size(window[:, 4:] - window[:, :-4]) + least
    over_16 = _size(window[:, 16:] - window[:, :-16]) + least
    middle = _quantiles(np.abs(step), 0.5)[0] ** 2 + least
    return np.array(
        [
            np.log((_size(np.diff(step, axis=1)) + least) / square),
            np.log(over_4 / square),
            np.log(over_16 / over_4),
            np.mean(sign[:, 1:] * sign[:, :-1] < 0, axis=1),
            np.log(middle / square),
            np.mean(sign == 0, axis=1),
            0.5 * np.log(window.var(axis=1) + least),
            0.5 * np.log(square),
        ]
    )


def shape(value: F64) -> F64:
    """Six measures (6, windows) of values (n,) that do not depend on their level, size and power
    spectrum, and vanish where the phases of the spectrum are random (Theiler et al. 1992).

    Skewness; distance of the 10th and 90th percentile from the median, difference / sum; size of
    the steps against the level, correlation; skewness of the steps; asymmetry under reversal of
    time, mean of x^2 y - x y^2 of neighbours / spread cubed; logarithm of the kurtosis.
    """
    window = _windows(value)
    whole = float(np.std(value)) + 1e-300
    step = np.diff(window, axis=1)
    away = window - window.mean(axis=1, keepdims=True)
    square = np.square(away)
    spread = np.sqrt(square.mean(axis=1)) + 1e-9 * whole
    size = np.abs(step)
    size -= size.mean(axis=1, keepdims=True)
    low, middle, high = _quantiles(window, 0.1, 0.5, 0.9)
    sizes = spread * np.sqrt(np.square(size).mean(axis=1)) + 1e-300
    squares = np.square(step)
    steps = squares.mean(axis=1) ** 1.5 + 1e-12 * whole**3
    before, after = away[:, :-1], away[:, 1:]
    return np.array(
        [
            (square * away).mean(axis=1) / (spread**3 + 1e-12 * whole**3),
            (high + low - 2 * middle) / (high - low + 1e-9 * whole),
            (after * size).mean(axis=1) / sizes,
            (squares * step).mean(axis=1) / steps,
            -(before * after * step).mean(axis=1) / spread**3,
            np.log(np.square(square).mean(axis=1) + 1e-12 * whole**4)
            - 2 * np.log(square.mean(axis=1) + 1e-6 * whole**2),
        ]
    )


def upper(value: F64) -> F64:
    """Seven measures (7, windows) of the upper part of values (n,) against their lower one.

    Logarithms of 90th percentile less median / median less 10th, and of steps above / below the
    window's median; logarithms of spread and of step; highest and lowest value, in standard
    deviations from the series' median; part of the values above it.
    """
    window = _windows(value)
    size = float(np.std(value)) + 1e-300
    step = np.abs(np.diff(window, axis=1))
    low, middle, high = _quantiles(window, 0.1, 0.5, 0.9)
    above = (window[:, 1:] + window[:, :-1]) / 2 > middle[:, None]
    up = (step * above).sum(axis=1) / np.maximum(above.sum(axis=1), 1)
    down = (step * ~above).sum(axis=1) / np.maximum((~above).sum(axis=1), 1)
    least, still = 0.02 * size, 0.05 * float(step.mean()) + 1e-300
    level = float(np.median(value))
    return np.array(
        [
            np.log((high - middle + least) / (middle - low + least)),
            np.log((up + still) / (down + still)),
            np.log(window.std(axis=1) + least),
            np.log(step.mean(axis=1) + still),
            (window.max(axis=1) - level) / size,
            (window.min(axis=1) - level) / size,
            (window > level).mean(axis=1),
        ]
    )


def rows_of(first: int, last: int) -> tuple[int, int]:
    """Readings from the middle of the first to that of the last of the windows [first, last]: a
    window is unlike others as soon as it reaches into what is."""
    return first * HOP + WINDOW // 2, last * HOP + WINDOW // 2 - 1


def _windows(value: F64) -> F64:
    return np.asarray(np.lib.stride_tricks.sliding_window_view(value, WINDOW)[::HOP])


def _quantiles(window: F64, *parts: float) -> list[F64]:
    """Quantiles of each row, as numpy's; short rows are faster to sort than to part."""
    rising = np.sort(window, axis=1)
    at = [part * (window.shape[1] - 1) for part in parts]
    return [
        rising[:, int(a)]
        + (a - int(a)) * (rising[:, min(int(a) + 1, window.shape[1] - 1)] - rising[:, int(a)])
        for a in at
    ]


def _size(difference: F64) -> F64:
    return np.asarray(np.square(difference).mean(axis=1))
