"""Echoes: stretches whose packets grow and shrink one by one as packets elsewhere did.

The same pictures coded again cost about as many bytes, picture by picture, far beyond what their
habits (a period of the coder or of a converted frame rate, a scene that calms) let expect. Taking
out what each packet's predecessors foretell leaves what is its own: of that, seconds are enough to
choose where to look, though never for a verdict, and reading packets costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.runs import centred_sum, runs

F64 = NDArray[np.float64]

#: Seconds of packets that foretell the next one, and of a stretch with habits of its own.
_HABIT_S, _STRETCH_S = 4.0, 30.0
#: Packets that foretell at most.
_MOST_PACKETS = 120
#: Standard deviations beyond which a packet counts no more.
_CLIP = 3.0
#: Where packets are on average so many times smaller than usual they say nothing: it is held.
_BARE = 8.0
#: Size of a surprise, in standard deviations, below which it is not told further.
_LEAST_SIZE = 0.1
#: Seconds of a stretch that is looked for, in the recording itself and in another, and how many
#: such stretches at most: those of long recordings are longer.
_SPAN_S = {True: 8.0, False: 60.0}
_STRETCHES = 600
#: Stretches of one recording that are looked for in another one, at most.
_TRIED = 20
#: Seconds between a stretch and its echo at least.
_LEAST_LAG_S = 2.0
#: How far agreement must rise above that of other lags, in robust standard deviations.
_RISE = 7.5
#: Agreement over so many s, at least so high, belongs to an echo; so long a pause ends it.
_NEAR_S, _AGREES, _PAUSE_S = 2.0, 0.3, 4.0
#: Echoes told of a pair at most.
_MOST = 2
#: Parts by which packet rates may differ.
_SAME_RATE = 0.003


@dataclass(frozen=True)
class Surprises:
    """What the predecessors of packets do not foretell: ``size`` (n,), in standard deviations, at
    ``time`` (n,) s; ``rate`` packets a second."""

    time: F64
    size: F64
    rate: float


@dataclass(frozen=True)
class Echo:
    """A stretch [start, end] s in which packets are as those ``lag`` s before, and how far that
    rises above other lags (robust standard deviations)."""

    start: float
    end: float
    lag: float
    rise: float


def surprises(time: F64, size: NDArray[np.int32], key: NDArray[np.bool_]) -> Surprises:
    """Surprises in packets of ``size`` (n,) bytes shown at ``time`` (n,) s; none in key frames."""
    order = np.argsort(time, kind="stable")
    time, key = time[order], key[order]
    logs = np.log(np.maximum(size[order], 1).astype(np.float64))
    seconds = float(time[-1] - time[0]) if len(time) > 1 else 0.0
    known = ~key if key.mean() < 0.5 else np.ones(len(key), dtype=bool)
    if seconds <= 0 or known.sum() < 2:
        return Surprises(time, np.zeros(len(time)), 0.0)
    rate = (len(time) - 1) / seconds
    logs = np.interp(np.arange(len(logs)), np.flatnonzero(known), logs[known])
    count = max(1, round(seconds / _STRETCH_S))
    order_of = int(min(_MOST_PACKETS, max(8, _HABIT_S * rate)))
    parts = [_unforetold(part, order_of) for part in np.array_split(logs, count)]
    half = max(1, round(_NEAR_S * rate / 2))
    around = centred_sum(np.exp(logs), half)
    bare = around < float(np.median(around)) / _BARE
    return Surprises(time, np.where(bare, 0.0, np.concatenate(parts)), rate)


def _unforetold(value: F64, order: int) -> F64:
    """What ``order`` predecessors foretell neither of value nor of size, in standard deviations."""
    left = _innovations(value, order)
    spread = float(left.std())
    if spread <= 1e-9:
        return np.zeros(len(value))
    size = np.log(np.abs(left) / spread + _LEAST_SIZE)
    foretold = size - size.mean() - _innovations(size, order)
    left = left / np.exp(foretold)
    told: F64 = np.clip(left / max(float(left.std()), 1e-9), -_CLIP, _CLIP)
    return told


def _innovations(value: F64, order: int) -> F64:
    """What linear prediction from ``order`` predecessors leaves of a series (n,)."""
    value = value - value.mean()
    order = min(order, len(value) // 6)
    if order < 1:
        return value
    power = np.abs(np.fft.rfft(value, 2 * len(value))) ** 2
    likeness = np.fft.irfft(power)[: order + 1]
    likeness[0] = likeness[0] * 1.001 + 1e-9
    apart = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    weights = np.linalg.solve(likeness[apart], likeness[1:])
    return np.convolve(value, np.concatenate([[1.0], -weights]))[: len(value)]


def echoes(own: Surprises, other: Surprises, same: bool) -> list[Echo]:
    """Echoes in ``own`` of what ``other`` (or, ``same``, itself) showed, the clearest first."""
    if not own.rate or abs(own.rate - other.rate) > _SAME_RATE * own.rate:
        return []
    seconds = len(own.size) / own.rate
    span = round(max(_SPAN_S[same], 2 * seconds / _STRETCHES) * own.rate)
    least = round(_LEAST_LAG_S * own.rate)
    if len(own.size) < span or len(other.size) < span:
        return []
    found: list[tuple[float, int, int]] = []
    step = span // 2 if same else max(span // 2, len(own.size) // _TRIED)
    for start in range(0, len(own.size) - span + 1, step):
        agreement = _agreement(own.size[start : start + span], other.size)
        if same:
            agreement = agreement[: max(start - least + 1, 0)]
        if len(agreement) < span:
            continue
        middle = float(np.median(agreement))
        spread = 1.4826 * float(np.median(np.abs(agreement - middle)))
        best = int(np.argmax(agreement))
        rise = (float(agreement[best]) - middle) / max(spread, 1.0 / np.sqrt(span))
        if rise >= _RISE:
            found.append((rise, start, start - best))
    return _whole(own, other, span, sorted(found, reverse=True))


def _agreement(part: F64, whole: F64) -> F64:
    """Correlation of a part with every equally long stretch of the whole."""
    n = 1 << int(np.ceil(np.log2(len(whole) + len(part))))
    product = np.fft.irfft(np.fft.rfft(whole, n) * np.conj(np.fft.rfft(part, n)), n)
    total = np.concatenate([[0.0], np.cumsum(whole**2)])
    energy = total[len(part) :] - total[: -len(part)]
    norm = np.sqrt(np.maximum(energy, 1e-9) * float(part @ part) + 1e-9)
    return np.asarray(product[: len(energy)] / norm)


def _whole(
    own: Surprises, other: Surprises, span: int, found: list[tuple[float, int, int]]
) -> list[Echo]:
    """The clearest as far as they go on at their lags."""
    told: list[Echo] = []
    taken = np.zeros(len(own.size), dtype=bool)
    for rise, start, shift in found:
        if len(told) == _MOST:
            break
        if taken[start : start + span].mean() > 0.5:
            continue
        first, last = _reach(own, other, start, start + span - 1, shift)
        taken[first : last + 1] = True
        lag = float(own.time[start] - other.time[start - shift])
        told.append(Echo(float(own.time[first]), float(own.time[last]), lag, round(float(rise), 1)))
    return told


def _reach(own: Surprises, other: Surprises, first: int, last: int, shift: int) -> tuple[int, int]:
    """The packets beside [first, last] that agree with those ``shift`` before as well."""
    low, high = max(shift, 0), min(len(own.size), len(other.size) + shift)
    a, b = own.size[low:high], other.size[low - shift : high - shift]
    half = max(1, round(_NEAR_S * own.rate / 2))
    norm = np.sqrt(centred_sum(a * a, half) * centred_sum(b * b, half))
    agrees = centred_sum(a * b, half) >= _AGREES * np.maximum(norm, 1e-9)
    inside = [r for r in runs(agrees) if r[0] + low <= last and r[1] + low >= first]
    begin, end = (inside[0][0], inside[-1][1]) if inside else (first - low, last - low)
    pause = round(_PAUSE_S * own.rate)
    near = [r for r in runs(agrees) if r[1] - r[0] >= half]
    for run in (r for r in near if r[0] > end):
        if run[0] - end > pause:
            break
        end = run[1]
    for run in (r for r in reversed(near) if r[1] < begin):
        if begin - run[1] > pause:
            break
        begin = run[0]
    return begin + low, end + low
