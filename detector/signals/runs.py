"""Runs and running sums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def centred_sum(values: NDArray[np.generic], reach: int) -> F64:
    """Sum of each value and its ``reach`` neighbours on either side, float64 (n,)."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    index = np.arange(len(values))
    return np.asarray(
        total[np.minimum(index + reach + 1, len(values))] - total[np.maximum(index - reach, 0)]
    )


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Index ranges [first, last] of the stretches in which a mask (n,) is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]


def distance(times: F64, known: F64) -> F64:
    """Distance of each time (n,) to the nearest of the ``known`` ones (k,), inf where k is 0."""
    if not len(known):
        return np.full(len(times), np.inf)
    after = np.clip(np.searchsorted(known, times), 0, len(known) - 1)
    before = np.clip(after - 1, 0, None)
    return np.asarray(np.minimum(np.abs(known[after] - times), np.abs(times - known[before])))
