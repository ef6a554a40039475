"""The even steps in which a device reports its values, and where they become others.

A device counts in units of its own; what is reported are their multiples (plus an offset). Whoever
multiplies the readings multiplies the steps, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.runs import runs

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Bins into which the range of values is divided, and the least of them between two steps.
_BINS = 1 << 16
_APART = 4
#: Steps that the range must have at least, and steps a different value at most.
_LEAST, _SPARSE = 8, 32
#: How nearly values must lie on the steps: of values anywhere the resultant is 0, exactly on 1.
_NEARLY = 0.7
#: What n times the squared resultant of n values must exceed beyond the logarithm of how many wider
#: steps were tried: what values anywhere reach once in e^6 times.
_SURE = 6.0
#: Part of a step that counts as on it, to both sides.
_ON = 0.12
#: Parts of the readings, from the first on, of which the widest steps are the usual ones: a stretch
#: on others makes them finer.
_LEARNED = (0.5, 0.25, 0.125)
#: Part of readings off the steps above which a stretch is off them.
_OFF = 0.35
#: Readings of such a stretch at least, and windows into which the others are cut to know the usual.
_STRETCH, _PARTS = 48, 16
#: Part off the steps that is never too much.
_USUAL = 0.1
#: A factor beyond this or below its inverse is no scale.
_WIDEST = 12.0


@dataclass(frozen=True)
class Steps:
    """Values lie at ``phase`` + whole multiples of ``size``, with this ``resultant`` (0..1)."""

    size: float
    phase: float
    resultant: float

    def off(self, value: F64) -> Bools:
        """Which values (n,) do not lie on the steps."""
        part = (value - self.phase) / self.size
        return np.asarray(np.abs(part - np.round(part)) > _ON)


def steps_of(value: F64) -> Steps | None:
    """The widest steps on which nearly all different values lie; None where there are none.

    The resultant of the phases of all different values at every frequency (a periodogram of which
    values occur), each value once, as a device may stay at a few of them for long.
    """
    low, high = (float(value.min()), float(value.max())) if len(value) else (0.0, 0.0)
    if high <= low:
        return None
    bins = np.zeros(_BINS)
    place = np.round((value - low) / (high - low) * (_BINS - 1)).astype(np.int64)
    bins[place] = 1.0
    bins[1:][(bins[1:] > 0) & (bins[:-1] > 0)] = 0.0
    different = float(bins.sum())
    most = int(min(_BINS // _APART, _SPARSE * different))
    spectrum = np.abs(np.fft.rfft(bins, 2 * _BINS)) / different
    low_end, high_end = 2 * _LEAST, 2 * most
    if high_end <= low_end:
        return None
    found = spectrum[low_end:high_end]
    chance = (np.log(np.arange(low_end, high_end)) + _SURE) / different
    enough = found >= np.maximum(max(_NEARLY, 0.9 * float(found.max())), np.sqrt(chance))
    if not enough.any():
        return None
    at = int(np.argmax(enough))
    while at + 1 < len(found) and found[at + 1] > found[at]:
        at += 1
    return _refined(np.unique(value), (at + low_end) / 2 / (high - low))


def _refined(value: F64, frequency: float) -> Steps | None:
    """The steps at the frequency nearby that values lie on most nearly."""
    shown = value[:: max(1, len(value) // 4000)]
    width = 1.0 / (float(shown[-1]) - float(shown[0]))
    for _ in range(4):
        near = frequency + width * np.linspace(-0.6, 0.6, 13)
        sums = np.exp(-2j * np.pi * np.outer(near, shown)).mean(axis=1)
        best = int(np.argmax(np.abs(sums)))
        frequency, width = float(near[best]), width / 5
    resultant = complex(np.exp(-2j * np.pi * frequency * shown).mean())
    if abs(resultant) < _NEARLY:
        return None
    size = 1.0 / frequency
    return Steps(size, float(-np.angle(resultant) / (2 * np.pi)) * size, abs(resultant))


@dataclass(frozen=True)
class Resized:
    """Rows [first, last] of which the steps are ``factor`` times the usual ``size``.

    ``off``: part of them off the usual steps; ``beyond``: how many times what usually is.
    """

    first: int
    last: int
    factor: float
    size: float
    off: float
    beyond: float


def resized(value: F64) -> Resized | None:
    """The stretch of values (n,) that lie on steps of another size than the first ones; None where
    there are no steps, they stay, or neither level nor spread follows them."""
    known = [steps_of(value[: int(p * len(value))]) for p in _LEARNED]
    usual = max((k for k in known if k is not None), key=lambda k: k.size, default=None)
    if usual is None:
        return None
    off = usual.off(value)
    first, last = _most(off.astype(np.float64) - _OFF)
    if last - first + 1 < _STRETCH:
        return None
    inside = slice(first, last + 1)
    there = steps_of(value[inside])
    if there is None:
        return None
    factor = there.size / usual.size
    if not 1 / _WIDEST <= factor <= _WIDEST or not _follows(value, inside, factor):
        return None
    share, beside = float(off[inside].mean()), len(value) // _PARTS
    far = np.delete(off, np.s_[max(first - beside, 0) : last + 1 + beside])
    most = max((float(p.mean()) for p in np.array_split(far, _PARTS) if len(p)), default=1.0)
    return Resized(first, last, factor, usual.size, share, share / max(most, _USUAL))


def _most(worth: F64) -> tuple[int, int]:
    """The rows [first, last] of the largest sum (Kadane); to the end, where no more rows are left
    than are worth nothing in a row within."""
    total = np.concatenate([[0.0], np.cumsum(worth)])
    end = int(np.argmax(total - np.minimum.accumulate(total)))
    first, last = int(np.argmin(total[: end + 1])), end - 1
    within = runs(worth[first : last + 1] < 0)
    longest = max((b - a + 1 for a, b in within), default=0)
    return first, len(worth) - 1 if len(worth) - 1 - last <= longest else last


def _follows(value: F64, inside: slice, factor: float) -> bool:
    """Whether level or spread of a stretch follows its steps, rather than stays as just before: a
    device exchanged for one of another resolution measures the same."""
    whole = min(inside.stop - inside.start, inside.start)
    if whole < _STRETCH:
        return False
    told = []
    for rows in {whole, min(whole, max(len(value) // _PARTS, _STRETCH))}:
        after, before = value[inside][:rows], value[inside.start - rows : inside.start]
        sizes = [(size(after) + 1e-12) / (size(before) + 1e-12) for size in (_level, np.std)]
        told += [float(np.log(part)) for part in sizes]
    return any(abs(part - np.log(factor)) < abs(part) for part in told)


def _level(value: F64) -> float:
    return float(np.median(np.abs(value)))
