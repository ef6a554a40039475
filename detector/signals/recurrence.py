"""Where the same motion is shown twice: candidates by colliding fingerprints, then exact alignment.

All arithmetic is on :class:`~detector.signals.motion.Motion` (5 Hz, 144 tiles, companded).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import STEP_S
from detector.signals.fingerprint import WINDOW, Among, Index, bits_for, fingerprints
from detector.signals.motion import F32, I64, TELLING, Disguise, Motion

F64 = NDArray[np.float64]

#: Votes that a lag needs to be looked at.
MIN_VOTES = 3
#: Lags looked at per pair of streams.
MAX_CANDIDATES = 12


@dataclass(frozen=True)
class Candidate:
    """Stream ``other`` (index), seen through ``disguise``, may show at ``step - lag`` what ``own``
    shows at ``step``; ``votes`` windows say so, the first of them at ``step``."""

    own: int
    other: int
    disguise: int
    lag: int
    votes: int


def candidates(
    motions: Sequence[Motion], disguises: Sequence[Disguise], min_lag: int | None
) -> list[Candidate]:
    """Pairs of stretches that may show the same.

    With ``min_lag`` (steps) a stream is compared with its own past, otherwise with every other
    stream. A disguise is applied to the ``other`` stream, as the original.
    """
    bits = bits_for(sum(len(m) for m in motions))
    known = [fingerprints(m, bits) for m in motions]
    owner = np.repeat(np.arange(len(motions)), [len(start) for start, _ in known])
    steps = np.concatenate([m.step[start] for m, (start, _) in zip(motions, known, strict=True)])
    index = Index(np.concatenate([prints for _, prints in known]), owner)
    found: list[Candidate] = []
    for number, disguise in enumerate(disguises):
        for stream, motion in enumerate(motions):
            start, asked = known[stream]
            if disguise != Disguise():
                start, asked = fingerprints(motion, bits, disguise, every=2)
            if min_lag is not None:
                among: Among = "own"
            else:
                among = "later" if disguise.keep == 1.0 else "others"
            row, query = index.collisions(asked, stream, among)
            lag = steps[row] - motion.step[start[query]]
            if min_lag is not None:
                row, lag = row[lag >= min_lag], lag[lag >= min_lag]
            found += _voted(owner[row], lag, stream, number)
    return _most_voted(found)


def _most_voted(found: list[Candidate]) -> list[Candidate]:
    """The candidates of each pair of streams that have most votes, over all disguises."""
    kept: list[Candidate] = []
    count: dict[tuple[int, int], int] = {}
    for candidate in sorted(found, key=lambda c: (-c.votes, c.own, c.other, c.disguise, c.lag)):
        pair = min(candidate.own, candidate.other), max(candidate.own, candidate.other)
        count[pair] = count.get(pair, 0) + 1
        if count[pair] <= MAX_CANDIDATES:
            kept.append(candidate)
    return kept


def _voted(own: I64, lag: I64, other: int, disguise: int) -> list[Candidate]:
    """Peaks of votes over (own, lag); neighbouring lags vote together."""
    if not len(lag):
        return []
    low = int(lag.min())
    width = int(lag.max()) - low + 3
    code, votes = np.unique(own * width + (lag - low + 1), return_counts=True)
    near = votes.astype(np.int64)
    for shift in (-1, 1):
        place = np.searchsorted(code, code + shift)
        place = np.minimum(place, len(code) - 1)
        near = near + np.where(code[place] == code + shift, votes[place], 0)
    enough = near >= MIN_VOTES
    code, votes, near = code[enough], votes[enough], near[enough]
    order = np.lexsort((code, -votes, -near))
    taken: dict[int, list[int]] = {}
    result = []
    for i in order:
        stream, offset = divmod(int(code[i]), width)
        lags = taken.setdefault(stream, [])
        if len(lags) < MAX_CANDIDATES and all(abs(offset - o) > 2 for o in lags):
            lags.append(offset)
            result.append(Candidate(stream, other, disguise, offset + low - 1, int(near[i])))
    return result


@dataclass(frozen=True)
class Overlap:
    """The steps that own and other have in common at a lag: change of both, (n, 144)."""

    step: I64
    own: F32
    other: F32


def overlap(own: Motion, other: Motion, lag: int) -> Overlap:
    """Own steps s for which other has s - lag."""
    if _unbroken(own) and _unbroken(other):
        first = max(int(own.step[0]), int(other.step[0]) + lag)
        count = max(0, min(int(own.step[-1]), int(other.step[-1]) + lag) - first + 1)
        at, at_other_one = first - int(own.step[0]), first - lag - int(other.step[0])
        if count == 0:
            at, at_other_one = 0, 0
        return Overlap(
            own.step[at : at + count],
            own.change[at : at + count],
            other.change[at_other_one : at_other_one + count],
        )
    step, at_own, at_other = np.intersect1d(
        own.step, other.step + lag, assume_unique=True, return_indices=True
    )
    return Overlap(step, own.change[at_own], other.change[at_other])


def _unbroken(motion: Motion) -> bool:
    return len(motion) > 0 and int(motion.step[-1] - motion.step[0]) == len(motion) - 1


def agrees_somewhere(both: Overlap, level: float) -> bool:
    """Whether both correlate by more than ``level`` within any 4 s in which something moves."""
    own, other = both.own, both.other
    if len(own) < WINDOW:
        return True
    sums = [
        np.concatenate([[0.0], np.cumsum(np.einsum("ij,ij->i", x, y), dtype=np.float64)])
        for x, y in ((own, other), (own, own), (other, other))
    ]
    cross, size, size_other = (total[WINDOW:] - total[:-WINDOW] for total in sums)
    telling = size >= TELLING * WINDOW / 2
    return bool(np.any(telling & (cross > level * np.sqrt(size * size_other))))


def align(own: Motion, other: Motion, lag: int, *, reach: int = 2) -> tuple[float, Overlap]:
    """The lag (steps, with its fraction) near ``lag`` at which most is shared, and the overlap.

    Where most is shared at the end of the reach it is looked for beyond (as far again, twice), so
    that all lags near a true one lead to it.

    Between two whole lags the other showing is their mixture: the least-squares weights of the two
    are the fraction.
    """
    shared: list[tuple[float, int, Overlap]] = []
    low, high = lag - reach, lag + reach
    for _ in range(3):
        known = {near for _, near, _ in shared}
        for near in sorted(set(range(low, high + 1)) - known):
            both = overlap(own, other, near)
            shared.append((float(np.einsum("ij,ij->", both.own, both.other)), near, both))
        _, whole, best = max(shared, key=lambda s: (s[0], -s[1]))
        if low < whole < high or len(best.step) < WINDOW:
            break
        low, high = whole - reach, whole + reach
    beside = [s for s in shared if abs(s[1] - whole) == 1]
    _, second, mixed = max(beside, key=lambda s: (s[0], -s[1]))
    step, at_best, at_mixed = np.intersect1d(
        best.step, mixed.step, assume_unique=True, return_indices=True
    )
    target, first, other_one = best.own[at_best], best.other[at_best], mixed.other[at_mixed]
    normal = np.array(
        [
            [np.einsum("ij,ij->", first, first), np.einsum("ij,ij->", first, other_one)],
            [np.einsum("ij,ij->", first, other_one), np.einsum("ij,ij->", other_one, other_one)],
        ],
        dtype=np.float64,
    )
    wanted = np.array(
        [np.einsum("ij,ij->", target, first), np.einsum("ij,ij->", target, other_one)],
        dtype=np.float64,
    )
    weights = np.linalg.lstsq(normal, wanted, rcond=1e-6)[0]
    if weights.min() <= 0.05 * weights.max():
        return float(whole), best
    part = float(weights[1] / weights.sum())
    mixture = np.float32(1 - part) * first + np.float32(part) * other_one
    return whole + part * (second - whole), Overlap(step, target, mixture)


def stretches(both: Overlap, level: float, link_steps: int = 0) -> list[tuple[int, int]]:
    """Index ranges (inclusive) of an overlap in which the two agree with a correlation of more
    than ``level``: maximal runs of ``own * other - level * (own**2 + other**2) / 2``, ended where
    the sum has fallen by what 2 s of ordinary motion weigh. Runs at most ``link_steps`` apart are
    one (a passing cloud, another caption)."""
    own, other = both.own, both.other
    energy_own = np.einsum("ij,ij->i", own, own).astype(np.float64)
    energy_other = np.einsum("ij,ij->i", other, other).astype(np.float64)
    cross = np.einsum("ij,ij->i", own, other).astype(np.float64)
    scale = _scale(energy_own, energy_other, cross)
    gain = cross * scale - level * (energy_own + scale**2 * energy_other) / 2
    typical = float(np.median(energy_own[energy_own > 0])) if np.any(energy_own > 0) else 0.0
    allowed = level * typical * 2.0 / STEP_S
    jumps = np.diff(both.step, prepend=both.step[:1]) > 1
    found: list[tuple[int, int]] = []
    first, best, best_at, total = 0, 0.0, -1, 0.0
    for i, value in enumerate(gain):
        if jumps[i] or best - total > allowed:
            if best_at >= 0:
                found.append((first, best_at))
            first, best, best_at, total = i, 0.0, -1, 0.0
        if total <= 0 and value > 0 and best_at < 0:
            first, total = i, 0.0
        if best_at < 0 and value <= 0 and total <= 0:
            continue
        total += float(value)
        if total > best:
            best, best_at = total, i
        elif total <= 0 and best_at < 0:
            total = 0.0
    if best_at >= 0:
        found.append((first, best_at))
    return _linked(both, found, link_steps)


def _linked(both: Overlap, found: list[tuple[int, int]], link_steps: int) -> list[tuple[int, int]]:
    """Runs that follow on each other within so many steps are one stretch."""
    linked: list[tuple[int, int]] = []
    for first, last in found:
        if linked and both.step[first] - both.step[linked[-1][1]] <= link_steps:
            linked[-1] = (linked[-1][0], last)
        else:
            linked.append((first, last))
    return linked


def sharpened(both: Overlap, at: tuple[int, int], level: float) -> tuple[int, int]:
    """The stretch with its ends cut to where runs of a second or more agree beyond ``level``."""
    part = slice(at[0], at[1] + 1)
    inner = stretches(Overlap(both.step[part], both.own[part], both.other[part]), level)
    inner = [run for run in inner if (run[1] - run[0]) * STEP_S >= 1.0]
    if not inner:
        return at
    return at[0] + inner[0][0], at[0] + inner[-1][1]


def _scale(own: F64, other: F64, cross: F64) -> float:
    """Gain that brings the other showing to the size of the own one, from where they agree."""
    agree = cross > 0.3 * np.sqrt(own * other + 1e-9)
    total = float(other[agree].sum())
    return float(np.sqrt(own[agree].sum() / total)) if total > 0 else 1.0


def correlation(both: Overlap, at: tuple[int, int]) -> float:
    """Correlation of both showings over one stretch."""
    a, b = both.own[at[0] : at[1] + 1], both.other[at[0] : at[1] + 1]
    norm = float(np.sqrt(np.einsum("ij,ij->", a, a) * np.einsum("ij,ij->", b, b)))
    return float(np.einsum("ij,ij->", a, b)) / norm if norm > 0 else 0.0
