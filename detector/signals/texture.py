"""How readings run from one to the next, stretch by stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Readings of a stretch.
WINDOW = 64
#: Readings from one stretch to the next.
STRIDE = 32


def textures(value: F64) -> tuple[NDArray[np.intp], F64]:
    """First rows (k,) of the stretches that change in at least a quarter of their steps, and of
    each three natural logarithms (k, 3): of mean square step / variance (von Neumann's ratio: 2 of
    white noise, near 0 of what wanders slowly), of mean square change of the step / mean square
    step (3 of white noise, 2 of a random walk, near 0 of a smooth curve), and of that change itself
    (the noise of the device, whatever it measures).
    """
    if len(value) < WINDOW:
        return np.zeros(0, dtype=np.intp), np.zeros((0, 3))
    windows = np.lib.stride_tricks.sliding_window_view(value, WINDOW)[::STRIDE]
    step = np.diff(windows, axis=1)
    use = np.count_nonzero(step, axis=1) >= WINDOW // 4
    windows, step = windows[use], step[use]
    variance = windows.var(axis=1)
    square = np.square(step).mean(axis=1)
    bend = np.square(np.diff(step, axis=1)).mean(axis=1)
    least = 1e-12 * max(float(np.var(value)), 1e-300)
    square, variance, bend = square + least, variance + least, bend + least
    measures = np.log([square / variance, bend / square, bend])
    return np.flatnonzero(use) * STRIDE, np.asarray(measures.T, dtype=np.float64)
