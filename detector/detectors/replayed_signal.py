"""replayed_signal: a stream repeats its own past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores, Showing
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.extremes import usual_largest
from detector.signals.likeness import MOST, WINDOW, averaged, changes, own_past
from detector.signals.series import Series, SeriesStore, without_faults
from detector.signals.shown_again import Again, shown_again

FEW = "too few readings or changes to tell a replay from chance"


@dataclass(frozen=True)
class ReplayedSignalParameters:
    """Parameters of :class:`ReplayedSignal`.

    * ``min_bits``: information that an exactly repeated stretch has at least;
    * ``min_excess``: standard errors by which a stretch that is merely alike agrees better with one
      part of the past than with any other;
    * ``min_r``: correlation of its changes with that part (0..1);
    * ``averaging``: readings per mean, for the scales on which stretches are compared.
    """

    min_bits: float = 80.0
    min_excess: float = 8.0
    min_r: float = 0.6
    averaging: tuple[int, ...] = (1, 4, 16)


class ReplayedSignal:
    """What a stream reports is what it reported before.

    Exactly (any offset): a stretch of steps that occurred before; score: its information in bits /
    what repeated stretches of this stream usually have. Nearly (noise, another scale): windows in
    a row of changes that agree with one part of the past far better than with any other part, so
    that a rhythm is none; score: that excess / what is usual. Blind for states and short streams.
    See copied_signal for other streams, fabricated_signal for a template over and over.
    """

    name: ClassVar[str] = "replayed_signal"
    unit: ClassVar[str] = "times usual"

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
        if len(series) < 3 * WINDOW or len(np.unique(series.value)) <= 5:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        exact = self._exact(stream, series)
        alike = [f for f in self._alike(stream, series) if not any(_same(f, e) for e in exact)]
        findings = [*exact, *alike]
        return scored(self.name, stream, self.unit, series.time, findings)

    def _exact(self, stream: str, series: Series) -> list[Finding]:
        found = shown_again(series)
        usual = _usual([again.bits for again in found], self.parameters.min_bits)
        return [
            Finding(again.start, again.end, again.bits / usual, _evidence(stream, again))
            for again in found
            if again.bits > usual and not again.template
        ]

    def _alike(self, stream: str, series: Series) -> list[Finding]:
        limits = self.parameters
        findings: list[Finding] = []
        for rows in limits.averaging:
            if not 4 * WINDOW <= len(series) // rows <= MOST:
                continue
            time, value = averaged(series.time, rows), averaged(series.value, rows)
            found = own_past(changes(value))
            usual = _usual([a.excess for a in found], limits.min_excess)
            for alike in found:
                lone = alike.last - alike.first <= WINDOW
                if lone or alike.excess <= usual or alike.r < limits.min_r:
                    continue
                start, end = float(time[alike.first]), float(time[min(alike.last, len(time) - 1)])
                lag = start - float(time[alike.first - alike.lag])
                figures = {"correlation": round(alike.r, 3), "excess": round(alike.excess, 1)}
                other = Showing(stream, start - lag, end - lag, lag)
                evidence = Evidence(start, end, "alike", figures, other)
                findings.append(Finding(start, end, alike.excess / usual, evidence))
        return findings


def _same(alike: Finding, exact: Finding) -> bool:
    """Whether a stretch that is alike is the blurred image of an exact one."""
    one, two = alike.evidence.other, exact.evidence.other
    if one is None or two is None or alike.start > exact.end or exact.start > alike.end:
        return False
    return abs(one.lag - two.lag) <= 0.02 * two.lag


def _usual(values: list[float], at_least: float) -> float:
    usual = usual_largest(np.array(values))
    return max(usual if np.isfinite(usual) else 0.0, at_least)


def _evidence(stream: str, again: Again) -> Evidence:
    other = Showing(stream, again.start - again.lag, again.end - again.lag, again.lag)
    return Evidence(again.start, again.end, "exact", {"bits": round(again.bits, 1)}, other)
