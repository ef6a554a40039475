"""Slow and obvious: what fast code is compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import STEP_S, TILES, Frames
from detector.signals.motion import FLOOR_GREY, MAX_SPREAD_S, POWER

F64 = NDArray[np.float64]
Row = tuple[float, float, float]
"""Time, value and since of a score."""


def episodes(
    rows: Sequence[Row], raise_at: float, clear_at: float, hold_s: float
) -> list[tuple[float, float, float, bool]]:
    """Start, end, peak and until_end: chains of rows at or above ``clear_at``, from their first
    row at or above ``raise_at`` on."""
    chains: list[list[int]] = []
    for i, (_, value, since) in enumerate(rows):
        if not value >= clear_at:
            continue
        last = chains[-1][-1] if chains else None
        if last is not None and _linked(rows, last, i, since, hold_s):
            chains[-1].append(i)
        else:
            chains.append([i])
    found = []
    for chain in chains:
        raised = [i for i in chain if rows[i][1] >= raise_at]
        if raised:
            held = [i for i in chain if i >= raised[0]]
            start = min(rows[raised[0]][2], rows[raised[0]][0])
            until_end = held[-1] == len(rows) - 1 or rows[held[-1]][0] == rows[-1][0]
            found.append((start, rows[held[-1]][0], max(rows[i][1] for i in held), until_end))
    return found


def _linked(rows: Sequence[Row], last: int, i: int, since: float, hold_s: float) -> bool:
    until = rows[last][0] + hold_s
    return since <= until and all(rows[k][0] <= until for k in range(last + 1, i))


def compand(grey: float) -> int:
    """Signed grey level to a signed byte."""
    level = round(16 * math.copysign(math.sqrt(abs(grey)), grey))
    return max(-127, min(127, level))


def expand(byte: int) -> float:
    """Signed byte to grey level."""
    return math.copysign((byte / 16) ** 2, byte)


def tile_means(picture: NDArray[np.generic], tiles: tuple[int, int] = TILES) -> F64:
    """Mean over each tile, every pixel weighed by the part of it that lies in the tile."""
    height, width = picture.shape
    means = np.zeros(tiles)
    for row in range(tiles[0]):
        tall = _parts(row * height / tiles[0], (row + 1) * height / tiles[0], height)
        for column in range(tiles[1]):
            wide = _parts(column * width / tiles[1], (column + 1) * width / tiles[1], width)
            weights = np.outer(tall, wide)
            means[row, column] = (picture.astype(np.float64) * weights).sum() / weights.sum()
    return means


def _parts(low: float, high: float, count: int) -> F64:
    return np.array([max(0.0, min(high, i + 1) - max(low, i)) for i in range(count)])


def motion(frames: Frames) -> dict[int, F64]:
    """Change by step: spread over the steps a row spans, smoothed with its neighbours, shaped."""
    grey: dict[int, F64] = {}
    newest: int | None = None
    known: int | None = None
    for time, seconds, companded in zip(frames.time, frames.seconds, frames.motion, strict=True):
        step = math.floor(time / STEP_S + 1e-6)
        late = newest is not None and step <= newest
        newest = step if newest is None else max(newest, step)
        if late or not 0 < seconds <= MAX_SPREAD_S:
            continue
        span = max(1, round(float(seconds) / STEP_S))
        if known is not None:
            span = min(span, step - known)
        known = step
        levels = np.array([expand(int(byte)) for byte in companded.ravel()])
        for k in range(span):
            grey[step - k] = levels / span
    return {step: _shaped(grey, step) for step in sorted(grey)}


def _shaped(grey: dict[int, F64], step: int) -> F64:
    nothing = np.zeros(TILES[0] * TILES[1])
    smooth = 0.5 * grey[step] + 0.25 * (grey.get(step - 1, nothing) + grey.get(step + 1, nothing))
    return np.asarray(np.sign(smooth) * np.maximum(np.abs(smooth) - FLOOR_GREY, 0) ** POWER)


def runs(mask: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last index of each stretch of true values."""
    found: list[tuple[int, int]] = []
    for i, value in enumerate(mask):
        if value and found and found[-1][1] == i - 1:
            found[-1] = (found[-1][0], i)
        elif value:
            found.append((i, i))
    return found


def blind_seconds(time: Sequence[float], why: Sequence[int], cause: int) -> float:
    """Seconds of the rows that are blind for a cause, each from the row before it."""
    return sum(b - a for (a, b), w in zip(pairwise(time), why[1:], strict=True) if w == cause)
