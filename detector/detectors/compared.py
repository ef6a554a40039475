"""Streams on one grid, to be compared with those they go along with: shared by the detectors of
scaled and of displaced sensors."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from detector.signals.grid import Grid, grid_of
from detector.signals.relation import LEAST_ROWS, WINDOWS
from detector.signals.series import Series, at_rest, period


@dataclass(frozen=True)
class Compared:
    """Streams by ``names`` with their ``series``; rows of ``grid`` are the ``usable`` of them, long
    enough to be compared, and ``judged`` says of which of these the detector is to tell."""

    names: Sequence[str]
    series: Sequence[Series]
    usable: Sequence[int]
    judged: Sequence[bool]
    grid: Grid | None

    def named(self, rows: Sequence[int]) -> str:
        """The first three streams in these rows of the grid, as text."""
        return ", ".join(self.names[self.usable[j]] for j in rows[:3])


def telling(series: Series, few_values: int) -> bool:
    """Whether a stream is a measurement that moves, not a state or a machine at rest."""
    return len(np.unique(series.value)) >= few_values and not at_rest(series)


def compared(
    names: Sequence[str], series: Sequence[Series], few_values: int, without: Set[str] = frozenset()
) -> Compared:
    """Streams to be compared; those of few values, at rest or ``without`` are not judged."""
    usable = [i for i, one in enumerate(series) if len(one) >= LEAST_ROWS * WINDOWS]
    judged = [names[i] not in without and telling(series[i], few_values) for i in usable]
    if not usable:
        return Compared(names, series, usable, judged, None)
    step = float(np.median([period(series[i]) for i in usable]))
    return Compared(names, series, usable, judged, grid_of([series[i] for i in usable], step))
