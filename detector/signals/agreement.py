"""How well two showings of motion agree over a stretch, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import STEP_S
from detector.signals.motion import F32, I64, TELLING, Motion
from detector.signals.recurrence import Overlap, correlation, overlap, sharpened
from detector.signals.runs import centred_sum

F64 = NDArray[np.float64]

#: A step counts by at most so many times the median energy: one cut, one flood of light does not
#: make two showings alike.
_MOST = 4.0
#: Correlation that a part of a stretch must have to tell its lag.
_PART = 0.3


@dataclass(frozen=True)
class Match:
    """A stretch [first, last] of own steps in which both show the same motion.

    ``r`` correlation over the stretch; ``null`` the highest correlation the same stretch has with
    the other stream's other parts; ``tiles`` effective number of tiles that carry the agreement;
    ``telling_s`` seconds in which something moved; ``similarity`` (m,) per second; ``lag`` in
    steps, with its fraction; ``rest`` the correlation of what is left of both without their
    strongest common pattern over the tiles (a light that changes, one machine that shakes);
    ``drift_s`` by how much the lag differs between the thirds of the agreement, s: a replay keeps
    its lag, two runs of a machine do not.
    """

    first: int
    last: int
    lag: float
    r: float
    null: float
    tiles: float
    telling_s: float
    similarity: F64
    rest: float
    drift_s: float

    @property
    def surprise(self) -> float:
        """Seconds of motion x log of what chance leaves unexplained to what the match leaves."""
        unexplained = max(1 - self.r, 0.02)
        return self.telling_s * float(np.log(max(1 - max(self.null, 0.0), 1e-6) / unexplained))


@dataclass(frozen=True)
class Least:
    """Figures (:class:`Match`) that a stretch must have, at least or at most, to be one."""

    r: float = -1.0
    tiles: float = 0.0
    telling_s: float = 0.0
    rest: float = -1.0
    surprise: float = -np.inf
    drift_s: float = np.inf  # at most


def measure(
    other: Motion, lag: float, both: Overlap, at: tuple[int, int], least: Least | None = None
) -> Match | None:
    """Figures of one stretch, its ends sharpened to where it agrees as well as in its middle; None
    where it lacks what it must have, which is told by the cheap figures first."""
    limits = least or Least()
    at = sharpened(both, at, 0.7 * correlation(both, at))
    part = slice(at[0], at[1] + 1)
    a, b = both.own[part], both.other[part]
    energy_a, energy_b = np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b)
    telling = energy_a > TELLING
    even_a, even_b = _evened(a, b)
    shared = np.clip(np.einsum("ij,ij->j", a, b).astype(np.float64), 0, None)
    match = Match(
        first=int(both.step[at[0]]),
        last=int(both.step[at[1]]),
        lag=lag,
        r=_r(even_a, even_b),
        null=0.0,  # until it is known, it may be as low
        tiles=float(shared.sum() ** 2 / np.square(shared).sum()) if shared.any() else 0.0,
        telling_s=float(telling.sum()) * STEP_S,
        similarity=_similarity(np.einsum("ij,ij->i", a, b), energy_a, energy_b),
        rest=1.0,
        drift_s=0.0,
    )
    if match.r < limits.r or match.tiles < limits.tiles or match.telling_s < limits.telling_s:
        return None
    if match.surprise < limits.surprise:
        return None
    drift_s = _drift(Motion(both.step[part], a), other, round(lag)) * STEP_S
    if drift_s > limits.drift_s or (rest := _rest(even_a, even_b)) < limits.rest:
        return None
    null = _null(a, both.step[part], other, round(lag))
    return replace(match, null=null, rest=rest, drift_s=drift_s)


def _r(a: F32, b: F32) -> float:
    norm = float(np.sqrt(np.einsum("ij,ij->", a, a) * np.einsum("ij,ij->", b, b)))
    return float(np.einsum("ij,ij->", a, b)) / norm if norm > 0 else 0.0


def _evened(a: F32, b: F32) -> tuple[F32, F32]:
    """Both with their strongest steps brought down to ``_MOST`` times the median energy."""
    energy = np.maximum(np.einsum("ij,ij->i", a, a), np.einsum("ij,ij->i", b, b))
    telling = energy[energy > TELLING]
    most = _MOST * float(np.median(telling)) if len(telling) else TELLING
    weight = np.sqrt(np.minimum(1.0, most / np.maximum(energy, 1e-9))).astype(np.float32)[:, None]
    return a * weight, b * weight


def _rest(a: F32, b: F32) -> float:
    """Correlation without the strongest pattern that both have in common."""
    mean = a + b
    _, vectors = np.linalg.eigh(mean.T @ mean)
    strongest = vectors[:, -1]
    rest_a, rest_b = (x - np.outer(x @ strongest, strongest) for x in (a, b))
    return _r(rest_a, rest_b)


def _drift(own: Motion, other: Motion, lag: int) -> float:
    """Largest difference, in steps, of the lags at which the thirds of a stretch agree best."""
    shifts = range(-2, 3)
    at = {k: overlap(own, other, lag + k) for k in shifts}
    cross = np.einsum("ij,ij->i", at[0].own, at[0].other).clip(0)
    total = np.cumsum(cross, dtype=np.float64)
    if not len(total) or total[-1] <= 0:
        return 0.0
    ends = at[0].step[np.searchsorted(total, total[-1] * np.array([1 / 3, 2 / 3]))]
    lags = []
    for first, last in pairwise([own.step[0] - 1, *ends.tolist(), own.step[-1]]):
        inside = {k: (both.step > first) & (both.step <= last) for k, both in at.items()}
        r = {k: _r(both.own[inside[k]], both.other[inside[k]]) for k, both in at.items()}
        best = max((-1, 0, 1), key=lambda k: r[k])
        bend = 2 * r[best] - r[best - 1] - r[best + 1]
        if r[best] >= _PART and bend > 0:
            lags.append(best + (r[best + 1] - r[best - 1]) / (2 * bend))
    return float(np.ptp(lags)) if lags else 0.0


def _similarity(cross: F32, own: F32, other: F32) -> F64:
    """Correlation per second of the stretch, over 3 s; NaN where nothing moved."""
    sums = [centred_sum(x, 7) for x in (cross, own, other)]
    norm = np.sqrt(sums[1] * sums[2])
    value = np.full(len(cross), np.nan)
    np.divide(sums[0], norm, out=value, where=norm > 15 * TELLING / 2)
    return value[:: round(1 / STEP_S)]


def _null(own: F32, steps: I64, other: Motion, lag: int) -> float:
    """Highest correlation of the stretch with other parts of the other stream than its match."""
    if len(own) > 300:  # a minute tells enough, and chance correlations only shrink with length
        busy = int(np.argmax(np.convolve(np.einsum("ij,ij->i", own, own), np.ones(300), "valid")))
        own, steps = own[busy : busy + 300], steps[busy : busy + 300]
    n = 1 << int(np.ceil(np.log2(len(own) + len(other))))
    spectrum = np.fft.rfft(other.change, n, axis=0) * np.conj(np.fft.rfft(own, n, axis=0))
    product = np.fft.irfft(spectrum.sum(axis=1), n)[: len(other) - len(own) + 1]
    if not len(product):
        return 0.0
    total = np.concatenate([[0.0], np.cumsum(other.energy, dtype=np.float64)])
    energy = total[len(own) :] - total[: -len(own)]
    size = float(np.einsum("ij,ij->", own, own))
    r = product / np.sqrt(np.maximum(energy, 0.1 * size) * size + 1e-9)
    starts = other.step[: len(r)]
    elsewhere = np.abs(starts - (steps[0] - lag)) > 10
    elsewhere &= np.abs(starts - steps[0]) > 10
    return float(r[elsewhere].max()) if elsewhere.any() else 0.0
