"""Distributions of values as the geometry of a small SVG chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detector.apps.report.charts import marks
from detector.apps.report.clock import Tick
from detector.apps.report.schema import Distribution

#: Room above the highest column.
_HEADROOM = 1.08


@dataclass(frozen=True)
class Columns:
    """A chart of shares by value: ``during`` and ``otherwise`` are outlines in a box of 1000 x 100,
    all else is in % of it; ``low``, ``high``: the values at its ends."""

    during: str
    otherwise: str
    ticks: list[Tick]
    levels: list[tuple[float, str]]
    limit_x: float | None
    alarm_x: float | None
    limit: str
    low: str
    high: str


def columns(shown: Distribution | None) -> Columns | None:
    """The chart of a distribution, or None without one."""
    if shown is None or len(shown.edges) < 2 or shown.edges[-1] <= shown.edges[0]:
        return None
    low, high = shown.edges[0], shown.edges[-1]
    if shown.alarm_at is not None:
        low, high = min(low, shown.alarm_at), max(high, shown.alarm_at)
        high += 0.02 * (high - low) * (high == shown.alarm_at)
    most = 100 * _HEADROOM * max(*shown.during, *shown.otherwise)
    levels = [level for level in marks(0.0, most) if level <= most]
    most = max(most, levels[-1])

    def x(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

    def y(share: float) -> float:
        return round(100 * (1 - share / most), 2)

    def outline(shares: Sequence[float]) -> str:
        points = [(x(shown.edges[0]), 100.0)]
        for number, share in enumerate(shares):
            points += [(x(shown.edges[number + side]), y(100 * share)) for side in (0, 1)]
        points.append((x(shown.edges[-1]), 100.0))
        return " ".join(f"{10 * at:.0f},{up:.1f}" for at, up in points)

    return Columns(
        during=outline(shown.during),
        otherwise=outline(shown.otherwise),
        ticks=[
            Tick(x(mark), f"{mark:.5g}", False, "middle")
            for mark in marks(low, high)
            if 2 <= x(mark) <= 98
        ],
        levels=[(y(level), f"{level:g} %") for level in levels],
        limit_x=None if shown.limit is None else x(shown.limit),
        alarm_x=None if shown.alarm_at is None else x(shown.alarm_at),
        limit=f"{shown.limit:.4g}",
        low=f"{low:.4g}",
        high=f"{high:.4g}",
    )
