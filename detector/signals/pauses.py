"""Stretches of a recording in which hardly anything changes, or nothing moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Frames, Views
from detector.signals.runs import runs
from detector.signals.stillness import (
    NOTHING,
    OVERLAY_TILES,
    REFINED,
    STRAY,
    calm,
    calm_half,
    displaced,
    moved,
    overlay,
    rest,
)

#: Part of the change of means beside a stretch that may be left in it where nothing moves.
CALMED = 0.7

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Pauses:
    """Per row: time (s), change outside the liveliest tiles, change of the calmer half of the
    tiles (noise), change of the tiles' means (all grey), tiles that move, and whether a key frame
    was drawn in it; all (n,)."""

    time: F64
    change: F64
    noise: F64
    moved: F64
    displaced: Bools
    key: Bools

    @classmethod
    def of(cls, frames: Frames, views: Views | None) -> Pauses:
        """From the frames of a stream; views say where a key frame was drawn."""
        change = rest(frames.stir)
        cut = frames.seconds <= 0
        change[cut] = float(change.max(initial=0.0)) + 1.0
        key = np.zeros(len(frames), dtype=bool)
        if views is not None:
            drawn = np.searchsorted(frames.time, views.time[views.key] - 1e-6)
            key[np.clip(drawn, 0, len(frames) - 1)] = True
            key[:-1] |= key[1:]  # pictures predicted from the key frame that follows show it too
        return cls(
            frames.time,
            change,
            calm_half(frames.stir),
            moved(frames.motion),
            displaced(frames.motion) | cut[:, None],
            key if key.mean() < 0.5 else np.zeros_like(key),
        )

    def quiet(self, part: float, at_least_s: float, agreed: Bools) -> list[tuple[int, int]]:
        """Stretches in which hardly anything changes, or key frames agree; a key frame redrawn
        does not end one."""
        moving = self.change[(self.change > NOTHING) & ~self.key]
        ordinary = float(np.median(moving)) if len(moving) else 0.0
        level = max(REFINED, part * ordinary)
        neutral = agreed | (self.key & (calm(self.change, 2, 0.5) <= level))
        quiet = (self.change <= level) | neutral
        parts = [r for run in runs(quiet) for r in self._still(run, neutral, agreed)]
        return self._lasting([self._from_start(r, level) for r in parts], at_least_s)

    def unmoved(self, at_least_s: float, agreed: Bools) -> list[tuple[int, int]]:
        """Stretches in which nothing moves, however much the coder draws."""
        count = np.count_nonzero(self.displaced, axis=1)
        neutral = agreed | (self.key & (calm(count.astype(np.float64), 2, 0.5) <= OVERLAY_TILES))
        quiet = (count <= OVERLAY_TILES) | neutral
        quiet[:1] = False
        parts = [r for run in runs(quiet) for r in self._still(run, neutral, agreed)]
        return self._lasting(parts, at_least_s)

    def pauses(self, agreed: Bools) -> list[tuple[int, int]]:
        """Stretches of a second or more without motion that both begin and end in the recording."""
        found = self.unmoved(1.0, agreed)
        return [r for r in found if r[0] > 2 and r[1] < len(self.time) - 1]

    def _lasting(self, found: list[tuple[int, int]], at_least_s: float) -> list[tuple[int, int]]:
        return [r for r in found if self.times(r)[1] - self.times(r)[0] >= at_least_s]

    def _still(
        self,
        run: tuple[int, int],
        neutral: Bools,
        agreed: Bools,
    ) -> list[tuple[int, int]]:
        """The parts of a run in which nothing moves outside a fixed small region."""
        part = slice(run[0], run[1] + 1)
        outside = ~overlay(self.displaced[part][~self.key[part]])
        still = np.count_nonzero(self.displaced[part] & outside, axis=1) <= STRAY
        still |= agreed[part]
        parts = []
        for first, last in runs(still | neutral[part]):
            while first <= last and not still[first]:
                first += 1
            while last >= first and not still[last]:
                last -= 1
            if last >= first:
                parts.append((run[0] + first, run[0] + last))
        return parts

    def _from_start(self, run: tuple[int, int], level: float) -> tuple[int, int]:
        """The stretch from where the motion stopped: the coder may refine it for a while more."""
        usual = float(np.median(self.moved))
        first = run[0]
        while (
            first > 1
            and self.time[run[0]] - self.time[first - 1] <= 2.0
            and self.moved[first - 1] <= 0.2 * usual
            and self.change[first - 1] <= 8 * level
        ):
            first -= 1
        return first, run[1]

    def times(self, run: tuple[int, int]) -> tuple[float, float]:
        """From the row that was last drawn to the last row that repeats it, s."""
        return float(self.time[max(run[0] - 1, 0)]), float(self.time[run[1]])

    def live_noise(self, stills: Bools) -> float:
        """Noise in the calmest tenth of the rows outside the still stretches, grey."""
        chosen = self.noise[~stills & ~self.key]
        return float(np.quantile(chosen, 0.1)) if len(chosen) >= 10 else 0.0

    def calmed(self, run: tuple[int, int]) -> bool:
        """Whether nothing moves in a stretch, and either things move right beside it or means
        change clearly less in it than beside it."""
        first, last = run
        part = slice(first, last + 1)
        outside = ~overlay(self.displaced[part][~self.key[part]])
        moving = np.count_nonzero(self.displaced & outside, axis=1)
        inside = float(np.median(self.moved[part]))
        sides = [slice(max(first - 10, 1), first), slice(last + 1, last + 11)]
        return bool((moving[part] <= STRAY).mean() >= 0.8) and all(
            np.median(moving[side]) > 4 * STRAY
            or inside <= CALMED * float(np.median(self.moved[side]))
            for side in sides
            if len(moving[side]) >= 3
        )
