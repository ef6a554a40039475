"""Whether readings follow each other as independent numbers do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Distances between readings, near and far.
_LAGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
#: Standard deviations by which the mean square of these correlations may exceed what it is of white
#: noise.
_MOST = 5.0


def is_white(value: F64) -> bool:
    """Whether values (n,) are white noise by a portmanteau test (Ljung and Box 1978).

    The outer sixths are left out: the ends of a stretch are seldom known exactly. Noise of a sensor
    on a level that wanders fails by its far correlations, however rough it is.
    """
    inner = value[len(value) // 6 : len(value) - len(value) // 6]
    n = len(inner)
    lags = [lag for lag in _LAGS if lag <= n // 4]
    away = inner - inner.mean()
    size = float(away @ away)
    if not lags or size <= 0:
        return False
    squares = [float(away[lag:] @ away[:-lag] / size) ** 2 * n * n / (n - lag) for lag in lags]
    return float(np.mean(squares)) < 1 + _MOST * float(np.sqrt(2 / len(squares)))
