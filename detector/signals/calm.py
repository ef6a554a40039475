"""How little a stream moves, stretch by stretch: the air at a place moves as what is done there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.relation import LEAST_ROWS, WINDOWS

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Windows of a stretch.
_SIZES = (4, 8, 16, 32)
#: Logarithm by which movements may always drop; part of the usual below which none is told apart.
_LEAST, _NOTHING = 0.35, 1e-3
#: Part of the levels elsewhere below which a stretch lies low.
_LOW = 0.1
#: Part of a drop by which the windows beside belong to it.
_BESIDE = 0.5


@dataclass(frozen=True)
class Calm:
    """Windows [first, last], at a level as low as hardly ever, in which a stream moves least.

    * ``left``: what is left of its usual movements, of spread or steps, whichever is more;
    * ``ratio``: the logarithm of that / the least elsewhere.
    """

    first: int
    last: int
    left: float
    ratio: float


@dataclass(frozen=True)
class Movements:
    """Of every stretch of ``size`` windows: its level, the drop of its movements against the usual
    (logarithm), and whether at least half of it is known."""

    size: int
    level: F64
    drop: F64
    use: Bools


def movements(value: F64, known: Bools) -> list[Movements]:
    """Movements of values (n,) in stretches of every size; none of too few rows."""
    rows = len(value) // WINDOWS
    if rows < LEAST_ROWS:
        return []
    step = np.abs(np.diff(value, prepend=value[:1]))
    y, s, there = (
        v[: rows * WINDOWS].reshape(WINDOWS, rows) for v in (value - np.median(value), step, known)
    )
    sums = [(there * v).sum(axis=1) for v in (np.ones_like(y), y, y * y, s)]
    total = np.concatenate([np.zeros((4, 1)), np.cumsum(sums, axis=1)], axis=1)
    return [_of_size(total, size, rows) for size in _SIZES]


def _of_size(total: F64, size: int, rows: int) -> Movements:
    n, y, yy, s = total[:, size:] - total[:, :-size]
    use = n >= size * rows / 2
    n = np.maximum(n, 1)
    spread, step = np.sqrt(np.maximum(yy / n - (y / n) ** 2, 0.0)), s / n
    drops = [_drop(m, use) for m in (spread, step)]
    return Movements(size, y / n, np.minimum(*drops), use)


def _drop(moved: F64, use: Bools) -> F64:
    """Logarithm of the usual movement / that of each stretch; the usual one is the mean where most
    stretches do not move."""
    usual = float(np.median(moved[use])) if use.any() else 0.0
    usual = usual or (float(moved[use].mean()) if use.any() else 0.0)
    return np.asarray(-np.log(moved / (usual or 1.0) + _NOTHING))


def calmest(of: list[Movements]) -> Calm | None:
    """The stretch at a low level that moves least against the least elsewhere; None without."""
    found = [_calm(one) for one in of]
    best = max((c for c in found if c is not None), key=lambda c: c.ratio, default=None)
    return best and _whole(best, of[0])


def _calm(of: Movements) -> Calm | None:
    if np.count_nonzero(of.use) < 3 * of.size:
        return None
    low = of.use & (of.level <= np.quantile(of.level[of.use], 2.5 * _LOW))
    at = int(np.argmax(np.where(low, of.drop, -np.inf)))
    far = of.use & (np.abs(np.arange(len(of.drop)) - at) >= max(1.5 * of.size, 12))
    if np.count_nonzero(far) < 2 * of.size or of.level[at] > np.quantile(of.level[far], _LOW):
        return None
    elsewhere = max(float(of.drop[far].max()), _LEAST)
    drop = float(of.drop[at])
    return Calm(at, at + of.size - 1, float(np.exp(-drop)), drop / elsewhere)


def _whole(found: Calm, of: Movements) -> Calm:
    """The stretch with the windows beside it that move as little."""
    calm = ~of.use | (of.drop >= _BESIDE * -np.log(found.left))
    first, last = found.first, found.last
    while first > 0 and calm[first - 1]:
        first -= 1
    while last + 1 < WINDOWS and calm[last + 2 - of.size]:
        last += 1
    return Calm(first, last, found.left, found.ratio)


def drop_at(of: list[Movements], first: int, last: int) -> float:
    """The drop of a stream's movements in windows [first, last]: the median of the stretches, of
    the largest size that fits, that lie within; 0 where too little is known."""
    fitting = [one for one in of if one.size <= last - first + 1]
    if not fitting:
        return 0.0
    one = fitting[-1]
    within = slice(first, last + 2 - one.size)
    known = one.drop[within][one.use[within]]
    return float(np.median(known)) if len(known) else 0.0
