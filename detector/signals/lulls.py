"""Stretches in which a coder finds nothing to code, though it may go on refining the picture.

A live camera's noise and motion cost bytes in every picture. A held picture may be refined for
seconds at a low bit rate, but not in every picture: those between two refinements repeat what is
drawn, and their packets shrink at one stroke to little more than a header.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Frames
from detector.signals.runs import runs

F64 = NDArray[np.float64]

#: Pictures in a row, or with those on either side, among which a cheap one must be: a mini-GOP.
_MINI_GOP = 4
#: Rows beside a lull that tell what packets usually are, and those next to it that are left out.
BESIDE, APART = 8, 2
#: Levels tried between the cheapest packets and the usual ones.
_LEVELS = 24


@dataclass(frozen=True)
class Lull:
    """Rows [first, last] in which the smallest packets are small.

    ``fall`` and ``rise``: how many times smaller they are than those before and after (NaN where
    the recording has too little there); ``abrupt``: whether they were as large as usual right up
    to it and right after it; ``elsewhere``: part of the other rows (0..1) that have as small ones.
    """

    first: int
    last: int
    fall: float
    rise: float
    abrupt: bool
    elsewhere: float
    bare: float

    @property
    def depth(self) -> float:
        """The lesser of fall and rise."""
        return float(np.nanmin([self.fall, self.rise]))


def smallest(frames: Frames) -> F64:
    """Bytes of the smallest packet around each row, (n,); of a stretch without any, infinite."""
    if not len(frames):
        return np.zeros(0)
    size = np.where(frames.coded > 0, frames.coded, np.inf).astype(np.float64)
    reach = 0 if np.median(frames.pictures) >= _MINI_GOP else 1
    padded = np.pad(size, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(windows.min(axis=1), dtype=np.float64)


def lulls(frames: Frames, at_least_s: float, times: float) -> list[Lull]:
    """Lulls of ``at_least_s`` s or more, the smallest packets of which are ``times`` smaller than
    those on every side that the recording has, the deepest where they overlap."""
    size = smallest(frames)
    known = size[np.isfinite(size)]
    if len(known) == 0 or known.max() < times * known.min():
        return []
    top = max(float(np.quantile(known, 0.6)), float(known.min()) + 1.0)
    found = {
        run: lull
        for level in np.geomspace(float(known.min()), top, _LEVELS)
        for run in runs(size <= level)
        if frames.time[run[1]] - frames.time[run[0]] >= at_least_s
        and (lull := _lull(size, run)) is not None
        and lull.depth >= times
    }
    chosen: list[Lull] = []
    for lull in sorted(found.values(), key=lambda found: -found.depth):
        if all(lull.last < c.first or c.last < lull.first for c in chosen):
            chosen.append(_widened(size, lull))
    return sorted(chosen, key=lambda lull: lull.first)


def _widened(size: F64, lull: Lull) -> Lull:
    """The lull with the rows beside it that are nearer to it than to what is usual."""
    inside = float(np.quantile(size[lull.first : lull.last + 1], 0.9))
    level = inside * np.sqrt(lull.depth)
    for first, last in runs(size <= level):
        if first <= lull.last and lull.first <= last:
            return _lull(size, (first, last)) or lull
    return lull


def _lull(size: F64, run: tuple[int, int]) -> Lull | None:
    first, last = run
    inside = float(np.quantile(size[first : last + 1], 0.9))
    before = size[max(first - APART - BESIDE, 0) : first][::-1]
    after = size[last + 1 : last + 1 + APART + BESIDE]
    usual = [float(np.median(s[APART:])) if len(s) > APART + 2 else np.nan for s in (before, after)]
    if np.isnan(usual).all():
        return None
    abrupt = all(
        np.isnan(u) or s[:APART].max() >= 0.5 * u
        for s, u in zip((before, after), usual, strict=True)
    )
    others = np.concatenate([size[:first], size[last + 1 :]])
    elsewhere = float((others <= 1.5 * inside).mean())
    bare = float(np.median(size[first : last + 1]) / size.min())
    return Lull(first, last, usual[0] / inside, usual[1] / inside, abrupt, elsewhere, bare)
