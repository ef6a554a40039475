"""Stretches of readings that are alike beyond chance: with noise, another scale, another level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]

#: Rows of a window that is compared.
WINDOW = 96
#: Rows from one window to the next.
STRIDE = 48
#: Rows compared at most; longer series are averaged first.
MOST = 20_000


@dataclass(frozen=True)
class Alike:
    """Rows [first, last] are like those ``lag`` rows before; ``r``: their correlation; ``excess``:
    by how much it lies above the next best of other lags, in its standard errors."""

    first: int
    last: int
    lag: int
    r: float
    excess: float


def averaged(value: F64, rows: int) -> F64:
    """Means of every ``rows`` values (n // rows,)."""
    n = len(value) // rows * rows
    return np.asarray(value[:n].reshape(-1, rows).mean(axis=1))


def changes(value: F64) -> F32:
    """Steps between values, large ones cut to three times the usual size: what is compared."""
    step = np.diff(value)
    moving = np.abs(step[step != 0])
    size = 3 * float(np.median(moving)) if len(moving) else 0.0
    return np.clip(step, -size, size).astype(np.float32)


def own_past(change: F32) -> list[Alike]:
    """Windows of (n,) changes that are like an earlier part, linked where the lag is the same."""
    n = len(change)
    if n < 3 * WINDOW:
        return []
    positions = np.lib.stride_tricks.sliding_window_view(change, WINDOW)
    norm = np.sqrt(np.maximum(np.einsum("ij,ij->i", positions, positions), 1e-20))
    lively = np.count_nonzero(positions, axis=1) >= WINDOW // 4
    starts = np.arange(WINDOW, n - WINDOW + 1, STRIDE)
    found: list[tuple[int, int, float, float]] = []
    for block in np.array_split(starts, max(1, len(starts) // 64)):
        product = positions[block] @ positions.T
        product /= norm[block][:, None] * norm[None, :]
        product[:, ~lively] = 0
        for row, start in enumerate(block):
            if lively[start]:
                found.append((int(start), *_best(product[row, : start - WINDOW + 1])))
    return _linked(found)


def _best(r: F32) -> tuple[int, float, float]:
    """Place of the best correlation, it, and the best one elsewhere."""
    at = int(np.argmax(r))
    elsewhere = np.concatenate([r[: max(at - WINDOW // 4, 0)], r[at + WINDOW // 4 :]])
    return at, float(r[at]), float(elsewhere.max()) if len(elsewhere) else 0.0


def _linked(found: list[tuple[int, int, float, float]]) -> list[Alike]:
    """Windows in a row with the same lag, within a row, as one."""
    linked: list[Alike] = []
    for start, at, r, second in found:
        lag = start - at
        limit = 1 - 1e-6
        excess = np.arctanh(min(r, limit)) - np.arctanh(min(max(second, 0.0), limit))
        excess = float(excess * np.sqrt(WINDOW))
        last = linked[-1] if linked else None
        if last and abs(last.lag - lag) <= 1 and start <= last.last + 1:
            joined = float(np.hypot(last.excess, excess))
            linked[-1] = Alike(last.first, start + WINDOW, last.lag, max(last.r, r), joined)
        else:
            linked.append(Alike(start, start + WINDOW, lag, r, excess))
    return linked
