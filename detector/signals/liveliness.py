"""How lively a camera's picture is second by second, its rhythm, and what it goes along with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Frames
from detector.signals.change import expand
from detector.signals.runs import centred_sum
from detector.signals.stillness import OVERLAY_TILES, displaced

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Parts of the picture that must change for a second to be lively: a lamp alone is none.
LIVELY_TILES = 2
#: Seconds of a stretch in most of which an on-screen clock changes its tiles.
_CLOCK_S = 5
_CLOCK_PART = 0.9
#: A part of the picture changes visibly from so many times its usual change on; noise reaches 6.
_ABOVE_NOISE = 7.0
#: Shortest cycle that is looked for, s.
SHORTEST_S = 8


@dataclass(frozen=True)
class Liveliness:
    """Second by second from ``start`` (Unix or recording time, s) on:

    * ``seen`` bool (n,): every picture was decoded; ``tiles`` float64 (n,): parts of the picture
      that visibly changed, without a clock's; ``lively`` bool (n,): at least ``LIVELY_TILES`` did,
      and in another second within two;
    * ``motion`` float32 (n, 144): signed change of each part (grey), 0 where a clock ticks.
    """

    start: float
    seen: Bools
    tiles: F64
    lively: Bools
    motion: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.seen)

    def seconds(self) -> F64:
        """The middle (n,) of each second."""
        return np.asarray(self.start + np.arange(len(self)) + 0.5, dtype=np.float64)


def liveliness(frames: Frames) -> Liveliness:
    """Of the frames (at least one) of one camera in order of time."""
    second = np.floor(frames.time).astype(np.int64)
    first = int(second[0])
    at = (second - first).astype(np.intp)
    n = int(at[-1]) + 1
    use = frames.seconds > 0
    grey = expand(frames.motion).reshape(len(frames), -1)[use]
    noise = np.median(np.abs(grey), axis=0) if len(grey) else 0.0
    active = displaced(frames.motion)[use] & (np.abs(grey) > _ABOVE_NOISE * noise)
    seen = np.zeros(n, dtype=bool)
    seen[at[use]] = True
    lit = np.zeros((n, active.shape[1]), dtype=bool)
    np.logical_or.at(lit, at[use], active)
    motion = np.zeros((n, active.shape[1]), dtype=np.float32)
    np.add.at(motion, at[use], grey)
    clock = _clock(lit[seen])
    lit[:, clock] = False
    motion[:, clock] = 0.0
    tiles = lit.sum(axis=1).astype(np.float64)
    lively = tiles >= LIVELY_TILES
    lively &= centred_sum(lively, 2) >= 2
    return Liveliness(float(first), seen, tiles, lively, motion)


def _clock(lit: Bools) -> Bools:
    """Tiles (144,) that change in nearly every five seconds (n, 144): a clock on the picture, but
    not where more do than an overlay covers."""
    whole = len(lit) // _CLOCK_S * _CLOCK_S
    if whole < 4 * _CLOCK_S:
        return np.zeros(lit.shape[1], dtype=bool)
    often = lit[:whole].reshape(-1, _CLOCK_S, lit.shape[1]).any(axis=1).mean(axis=0)
    always = often >= _CLOCK_PART
    return np.asarray(always & (always.sum() <= OVERLAY_TILES))


def rhythm(motion: NDArray[np.float32]) -> tuple[float, float]:
    """How well the motion (n, 144) repeats itself (-1..1) and after how many seconds: the highest
    correlation with itself at a lag from 8 s to a third of its length, at which it peaks.

    The same parts of the picture must change in the same direction: people who pass do not.
    """
    n = len(motion)
    longest = n // 3
    if longest <= SHORTEST_S:
        return 0.0, 0.0
    kernel = np.ones(3, dtype=np.float64) / 3
    smooth = np.apply_along_axis(np.convolve, 0, np.asarray(motion, np.float64), kernel, "same")
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(smooth, size, axis=0)
    agreed = np.fft.irfft((np.abs(spectrum) ** 2).sum(axis=1), size)[: longest + 1]
    energy = np.concatenate([[0.0], np.cumsum((smooth**2).sum(axis=1))])
    lags = np.arange(longest + 1)
    both = np.sqrt(energy[n - lags] * (energy[n] - energy[lags]))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.where(both > 0, agreed / both, 0.0)
    inner = r[SHORTEST_S:-1]
    peaks = np.flatnonzero((inner >= r[SHORTEST_S - 1 : -2]) & (inner >= r[SHORTEST_S + 1 :]))
    if not len(peaks):
        return 0.0, 0.0
    best = int(peaks[np.argmax(inner[peaks])]) + SHORTEST_S
    return float(r[best]), float(best)


def follows(one: F64, other: F64, use: Bools, lags: NDArray[np.intp]) -> F64:
    """Correlation (k,) of two series (n,) where ``use`` (n,), ``other`` later by each of the
    ``lags`` (k,) steps; NaN where fewer than 30 steps are left or one does not vary."""
    result = np.full(len(lags), np.nan)
    for i, lag in enumerate(lags):
        a = slice(max(0, -lag), len(one) - max(0, lag))
        b = slice(max(0, lag), len(one) - max(0, -lag))
        keep = use[a] & np.isfinite(other[b])
        x, y = one[a][keep], other[b][keep]
        if len(x) >= 30 and x.std() > 0 and y.std() > 0:
            result[i] = float(np.corrcoef(x, y)[0, 1])
    return result
