"""replayed_signal: a stream shows its own past again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.score import Scores
from detector.detectors.match_findings import finding_of
from detector.detectors.readings import all_blind, scored
from detector.signals.grid import grid_of
from detector.signals.matches import Match, Search, disjoint
from detector.signals.series import SeriesStore, period, without_faults
from detector.signals.waves import LENGTH

FEW = "too few readings or changes to tell a replay from chance"


@dataclass(frozen=True)
class ReplayedSignalParameters:
    """Parameters of :class:`ReplayedSignal`.

    * ``max_unexplained``: part of the variance of the differences that a replay may leave (0..1);
    * ``few_values``: a stream of fewer different values is a state, not a measurement.
    """

    max_unexplained: float = 0.15
    few_values: int = 8


class ReplayedSignal:
    """A stretch of readings is one reported before.

    Exactly (any offset): a stretch of changes that occurred before. Nearly (noise, another scale):
    differences at one of three scales that the earlier ones explain far better than at other times,
    and than those of a day, a week and the nearest days before, so that a rhythm is none; and far
    better than other stretches are explained by whichever explains them best, so that cycles of a
    pump, whenever they come, are none either. Score: the information of the match in bits, less
    that of all comparisons. Blind for states and short streams. See copied_signal for other
    streams, fabricated_signal for a template over and over.
    """

    name: ClassVar[str] = "replayed_signal"
    unit: ClassVar[str] = "bits"

    def __init__(self, parameters: ReplayedSignalParameters | None = None) -> None:
        self.parameters = parameters or ReplayedSignalParameters()
        self._store = SeriesStore()

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the stream's own other readings are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are judged together at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge every stream."""
        return [self._judged(stream) for stream in self._store.streams()]

    def _judged(self, stream: str) -> Scores:
        series = without_faults(self._store.series(stream), self._store.device(stream))
        few = len(np.unique(series.value)) < self.parameters.few_values
        if few or len(series) < 4 * LENGTH:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        grid = grid_of([series], period(series))
        search = Search(grid.value, own_past=True, rhythm=grid.rows_a_day)
        found = search.matches(self.parameters.max_unexplained)
        kept = disjoint([match for match in found if not _template(match)])
        findings = [finding_of(match, grid, stream) for match in kept]
        return scored(self.name, stream, self.unit, series.time, findings)


def _template(match: Match) -> bool:
    """Whether it is one short piece over and over."""
    return match.last - match.first >= 2 * match.lag
