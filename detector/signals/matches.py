"""What it is worth that streams of readings show the same again.

The worth of a match is its information in bits, less what chance has for free among all that was
compared (Bonferroni): a match worth b bits is expected 2^-b times in readings that share nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.signals.candidates import Candidate, candidates
from detector.signals.grid import held
from detector.signals.surprise import changes_of
from detector.signals.waves import LENGTH, SCALES, Waves, likeness, recurring_likeness, waves

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Bits that a change which differs takes from the worth of an exact match.
_UNEQUAL = 12.0
#: Changes that an exact match has at least.
_LEAST_CHANGES = 4
#: Part left unexplained below which nothing is gained: rounding, a deterministic machine.
_ROUNDING = 3e-3
#: How many times more the other must leave unexplained elsewhere: less is the same relation.
_BETTER = 3.0
#: The same for windows that are alike whenever they come.
_RECURRING = 2.0
#: Independent windows needed to know what is usual.
_USUAL = 12


@dataclass(frozen=True)
class Match:
    """Rows [first, last] of ``own`` are those ``lag`` before of ``other``, up to an affine map.

    * ``bits``: what that is worth; ``exact``: every change is equal, not only alike;
    * ``unexplained``: part of the variance of differences that the other leaves unexplained here;
      ``usual``: the least it leaves in 95 % of the windows elsewhere;
    * ``factor``, ``offset``: own = factor * other + offset.
    """

    own: int
    other: int
    lag: int
    first: int
    last: int
    bits: float
    exact: bool
    unexplained: float
    usual: float
    factor: float
    offset: float

    def shares(self, other: Match) -> float:
        """Part of this match's rows that the other covers."""
        both = min(self.last, other.last) - max(self.first, other.first) + 1
        return max(both, 0) / (self.last - self.first + 1)

    def covers(self, c: Candidate) -> bool:
        """Whether a candidate would lead to this match again."""
        same = (self.own, self.other) == (c.own, c.other) and abs(self.lag - c.lag) <= 2
        return same and self.first <= c.row <= self.last


