"""spike: a reading jumps and comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.extremes import usual_largest
from detector.signals.series import Series, SeriesStore, period, without_faults

F64 = NDArray[np.float64]

FEW = "too few readings that differ to tell what jump is usual"


@dataclass(frozen=True)
class SpikeParameters:
    """Parameters of :class:`Spike`.

    * ``min_jumps``: fewer jumps than this do not tell what is usual;
    * ``stretch``: the largest usual jump is at most so many times the fourth largest.
    """

    min_jumps: int = 50
    stretch: float = 2.5


class Spike:
    """A jump and back within one report that is out of proportion to the stream's other ones.

    Score: the smaller of the two steps / what the largest such pair of steps usually is, where both
    go the same way off the neighbours (:func:`detector.signals.extremes.usual_largest`), at most
    ``stretch`` times the fourth largest. A stream that hardly ever jumps and comes back is compared
    with its fourth largest step, which leads on: what it does not do by itself needs no more. A
    jump of any usual size that ends far from where the stream ever is counts by both: the root of
    this times the distance from the median / what that usually is at most. Blind for streams that
    hardly change. See out_of_range for values that no device can measure.
    """

    name: ClassVar[str] = "spike"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: SpikeParameters | None = None) -> None:
        self.parameters = parameters or SpikeParameters()
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
        jump = _jumps(series)
        usual = self._usual(jump, series)
        if not usual > 0:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        step = period(series)
        score = jump / usual
        away = np.abs(series.value - np.median(series.value))
        furthest = self._largest(away)
        far = (score > 1) & (away > furthest)
        score[far] = np.maximum(score[far], np.sqrt(score[far] * away[far] / furthest))
        findings = []
        for row in np.flatnonzero(score > 1):
            at = float(series.time[row])
            figures = {
                "value": float(series.value[row]),
                "before": float(series.value[row - 1]),
                "after": float(series.value[row + 1]),
                "usual_jump": round(usual, 4),
            }
            evidence = Evidence(at, at + step, "jump", figures)
            findings.append(Finding(at, at, float(score[row]), evidence))
        return scored(self.name, stream, self.unit, series.time, findings)

    def _usual(self, jump: F64, series: Series) -> float:
        """What the largest jump usually is, NaN where that cannot be told."""
        least = self.parameters.min_jumps
        if np.count_nonzero(jump) >= least:
            return self._largest(jump)
        steps = np.abs(np.diff(series.value))
        if np.count_nonzero(steps) < least:
            return float("nan")
        return min(usual_largest(steps, at_least=least), _fourth(steps))

    def _largest(self, sizes: F64) -> float:
        """What the largest of these usually is."""
        usual = usual_largest(sizes, at_least=self.parameters.min_jumps)
        return float(np.fmin(usual, self.parameters.stretch * _fourth(sizes)))


def _fourth(sizes: F64) -> float:
    return float(np.partition(sizes, -4)[-4])


def _jumps(series: Series) -> F64:
    """Height (n,) by which each reading stands out from both its neighbours, 0 at the ends."""
    jump = np.zeros(len(series))
    if len(series) < 3:
        return jump
    before, after = series.value[1:-1] - series.value[:-2], series.value[1:-1] - series.value[2:]
    jump[1:-1] = np.where(before * after > 0, np.minimum(np.abs(before), np.abs(after)), 0.0)
    return jump
