"""Whether replayed_video is worth asking: does what moves now look like anything that moved before?

For pictures that come slowly, about one a second: their rows are few enough to be compared with all
before them as they come.
"""

from __future__ import annotations

import numpy as np

from detector.core.observation import F64, STEP_S, TILES, Frames, Readings, Views
from detector.detectors.replayed_video import ReplayedVideoParameters
from detector.signals.change import expand
from detector.signals.motion import F32, FLOOR_GREY, MAX_SPREAD_S, POWER, TELLING

#: Lengths of the last seconds that are compared: where all is alike only long ones tell.
_LENGTHS_S = (16.0, 32.0, 60.0)
#: Rows around a lag that are no other lag.
_APART = 2
#: Part of what a replay needs from which on it may be one.
_NEARLY = 0.85
#: Rows that come faster than this are not compared here, s.
_SLOW_S = 0.7
#: Rows that are looked at together.
_TOGETHER = 8
_CODES = np.arange(-128, 128, dtype=np.int8)


class ReplaySigns:
    """Asks where the last seconds correlate with an earlier part of the stream by nearly what a
    replay needs, and nearly so much better than with all others, at any whole number of rows or
    between two; always where rows come fast.

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
        self._alike = False
        self._pieces: list[Frames] = []

    def add(self, block: Frames | Views | Readings) -> None:
        """Keep what moved."""
        if not isinstance(block, Frames):
            return
        self._pieces.append(block)
        self._new = min(self._new + len(block), self._most)

    def asks(self) -> bool:
        """Whether what came last may be shown again."""
        if self._new >= _TOGETHER:
            self._join()
            usual = self._usual()
            self._fast = 0 < usual < _SLOW_S
            self._alike = usual > 0 and not self._fast and self._compare(usual)
            self._new = 0
        return self._fast or self._alike

    def judged(self) -> None:
        """Ask again where what comes still looks like it."""
        self._alike = False

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

    def _compare(self, usual: float) -> bool:
        """Whether the last seconds, over any of some lengths, are told best by one earlier part."""
        change = _shaped(self._motion, self._spans)[::-1]  # newest first
        n, least = len(change), max(1, int(self._limits.min_lag_s / usual))
        lengths = [round(s / usual) for s in _LENGTHS_S if 2 * round(s / usual) <= n]
        cross = change[: max(lengths, default=0)] @ change.T
        energy = np.einsum("ij,ij->i", change, change)
        beside = np.append(np.einsum("ij,ij->i", change[1:], change[:-1]), np.float32(0))
        shared, size, both = (np.zeros(n, dtype=np.float64) for _ in range(3))
        for row in range(max(lengths, default=0)):  # by lag
            shared[: n - row] += cross[row, row:]
            size[: n - row] += energy[row:]
            both[: n - row] += beside[row:]
            if row + 1 not in lengths:
                continue
            until = n - row
            own = size[0]
            if own < TELLING * (row + 1) / 2:
                continue
            plain = np.square(np.maximum(shared[:until], 0))
            told = _explained(shared[:until], size[:until], both[:until])
            told[:least] = 0
            best = int(np.argmax(told))
            chance = plain / np.maximum(size[:until], 0.1 * own)
            chance[: _APART + 1] = 0
            chance[max(best - _APART, 0) : best + _APART + 1] = 0
            r, null = np.sqrt(told[best] / own), np.sqrt(chance.max() / own)
            enough = null + _NEARLY * self._limits.margin * (1 - null)
            if r >= max(_NEARLY * self._limits.min_r, enough):
                return True
        return False


def _explained(shared: F64, size: F64, both: F64) -> F64:
    """Energy that each part (n,), or a mixture of it and the next (a lag between two rows),
    explains: ``shared`` with what is asked about, its ``size``, and what ``both`` share."""
    size = np.maximum(size, 1e-6)
    alone = np.square(np.maximum(shared, 0)) / size
    one, two, joint = shared[:-1], shared[1:], both[:-1]
    weight_one, weight_two = one * size[1:] - two * joint, two * size[:-1] - one * joint
    room = np.maximum(size[:-1] * size[1:] - np.square(joint), 1e-6)
    mixed = (weight_one * one + weight_two * two) / room
    use = (weight_one > 0) & (weight_two > 0)
    alone[:-1] = np.where(use, np.maximum(alone[:-1], mixed), alone[:-1])
    return alone


def _shaped(motion: np.ndarray[tuple[int, int], np.dtype[np.int8]], spans: F32) -> F32:
    """Rows of motion (n, 144), companded, as the detector shapes its steps."""
    steps = max(1.0, float(np.median(spans[spans > 0])) / STEP_S)
    grey = expand(_CODES) / np.float32(steps)
    table = np.sign(grey) * np.maximum(np.abs(grey) - np.float32(FLOOR_GREY), 0) ** POWER
    shaped: F32 = table.astype(np.float32)[motion.astype(np.int16) + 128]
    shaped[spans <= 0] = 0
    return shaped
