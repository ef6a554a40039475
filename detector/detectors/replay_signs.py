"""Whether replayed_video is worth asking: does what moves now look like anything that moved before?

For pictures that come slowly, about one a second: their rows are few enough to be compared with all
before them as they come.
"""

from __future__ import annotations

import numpy as np

from detector.core.observation import STEP_S, TILES, Frames, Readings, Views
from detector.detectors.replayed_video import ReplayedVideoParameters
from detector.signals.change import expand
from detector.signals.motion import F32, FLOOR_GREY, MAX_SPREAD_S, POWER, TELLING

#: Seconds over which what is shown is compared: less tells little, and a replay goes on.
_WINDOW_S = 8.0
#: Part of the least correlation of a replay from which on it may be one.
_NEARLY = 0.85
#: Rows that come faster than this are not compared here, s.
_SLOW_S = 0.7
#: Rows that are looked at together.
_TOGETHER = 4
#: For so long after it looked like one the detector is asked, s: a replay must last to convince.
_ASKED_S = 30.0
_CODES = np.arange(-128, 128, dtype=np.int8)


class ReplaySigns:
    """Asks where the last seconds correlate with an earlier part of the stream by nearly what a
    replay needs, at any whole number of rows or between two; always where rows come fast.

    At most ``rows`` rows are looked back on.
    """

    def __init__(self, parameters: ReplayedVideoParameters | None = None, rows: int = 900) -> None:
        self._limits = parameters or ReplayedVideoParameters()
        self._most = rows
        self._time = np.zeros(0)
        self._spans = np.zeros(0, dtype=np.float32)
        self._motion = np.zeros((0, TILES[0] * TILES[1]), dtype=np.int8)
        self._new = 0
        self._fast = False
        self._alike = -np.inf
        self._pieces: list[Frames] = []

    def add(self, block: Frames | Views | Readings) -> None:
        """Keep what moved."""
        if not isinstance(block, Frames):
            return
        self._pieces.append(block)
        self._new = min(self._new + len(block), self._most)

    def asks(self) -> bool:
        """Whether anything of what came since asked last may be shown again."""
        if self._new >= _TOGETHER:
            self._join()
            usual = self._usual()
            self._fast = 0 < usual < _SLOW_S
            width = max(2, round(_WINDOW_S / max(usual, _SLOW_S)))
            if usual and not self._fast and len(self._time) > width:
                self._compare(width)
            self._new = 0
        return self._fast or bool(len(self._time) and self._time[-1] - self._alike < _ASKED_S)

    def judged(self) -> None:
        """What it looked like may go on."""

    def _join(self) -> None:
        pieces, self._pieces = self._pieces, []
        seconds = np.concatenate([self._spans, *(p.seconds for p in pieces)])[-self._most :]
        self._spans = np.where(seconds <= MAX_SPREAD_S, seconds, np.float32(0))
        self._time = np.concatenate([self._time, *(p.time for p in pieces)])[-self._most :]
        motion = [p.motion.reshape(len(p), -1) for p in pieces]
        self._motion = np.concatenate([self._motion, *motion])[-self._most :]

    def _usual(self) -> float:
        """Seconds from row to row; 0 where none follows on another."""
        told = self._spans[-16:]
        told = told[told > 0]
        return float(np.median(told)) if len(told) else 0.0

    def _compare(self, width: int) -> None:
        change = _shaped(self._motion, self._spans)
        first = max(0, len(change) - self._new - width + 1)
        new = change[first:]
        weight = self._spans / np.float32(STEP_S)
        cross = new @ change.T  # own rows x all rows
        energy = np.einsum("ij,ij->i", change, change)
        count = len(new) - width + 1
        if count < 1:
            return
        moved = np.convolve(energy * weight, np.ones(width), "valid")
        sizes = np.maximum(np.convolve(energy, np.ones(width), "valid"), 1e-6)
        telling = moved >= TELLING * _WINDOW_S / STEP_S / 2
        if not telling[first:].any():
            return
        starts = len(change) - width + 1
        shared = np.zeros((count, starts), dtype=np.float32)
        for k in range(width):
            shared += cross[k : k + count, k : k + starts]
        part = _explained(np.maximum(shared, 0), change, sizes, width) / sizes[first:, None]
        lag = self._time[first : first + count, None] - self._time[None, :starts]
        alike = part >= (_NEARLY * self._limits.min_r) ** 2
        alike &= (lag >= self._limits.min_lag_s) & telling[first:, None]
        if alike.any():
            self._alike = float(self._time[-1])


def _explained(shared: F32, change: F32, sizes: F32, width: int) -> F32:
    """Energy of own windows (k, n) that windows before, or mixtures of two that follow on each
    other (a lag between two rows), explain; ``shared`` is what they have in common."""
    beside = np.einsum("ij,ij->i", change[1:], change[:-1])
    both = np.convolve(beside, np.ones(width), "valid").astype(np.float32)
    size = np.maximum(sizes, 1e-6).astype(np.float32)
    alone = np.square(shared) / size
    one, two = shared[:, :-1], shared[:, 1:]
    weight_one, weight_two = one * size[1:] - two * both, two * size[:-1] - one * both
    room = np.maximum(size[:-1] * size[1:] - np.square(both), 1e-6)
    mixed = np.where(
        (weight_one > 0) & (weight_two > 0), (weight_one * one + weight_two * two) / room, 0
    )
    alone[:, :-1] = np.maximum(alone[:, :-1], mixed)
    return np.asarray(alone, dtype=np.float32)


def _shaped(motion: np.ndarray[tuple[int, int], np.dtype[np.int8]], spans: F32) -> F32:
    """Rows of motion (n, 144), companded, as the detector shapes its steps."""
    steps = max(1.0, float(np.median(spans[spans > 0])) / STEP_S)
    grey = expand(_CODES) / np.float32(steps)
    table = np.sign(grey) * np.maximum(np.abs(grey) - np.float32(FLOOR_GREY), 0) ** POWER
    shaped: F32 = table.astype(np.float32)[motion.astype(np.int16) + 128]
    shaped[spans <= 0] = 0
    return shaped
