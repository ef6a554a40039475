"""Blocks to store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detector.core.observation import Frames, Readings, Views
from detector.core.score import Scores
from detector.edge.series import EpisodeRow
from detector.signals.rows import FrameRows, ViewRows

#: A moment of 2026, Unix seconds.
T0 = 1_780_000_000.0


def readings(stream: str, times: Sequence[float], values: Sequence[float]) -> Readings:
    return Readings(
        stream=stream,
        time=T0 + np.asarray(times, dtype=np.float64),
        value=np.asarray(values, dtype=np.float64),
    )


def pictures(stream: str, seconds: int, first: int = 0) -> tuple[Frames, Views]:
    """Features of noise, a picture a second."""
    frames, views = FrameRows(stream), ViewRows(stream)
    for second in range(first, first + seconds):
        rng = np.random.default_rng(second)
        luma = rng.integers(0, 256, (72, 96), dtype=np.uint8)
        frames.add(T0 + second, luma, 1000)
        views.add(T0 + second, luma, key=True)
    (made_frames,), (made_views,) = frames.blocks(0), views.blocks(0)
    return made_frames, made_views


def scores(
    times: Sequence[float], values: Sequence[float], reasons: tuple[str, ...] = ()
) -> Scores:
    time = T0 + np.asarray(times, dtype=np.float64)
    value = np.asarray(values, dtype=np.float64)
    why = np.where(np.isnan(value), 0, -1).astype(np.int8)
    return Scores("flat_signal", "MM1", "s", time, value, time - 1, why, reasons)


def episode(name: str, start: float, end: float, closed: bool = True) -> EpisodeRow:
    return EpisodeRow(
        id=name,
        detector="flat_signal",
        stream="MM1",
        start=T0 + start,
        end=T0 + end,
        closed=closed,
        peak=3.5,
        document={"id": name, "summary": "持平"},
    )