class Search:
    """Streams (streams, n) on one grid, NaN where nothing was read, to be searched for matches:
    between streams, or of each with its own past; ``rhythm`` rows a day, 0 where not known."""

    def __init__(self, value: F64, own_past: bool, rhythm: int = 0) -> None:
        lacking = ~np.isfinite(value)
        self.own_past = own_past
        self.rhythm = rhythm
        self.rows = value.shape[1]
        self.held = np.array([held(row) for row in value])
        self.unknown = lacking | np.roll(lacking, 1, axis=1)
        self.scales = [waves(value, m) for m in SCALES if m * LENGTH * 2 < self.rows]
        self.changes = [changes_of(row) for row in self.held]
        self.bits = np.zeros(value.shape)
        for bits, changes in zip(self.bits, self.changes, strict=True):
            bits[changes.row] = changes.bits
        pairs = len(value) if own_past else len(value) * (len(value) - 1) / 2
        places = max(self.rows / LENGTH, 1)
        self.free_bits = float(np.log2(max(pairs, 1) * max(self.rows, 1) * places))

    def matches(self, max_unexplained: float) -> list[Match]:
        """All that is worth anything, the most valuable first."""
        found: list[Match] = []
        for c in candidates(self.changes, self.scales, self.rows, self.own_past):
            if not any(match.covers(c) for match in found):
                both = self._exact(c), self._alike(c, max_unexplained)
                known = [match for match in both if match is not None]
                found += [max(known, key=lambda m: m.bits)] if known else []
        return sorted(found, key=lambda m: (-m.bits, m.own, m.other, m.lag))

    def _exact(self, c: Candidate) -> Match | None:
        """The stretch whose changes are the other's, the lag before, if worth anything."""
        lag, shown = c.lag, self.rows - c.lag
        own, other = self.held[c.own, lag:], self.held[c.other, :shown]
        typical = float(np.median(np.abs(self.changes[c.own].size)))
        rounding = 1e-6 * typical + 1e-12 * float(max(np.abs(own).max(), np.abs(other).max()))
        equal = np.abs(np.diff(own - other, prepend=own[:1] - other[:1])) <= rounding
        bits = np.minimum(self.bits[c.own, lag:], self.bits[c.other, :shown])
        worth = np.where(equal, bits, -_UNEQUAL)
        worth[self.unknown[c.own, lag:] | self.unknown[c.other, :shown]] = 0.0
        first, last = _best(worth)
        inside = worth[first : last + 1]
        found = float(inside.sum()) - self.free_bits
        if found <= 0 or np.count_nonzero(inside > 0) < _LEAST_CHANGES:
            return None
        found -= 2 * _habit(worth, first, last)
        if found <= 0:
            return None
        first = max(first - 1, 0)
        offset = float(np.median(own[first : last + 1] - other[first : last + 1]))
        offset = 0.0 if abs(offset) <= rounding else offset
        at = (first + lag, last + lag)
        return Match(c.own, c.other, lag, *at, found, True, 0.0, 1.0, 1.0, offset)

    def _alike(self, c: Candidate, max_unexplained: float) -> Match | None:
        """The stretch that the other explains far better than it usually does, at any scale."""
        found = [self._at_scale(c, scale, max_unexplained) for scale in self.scales]
        return max((m for m in found if m is not None), key=lambda m: m.bits, default=None)

    def _at_scale(self, c: Candidate, scale: Waves, max_unexplained: float) -> Match | None:
        around = slice(max(c.row - 2 * scale.reach, 0), c.row + 2 * scale.reach)
        lows: dict[int, float] = {}
        lag, step = c.lag, max(1, scale.scale // 4)
        for reach, every in ((scale.scale if scale.scale > 1 else 0, step), (step - 1, 1)):
            for g in range(lag - reach, lag + reach + 1, every):
                if g not in lows and self._possible(scale, g):
                    lows[g] = _lowest(_unexplained(scale, c, g, around))
            if not lows:
                return None
            lag = min(lows, key=lambda g: (lows[g], abs(g - c.lag)))
        low = max(lows[lag], _ROUNDING)
        if low > max_unexplained:
            return None
        left = _unexplained(scale, c, lag)
        at = around.start + int(np.nanargmin(left[around]))
        middle = float(np.nanmedian(left))
        fits = left <= max(min(np.sqrt(low * middle), 2 * max_unexplained), low)
        fits[at] = True
        a, b = _run(fits | np.isnan(left), at)
        told = np.flatnonzero(fits[a : b + 1])
        stretch = a + int(told[0]), a + int(told[-1])
        usual = self._usual(c, scale, lag, stretch)
        if usual is None:
            return None
        there = Candidate(c.own, c.other, lag, at)
        found = self._worth(there, scale, stretch, usual, max_unexplained)
        if found is None or not self.own_past:
            return found
        recurring = 1 - recurring_likeness(scale, c.own, there.lag, stretch) ** 2
        return found if recurring >= _RECURRING * found.unexplained else None

    def _possible(self, scale: Waves, lag: int) -> bool:
        least = 1 if self.own_past else 0
        return lag >= least and self.rows - lag > 4 * scale.reach

    def _usual(
        self, c: Candidate, scale: Waves, lag: int, stretch: tuple[int, int]
    ) -> float | None:
        """What the other leaves unexplained elsewhere at least in 95 % of the windows, at this lag
        and those at which it may well be alike; None where too little is known."""
        found = []
        for g in sorted({lag, *self._rhythmic(lag)}):
            if self._possible(scale, g):
                left = _unexplained(scale, c, g)
                left[max(stretch[0] - 2 * scale.reach, 0) : stretch[1] + 2 * scale.reach] = np.nan
                known = left[np.isfinite(left)]
                if len(known) >= _USUAL * scale.reach:
                    found.append(float(np.quantile(known, 0.05)))
        return min(found, default=None)

    def _rhythmic(self, lag: int) -> list[int]:
        """Lags at which streams may well be alike, too: at once, and by the rhythm of days and
        weeks."""
        if not self.rhythm:
            return [0]
        rhythms = self.rhythm, 7 * self.rhythm
        near = [lag + way * rhythm for rhythm in rhythms for way in (-1, 1)]
        return [0, *rhythms, *(lag % rhythm for rhythm in rhythms), *near]

    def _worth(
        self,
        c: Candidate,
        scale: Waves,
        stretch: tuple[int, int],
        usual: float,
        max_unexplained: float,
    ) -> Match | None:
        """Half the effective number of differences times log2(usual / unexplained); never more
        than the changes themselves say."""
        wave = scale.wave.astype(np.float64, copy=False)
        rows = np.arange(stretch[0], stretch[1] + 1)
        y, x = wave[c.own, rows], wave[c.other, rows - c.lag]
        left = 1 - float((x * y).sum()) ** 2 / max(float((x * x).sum() * (y * y).sum()), 1e-300)
        if len(rows) < scale.scale * 4:
            left = max(left, float(_unexplained(scale, c, c.lag)[c.row]))
        left = max(left, _ROUNDING)
        if left > max_unexplained or usual < _BETTER * left:
            return None
        inside = scale.reach - scale.scale
        wide = np.arange(
            max(stretch[0] - inside, c.lag), min(stretch[1] + inside, self.rows - 1) + 1
        )
        size = np.abs(wave[c.own, wide])
        count = float(size.sum() ** 2 / max((size * size).sum(), 1e-300)) / scale.scale
        said = min(self.bits[c.own, wide].sum(), self.bits[c.other, wide - c.lag].sum())
        bits = min(count / 2 * float(np.log2(usual / left)), float(said)) - self.free_bits
        if bits <= 0:
            return None
        extent = self._extent(c, wide)
        return Match(c.own, c.other, c.lag, *extent[:2], bits, False, left, usual, *extent[2:])

    def _extent(self, c: Candidate, core: I64) -> tuple[int, int, float, float]:
        """The rows around the core that one affine map fits, and that map."""
        y, x = self.held[c.own, c.lag :], self.held[c.other, : self.rows - c.lag]
        inner = core[len(core) // 5 : len(core) - len(core) // 5] - c.lag
        spread = float(np.var(x[inner]))
        both = float(np.mean((x[inner] - x[inner].mean()) * (y[inner] - y[inner].mean())))
        factor = both / spread if spread > 0 else 1.0
        offset = float(y[inner].mean() - factor * x[inner].mean())
        off = np.abs(y - factor * x - offset)
        fits = off <= 4 * max(float(np.sqrt(np.mean(off[inner] ** 2))), 1e-9 * float(np.ptp(y)))
        rough = np.convolve(fits, np.ones(5), "same") >= 4
        rough[inner] = True
        a, b = _run(rough, int(inner[len(inner) // 2]))
        return a + c.lag, b + c.lag, factor, offset


def disjoint(matches: Sequence[Match], most: float = 0.3) -> list[Match]:
    """Of matches that explain the same rows of a stream the first; none with rows that a better
    one explains as shown before themselves (the copy of a stream is like that stream later on)."""
    kept: list[Match] = []
    for match in matches:
        source = replace(match, first=match.first - match.lag, last=match.last - match.lag)
        own = [k for k in kept if k.own == match.own]
        other = [k for k in kept if k.own == match.other and k.other != k.own]
        if all(match.shares(k) <= most for k in own) and all(
            source.shares(k) <= 0.5 for k in other
        ):
            kept.append(match)
    return kept


def _best(worth: F64) -> tuple[int, int]:
    """The rows [first, last] of the largest sum (Kadane)."""
    total = np.concatenate([[0.0], np.cumsum(worth)])
    end = int(np.argmax(total - np.minimum.accumulate(total)))
    first = int(np.argmin(total[: end + 1]))
    return min(first, max(end - 1, 0)), max(end - 1, 0)


def _habit(worth: F64, first: int, last: int) -> float:
    """The worth of the third of the other stretches that are equal: two gauges of one tank are so
    now and then all along."""
    rest = worth.copy()
    for _ in range(3):
        rest[first : last + 1] = -_UNEQUAL
        first, last = _best(rest)
    return max(float(rest[first : last + 1].sum()), 0.0)


def _unexplained(scale: Waves, c: Candidate, lag: int, rows: slice | None = None) -> F64:
    """Part of the variance of own's windows that the other's, ``lag`` before, leave."""
    r = np.maximum(likeness(scale, c.own, c.other, lag, rows), 0.0)
    return np.asarray(1 - np.minimum(r, 1.0) ** 2)


def _lowest(values: F64) -> float:
    known = values[np.isfinite(values)]
    return float(known.min()) if len(known) else np.inf


def _run(mask: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """The stretch of true [first, last] around ``at``."""
    before = np.flatnonzero(~mask[: at + 1])
    after = np.flatnonzero(~mask[at:])
    first = int(before[-1]) + 1 if len(before) else 0
    last = at + int(after[0]) - 1 if len(after) else len(mask) - 1
    return min(first, at), max(last, at)
