"""The motion of a stream on a regular grid of steps, and how a copy may show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import STEP_S, TILES, Frames
from detector.signals.change import expand

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

#: A change that took longer than this (s) says nothing about the steps it spans.
MAX_SPREAD_S = 2.0
#: Change of a tile's mean (grey) that coding alone makes.
FLOOR_GREY = 0.05
#: Exponent that keeps large objects from ruling a correlation.
POWER = 0.75
#: Energy of a step (:attr:`Motion.energy`) from which on it tells something: one tile by 0.5 grey.
TELLING = 0.3


@dataclass(frozen=True)
class Motion:
    """Signed tile change per step, shaped for correlation.

    ``step`` int64 (n,): number of the step (time = ``step * STEP_S``), strictly rising;
    ``change`` float32 (n, 144): ``sign(x) * max(|x| - FLOOR_GREY, 0) ** POWER`` of the grey levels
    x, smoothed over three steps, so that neither coding noise nor one large object rules.
    """

    step: I64
    change: F32

    def __len__(self) -> int:
        return len(self.step)

    @property
    def energy(self) -> F32:
        """Sum of squares over the tiles, per step."""
        return np.asarray(np.einsum("ij,ij->i", self.change, self.change), dtype=np.float32)


def nothing() -> Motion:
    """Motion of no steps."""
    return Motion(np.zeros(0, np.int64), np.zeros((0, TILES[0] * TILES[1]), np.float32))


def motion_of(frames: Frames) -> Motion:
    """Rows of a stream to steps; a change over several steps is spread evenly over them."""
    steps = np.floor(frames.time / STEP_S + 1e-6).astype(np.int64)
    known = (frames.seconds > 0) & (frames.seconds <= MAX_SPREAD_S)
    known &= np.diff(steps, prepend=steps[:1] - 1) > 0
    steps, companded = steps[known], frames.motion[known].reshape(-1, TILES[0] * TILES[1])
    spans = np.maximum(1, np.rint(frames.seconds[known] / STEP_S)).astype(np.int64)
    if not len(steps):
        return Motion(steps, companded.astype(np.float32).reshape(0, TILES[0] * TILES[1]))
    previous = np.concatenate([[steps[0] - spans[0]], steps[:-1]])
    spans = np.minimum(spans, steps - previous)
    row = np.repeat(np.arange(len(steps)), spans)
    back = np.arange(len(row)) - np.repeat(np.cumsum(spans) - 1, spans)
    grey = expand(companded)[row] / spans[row].astype(np.float32)[:, None]
    return _shaped(steps[row] + back, grey)


def _shaped(step: I64, grey: F32) -> Motion:
    linked = (np.diff(step) == 1).astype(np.float32)[:, None]
    smooth = grey * np.float32(0.5)
    smooth[1:] += linked * grey[:-1] * np.float32(0.25)
    smooth[:-1] += linked * grey[1:] * np.float32(0.25)
    size = np.maximum(np.abs(smooth) - np.float32(FLOOR_GREY), 0) ** np.float32(POWER)
    return Motion(step, np.asarray(np.sign(smooth) * size, dtype=np.float32))


@dataclass(frozen=True)
class Disguise:
    """How a copy's picture maps to the original's: the part kept, its place, mirrored or not.

    ``keep`` is the part of width and height that the copy shows; ``left`` and ``top`` say where the
    part lies (0..1 - keep, in parts of the original).
    """

    keep: float = 1.0
    left: float = 0.0
    top: float = 0.0
    mirrored: bool = False

    @property
    def weights(self) -> F32:
        """The part (144, 144) of each of the original's tiles in each of the copy's."""
        rows, columns = TILES
        weights = np.einsum(
            "ij,kl->ikjl",
            _shares(rows, self.keep, self.top),
            _shares(columns, self.keep, self.left),
        ).reshape(rows, columns, rows * columns)
        if self.mirrored:
            weights = weights[:, ::-1]
        return np.asarray(weights.reshape(rows * columns, rows * columns), dtype=np.float32)

    def apply(self, change: F32) -> F32:
        """Tile maps (n, 144) of an original as its disguised copy would show them."""
        return np.asarray(change @ self.weights.T)


def _shares(tiles: int, keep: float, offset: float) -> NDArray[np.float64]:
    """Part of each copy's tile that each of the original's tiles covers, (tiles, tiles)."""
    edges = np.arange(tiles + 1) / tiles
    low = (offset + keep * edges[:-1])[:, None]
    high = (offset + keep * edges[1:])[:, None]
    overlap = np.minimum(high, edges[None, 1:]) - np.maximum(low, edges[None, :-1])
    return np.asarray(np.clip(overlap, 0, None) / (high - low))


def crops(keep: float) -> list[Disguise]:
    """The whole picture, and the middle and the corners of a crop, each plain and mirrored."""
    rest = 1 - keep
    places = [(rest / 2, rest / 2), (0, 0), (rest, 0), (0, rest), (rest, rest)]
    plain = [Disguise()] + [Disguise(keep, left, top) for left, top in places]
    return plain + [Disguise(d.keep, d.left, d.top, mirrored=True) for d in plain]
