"""The stretch of a series that is most unlike all its others, by several measures of it at once.

Block-wise calibration on the series itself: what a stretch scores is compared with what the other
stretches of the same length score, so a series that changes its ways by itself must change them out
of proportion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

#: Stretches of one length that fit into the whole at least, and at most up to a given length.
_FIT, _AT_MOST, _LONG = 12, 60, 128
#: Part of the whole around the most unlike stretch that does not tell what is usual.
_AROUND = 0.06
#: How far beyond its 95th percentile a deviation counts.
_CLIP = 1.5
_RIDGE = 0.1
#: Standard errors that are never too many.
_NOISE = 1.5
#: Part of a stretch's score that windows beside it need to belong to it.
_BELONGS = 0.5


@dataclass(frozen=True)
class Unlike:
    """Windows [first, last] that are ``ratio`` times as unlike the whole as others ever are;
    ``apart`` (k,): how far each measure lies from its median there."""

    first: int
    last: int
    ratio: float
    apart: F64


def most_unlike(
    measures: F64,
    overlap: int,
    towards: F64 | None = None,
    bounds: F64 | None = None,
    least: float = 0.25,
) -> Unlike | None:
    """The most unlike stretch of windows by measures (k, windows); None of too few windows.

    Each window shares readings with ``overlap`` - 1 others on either side. A stretch's score: the
    Mahalanobis distance of its mean measures from the medians, or, ``towards`` deviations (k,)
    that are looked for, its projection on them (Fisher's discriminant). Stretches in which no
    measure lies as low as its negative bound (``bounds`` (k,), 0: none) are passed over. ``least``:
    a score, in standard deviations of single windows, that is never too high.
    """
    count = measures.shape[1]
    middle = np.median(measures, axis=1, keepdims=True)
    apart = measures - middle
    most = _CLIP * np.quantile(np.abs(apart), 0.95, axis=1, keepdims=True)
    most[most <= 0] = 1e-3
    apart = np.clip(apart, -most, most)
    spread = apart @ apart.T / max(count, 1)
    spread += np.diag(_RIDGE * np.diag(spread) + 1e-12)
    total = np.concatenate([np.zeros((len(apart), 1)), np.cumsum(apart, axis=1)], axis=1)
    best: Unlike | None = None
    size = 2 * overlap
    while size * _FIT <= count:
        if size >= min(count / _AT_MOST, _LONG * overlap / 4):
            found = _of_size(total, spread, size, towards, bounds, least)
            if found is not None and (best is None or found.ratio > best.ratio):
                best = found
        size *= 2
    return None if best is None else _whole(best, apart, spread, overlap)


def _of_size(
    total: F64,
    spread: F64,
    size: int,
    towards: F64 | None,
    bounds: F64 | None,
    least: float,
) -> Unlike | None:
    hop = max(1, size // 4)
    mean = (total[:, size::hop] - total[:, :-size:hop]) / size
    mean -= np.median(mean, axis=1, keepdims=True)
    if towards is None:
        square = np.einsum("ij,ij->j", mean, np.linalg.solve(spread, mean))
        score = np.sqrt(np.maximum(square - np.median(square), 0.0))
    else:
        score = _axis(spread, towards) @ mean
    chosen = score
    if bounds is not None:
        low = (mean <= bounds[:, None]) & (bounds[:, None] < 0)
        chosen = np.where(low.any(axis=0), score, -np.inf)
    at = int(np.argmax(chosen))
    beside = max(1.5 * size, _AROUND * (total.shape[1] - 1))
    rest = score[np.abs(np.arange(len(score)) - at) * hop >= beside]
    if not np.isfinite(chosen[at]) or not len(rest):
        return None
    noise = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    usual = max(float(rest.max()), _NOISE * noise, least)
    return Unlike(at * hop, at * hop + size - 1, float(score[at]) / usual, mean[:, at])


def _axis(spread: F64, towards: F64) -> F64:
    axis = np.linalg.solve(spread, towards)
    return np.asarray(axis / np.sqrt(max(float(towards @ axis), 1e-12)))


def _whole(found: Unlike, apart: F64, spread: F64, overlap: int) -> Unlike:
    """The stretch without the windows at its ends that are not unlike, and with those beside it
    that are as unlike in the same way."""
    along = _axis(spread, found.apart) @ apart
    inside = slice(found.first, found.last + 1)
    near = np.convolve(along, np.ones(overlap - 1) / (overlap - 1), "same")[inside]
    own = np.flatnonzero(near >= _BELONGS * near.max())
    first, last = found.first + int(own[0]), found.first + int(own[-1])
    kernel = np.ones(2 * overlap) / (2 * overlap)
    fits = np.convolve(along, kernel, "same") >= _BELONGS * float(np.median(along[inside]))
    if first == found.first:
        while first > 0 and fits[first - 1]:
            first -= 1
    if last == found.last:
        while last + 1 < len(fits) and fits[last + 1]:
            last += 1
    return Unlike(first, last, found.ratio, found.apart)
