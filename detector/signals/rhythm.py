"""The rhythm of packet sizes: where a long recording may show what another does, for nothing.

Packets of the same content, encoded again, grow and shrink alike. Over a minute that is enough to
choose where to look, never for a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.runs import centred_sum, runs

F64 = NDArray[np.float64]

#: Seconds of one step.
STEP_S = 0.2
#: Seconds over which a rhythm must agree.
SPAN_S = 60.0
#: How far agreement must rise above that of other lags, in robust standard deviations.
RISE = 6.0
#: Lags followed up per pair.
MOST = 2


@dataclass(frozen=True)
class Rhythm:
    """Log of the mean packet size between key frames per step (n,): as it is, and less its mean
    over 4 s."""

    level: F64
    beat: F64

    def quiet(self, at_least_s: float) -> list[tuple[float, float]]:
        """Stretches (s) in which packets are less than a third of their usual size."""
        usual = float(np.median(self.level))
        smooth = centred_sum(self.level, 2) / np.maximum(
            centred_sum(np.ones(len(self.level)), 2), 1
        )
        found = runs(smooth <= usual - np.log(3.0))
        return [
            (a * STEP_S, (b + 1) * STEP_S) for a, b in found if (b + 1 - a) * STEP_S >= at_least_s
        ]


def rhythm_of(time: F64, size: NDArray[np.int32], key: NDArray[np.bool_]) -> Rhythm:
    """Rhythm of the packets at ``time`` (n,) s with ``size`` (n,) bytes."""
    steps = np.maximum((time / STEP_S + 1e-6).astype(np.int64), 0)
    count = int(steps.max(initial=0)) + 1
    between = ~key
    total = np.bincount(steps[between], size[between], count)
    number = np.bincount(steps[between], minlength=count)
    known = number > 0
    if not known.any():
        return Rhythm(np.zeros(count), np.zeros(count))
    mean = np.log(np.maximum(total[known] / number[known], 1.0))
    level = np.interp(np.arange(count), np.flatnonzero(known), mean)
    around = centred_sum(level, 10) / centred_sum(np.ones(count), 10)
    return Rhythm(level, level - around)


def likeness(own: Rhythm, other: Rhythm) -> list[tuple[float, float]]:
    """(at s in ``own``, lag s) of the lags at which rhythms agree far more than at others."""
    span = round(SPAN_S / STEP_S)
    if len(own.beat) < 2 * span or len(other.beat) < span:
        return []
    found: list[tuple[float, float, float]] = []
    for start in range(0, len(own.beat) - span + 1, span // 2):
        agreement = _agreement(own.beat[start : start + span], other.beat)
        if len(agreement) < span:
            continue
        spread = 1.4826 * float(np.median(np.abs(agreement - np.median(agreement)))) + 1e-6
        best = int(np.argmax(agreement))
        rise = float(agreement[best] - np.median(agreement)) / spread
        if rise >= RISE:
            found.append((rise, (start + span / 2) * STEP_S, (start - best) * STEP_S))
    found.sort(reverse=True)
    return [(at, lag) for _, at, lag in found[:MOST]]


def _agreement(part: F64, whole: F64) -> F64:
    """Correlation of a part with every equally long stretch of the whole."""
    n = 1 << int(np.ceil(np.log2(len(whole) + len(part))))
    product = np.fft.irfft(np.fft.rfft(whole, n) * np.conj(np.fft.rfft(part, n)), n)
    total = np.concatenate([[0.0], np.cumsum(whole**2)])
    energy = total[len(part) :] - total[: -len(part)]
    return np.asarray(
        product[: len(energy)] / np.sqrt(np.maximum(energy, 1e-9) * float(part @ part) + 1e-9)
    )
