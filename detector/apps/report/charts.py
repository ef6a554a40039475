"""Curves over time as the geometry of a small SVG chart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from detector.apps.report.clock import Tick, ticks
from detector.apps.report.schema import Series
from detector.apps.report.texts import offset

#: Points drawn at most, about; beyond, each bucket keeps its first, lowest, highest and last.
POINTS = 640

Point = tuple[float, float | None]


@dataclass(frozen=True)
class Chart:
    """A chart: ``lines``, and ``under`` beneath them, are point lists in a box of 1000 x 100, all
    else is in % of it."""

    lines: list[str]
    under: list[str]
    ticks: list[Tick]
    levels: list[tuple[float, str]]
    threshold_y: float | None
    inside: list[tuple[float, float]]
    start: str
    end: str
    low: str
    high: str


def chart(
    series: Series | None,
    inside: Sequence[tuple[float, float]] = (),
    threshold: float | None = None,
    full: tuple[float, float] | None = None,
    over: tuple[float, float] | None = None,
    zero: datetime | None = None,
    under: Series | None = None,
) -> Chart | None:
    """The chart of a curve, or None where it has fewer than two values.

    ``inside`` are stretches (s) to shade; ``full`` the range to show, where it
    is known beforehand; what lies outside is drawn at its edge. ``over``: the stretch (s) of time
    to show where it is not the curve's own; ``zero``: the wall clock at 0 s. ``under``: another
    curve over the same time.
    """
    points = [] if series is None else _points(series)
    values = [v for _, v in points if v is not None]
    if len(values) < 2 or points[-1][0] <= points[0][0]:
        return None
    start, end = over or (points[0][0], points[-1][0])
    shown = list(full or [0.0, *values, *([] if threshold is None else [threshold])])
    round_values = marks(min(shown), max(shown))
    bottom, top = round_values[0], round_values[-1]

    def x(at: float) -> float:
        return round(100 * min(max((at - start) / (end - start), 0.0), 1.0), 2)

    def y(value: float) -> float:
        return round(100 * (top - min(max(value, bottom), top)) / (top - bottom), 2)

    def drawn(curve: list[Point]) -> list[str]:
        runs = _runs(curve)
        return [" ".join(f"{10 * x(at):.0f},{y(v):.1f}" for at, v in run) for run in runs]

    return Chart(
        lines=drawn(points),
        under=[] if under is None else drawn(_points(under)),
        ticks=ticks(start, end, zero, at_most=6),
        levels=[(y(v), f"{v:.4g}") for v in round_values],
        threshold_y=None if threshold is None else y(threshold),
        inside=[(x(a), round(x(b) - x(a), 2)) for a, b in inside],
        start=offset(start),
        end=offset(end),
        low=f"{min(values):.3g}",
        high=f"{max(values):.3g}",
    )


def marks(low: float, high: float) -> list[float]:
    """Two to five round values, evenly spaced, from at or below ``low`` to at or above ``high``."""
    size = max(abs(low), abs(high))
    if high - low <= max(1e-9 * size, 1e-100):  # one value, as far as can be drawn
        high = low + max(1.0, 1e-6 * size)
    power = 10.0 ** math.floor(math.log10(high - low))
    step = power * next(s for s in (0.25, 0.5, 1.0, 2.5, 5.0) if high - low <= 3.5 * s * power)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def _points(series: Series) -> list[Point]:
    return sorted(zip(series.time_s, series.value, strict=True), key=_t)


def _t(point: Point) -> float:
    return point[0]


def _runs(points: list[Point]) -> list[list[tuple[float, float]]]:
    """The thinned curve, cut where values are missing; a lone value becomes a short dash."""
    runs = []
    for missing, group in groupby(points, key=lambda point: point[1] is None):
        if not missing:
            run = _thin([(at, v) for at, v in group if v is not None], len(points))
            runs.append(run if len(run) > 1 else run * 2)
    return runs


def _thin(run: list[tuple[float, float]], of: int) -> list[tuple[float, float]]:
    """What a line chart needs of a run so that it looks as if all points were drawn."""
    size = -(-4 * of // POINTS)
    if size <= 4:
        return run
    kept = []
    for i in range(0, len(run), size):
        bucket = run[i : i + size]
        lowest, highest = (pick(bucket, key=lambda p: p[1]) for pick in (min, max))
        kept.extend(sorted({bucket[0], lowest, highest, bucket[-1]}))
    return kept
