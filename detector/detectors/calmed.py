"""Streams that hardly move while they are low and the streams most like them go on: part of
displaced_sensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.core.score import Evidence
from detector.detectors.compared import Compared
from detector.detectors.readings import Finding
from detector.signals.calm import Calm, Movements, calmest, drop_at, movements
from detector.signals.grid import Grid, held, reported
from detector.signals.relation import WINDOWS, alikeness, companions
from detector.signals.series import Series

#: Streams that are most like one, of which none must be calm with it.
_BESIDE = 3


@dataclass(frozen=True)
class Calmed:
    """How many times less than ever a stream moves in [start, end] s while it is low, what is left
    of its movements, and the streams beside it."""

    ratio: float
    left: float
    start: float
    end: float
    others: NDArray[np.intp]


def calmed_of(grid: Grid, judged: Sequence[bool], covered: float) -> list[Calmed | None]:
    """When each stream moves least while it is low, against how little those do then that are most
    like it and report during this part of its time: a site at rest is no sensor in fresh air."""
    moved = [movements(held(v), reported(v)) for v in grid.value]
    alike = alikeness(grid.value)
    result: list[Calmed | None] = []
    for row, use in enumerate(judged):
        near = companions(grid, alike, row, _BESIDE, covered)
        calm = calmest(moved[row]) if use and len(near) else None
        result.append(None if calm is None else _besides(calm, moved, near, grid))
    return result


def _besides(
    calm: Calm, moved: Sequence[list[Movements]], near: NDArray[np.intp], grid: Grid
) -> Calmed:
    """A calm stretch, its ratio less the part that the calmest of those nearby moves less, too."""
    drop = float(-np.log(calm.left))
    others = max(0.0, *(drop_at(moved[j], calm.first, calm.last) for j in near))
    rows = len(grid.time) // WINDOWS
    end = float(grid.time[min((calm.last + 1) * rows, len(grid.time)) - 1])
    start = float(grid.time[calm.first * rows])
    return Calmed(calm.ratio * max(1 - others / max(drop, 1e-12), 0.0), calm.left, start, end, near)


def with_calm(answers: list[Finding], calm: Calmed, of: Compared, series: Series) -> list[Finding]:
    """What a stream no longer answers and that it hardly moves: one finding, where at one time."""
    start, end = max(calm.start, float(series.time[0])), min(calm.end, float(series.time[-1]))
    if calm.ratio <= 1 or end <= start:
        return answers
    figures = {"movement_left": round(calm.left, 3), "beside": of.named(calm.others.tolist())}
    if not any(one.start <= end and one.end >= start for one in answers):
        evidence = Evidence(start, end, "calm", figures)
        return [*answers, Finding(start, end, calm.ratio, evidence)]
    return [
        replace(
            one,
            value=max(one.value, calm.ratio),
            evidence=replace(one.evidence, figures={**one.evidence.figures, **figures}),
        )
        for one in answers
    ]
