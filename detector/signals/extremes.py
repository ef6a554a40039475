"""How large the largest of a stream's values usually is, told from its other large ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def usual_largest(values: F64, skipped: int = 3, chance: float = 0.02, at_least: int = 30) -> float:
    """The value that one of ``values`` (n,) >= 0 exceeds by itself with the given chance.

    ``x(m) * (m / chance) ** (1 / alpha)`` with the Pareto index alpha of the values from the m-th
    largest down (Hill 1975), m = ``skipped`` + 1: so many of the largest may be falsified without
    being taken for usual. NaN of fewer than ``at_least`` positive values.
    """
    positive = np.sort(values[values > 0])[::-1]
    if len(positive) < at_least:
        return float("nan")
    tail = positive[skipped : skipped + max(10, int(np.sqrt(len(positive))))]
    logs = np.log(tail[:-1] / tail[-1])
    mean = float(logs.mean())
    if mean <= 1e-9:
        return float(tail[0])
    alpha = max(1.0 / mean, 0.5)
    return float(tail[0] * ((skipped + 1) / chance) ** (1 / alpha))
