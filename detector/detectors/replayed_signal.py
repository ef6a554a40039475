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
from detector.signals.repeats import Repeat, repeats, steps_of
from detector.signals.series import Series, SeriesStore, period, without_faults

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
    See copied_signal for other streams.
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
        findings = [*self._exact(stream, series), *self._alike(stream, series)]
        return scored(self.name, stream, self.unit, series.time, findings)

    def _exact(self, stream: str, series: Series) -> list[Finding]:
        found = _joined(repeats([steps_of(series.value)], 12.0), series)
        usual = _usual([showing.bits for showing in found], self.parameters.min_bits)
        return [
            Finding(showing.start, showing.end, showing.bits / usual, showing.evidence(stream))
            for showing in found
            if showing.bits > usual
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


def _usual(values: list[float], at_least: float) -> float:
    usual = usual_largest(np.array(values))
    return max(usual if np.isfinite(usual) else 0.0, at_least)


@dataclass(frozen=True)
class _Showing:
    """An exactly repeated stretch [start, end] s, ``lag`` s after the first, and its bits."""

    start: float
    end: float
    lag: float
    bits: float

    def evidence(self, stream: str) -> Evidence:
        figures = {"bits": round(self.bits, 1)}
        other = Showing(stream, self.start - self.lag, self.end - self.lag, self.lag)
        return Evidence(self.start, self.end, "exact", figures, other)


def _joined(found: list[Repeat], series: Series) -> list[_Showing]:
    """Repeats at one lag in seconds, a few missing readings apart, as one."""
    step = period(series)
    showings: list[_Showing] = []
    for repeat in sorted(found, key=lambda r: r.first):
        start, end = float(series.time[repeat.first]), float(series.time[repeat.last + 1])
        lag = start - float(series.time[repeat.first - repeat.lag])
        for number in range(len(showings) - 1, max(len(showings) - 9, -1), -1):
            before = showings[number]
            if abs(before.lag - lag) <= 1.5 * step and start - before.end <= 24 * step:
                bits = before.bits + repeat.bits
                showings[number] = _Showing(before.start, max(end, before.end), before.lag, bits)
                break
        else:
            showings.append(_Showing(start, end, lag, repeat.bits))
    return showings
