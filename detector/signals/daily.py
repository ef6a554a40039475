"""What part of a sensor's readings goes with the hour of the day, day by day: measures for
`unlike`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.signals.series import Series

F64 = NDArray[np.float64]

#: Seconds of a window, and from one to the next.
WINDOW_S, HOP_S = 86400.0, 21600.0
#: Windows that share readings with one on either side, and itself.
OVERLAP = 4
#: Readings that a day has at least, and part of the usual number below which it tells nothing.
_LEAST, _ENOUGH = 8, 0.8
#: Days that a rhythm needs to be known.
_DAYS = 24


def daily(series: Series) -> F64 | None:
    """Four measures (4, windows) of windows of a day, one each quarter of a day from the first
    reading on; None of fewer than 24 days or 8 readings a day.

    Correlations of the readings with cosine and sine of a day and of half a day: how strong the
    rhythm is, and at what hour. Windows with too few readings have the measures of the median.
    """
    if len(series) < _LEAST * _DAYS or np.ptp(series.time) < _DAYS * WINDOW_S:
        return None
    first = series.time[0]
    begins = np.arange(first, series.time[-1] - WINDOW_S + 1.0, HOP_S)
    rows = np.searchsorted(series.time, [begins, begins + WINDOW_S])
    value = series.value - np.median(series.value)
    turn = np.exp(-2j * np.pi * ((series.time / WINDOW_S) % 1.0))
    count = (rows[1] - rows[0]).astype(np.float64)
    enough = count >= max(_LEAST, _ENOUGH * float(np.median(count)))
    if enough.sum() < 2 * _DAYS:
        return None
    mean, square = _means(value, rows), _means(value * value, rows)
    spread = np.sqrt(np.maximum(square.real - mean.real**2, 0.0)) + 1e-9 * float(np.std(value))
    measures = []
    for wave in (turn, turn * turn):
        part = (_means(value * wave, rows) - mean * _means(wave, rows)) / (spread + 1e-300)
        measures += [part.real, part.imag]
    told = np.array(measures)
    told[:, ~enough] = np.median(told[:, enough], axis=1, keepdims=True)
    return told


def _means(value: NDArray[np.inexact], rows: NDArray[np.intp]) -> NDArray[np.complex128]:
    total = np.concatenate([[0.0], np.cumsum(value)]).astype(np.complex128)
    return np.asarray((total[rows[1]] - total[rows[0]]) / np.maximum(rows[1] - rows[0], 1))
