"""flat_signal: a sensor's value is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.extremes import usual_largest
from detector.signals.series import Series, SeriesStore, period, without_faults

FEW = "too few different values or changes to tell a held value from an unchanged one"


@dataclass(frozen=True)
class FlatSignalParameters:
    """Parameters of :class:`FlatSignal`.

    * ``few_values``: a stream of at most so many different values is a state, not a measurement;
    * ``min_still``: reports that are never too many to be alike by themselves;
    * ``stretch``: the longest usual stretch is at most so many times the longest other one (>= 1).
    """

    few_values: int = 5
    min_still: float = 4.0
    stretch: float = 5 / 3


class FlatSignal:
    """Constant for longer than the sensor's own habits explain.

    Score: seconds constant / seconds that the longest constant stretch of this sensor usually is,
    told from its other constant stretches (:func:`detector.signals.extremes.usual_largest`): a
    sensor of coarse resolution may rest for hours, one with noise never does. The value a stream
    rests at again and again (a pump that is off) is compared with its rests at that value alone.
    Blind for states, and for streams that hardly ever change.
    """

    name: ClassVar[str] = "flat_signal"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: FlatSignalParameters | None = None) -> None:
        self.parameters = parameters or FlatSignalParameters()
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
        limits = self.parameters
        if len(np.unique(series.value)) <= limits.few_values:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        first, last = _constant(series)
        step = period(series)
        seconds = series.time[last] - series.time[first]
        lengths = seconds + step
        floor = limits.min_still * step
        usual = max(self._usual(lengths), floor)
        second, longest = np.sort(lengths)[-2:] if len(lengths) > 1 else (np.inf, np.inf)
        resting = self._resting(series, first, lengths)
        findings = []
        for a, b, length in zip(first, last, lengths, strict=True):
            value = float(series.value[a])
            others = second if length == longest else longest
            reference = min(usual, limits.stretch * float(others))
            reference = max(reference, resting.get(value, 0.0), floor)
            if length <= reference:
                continue
            ratio = float(length / reference)
            start, end = float(series.time[a]), float(series.time[b])
            figures = {"value": value, "usual_s": round(reference, 1), "constant_s": end - start}
            findings.append(Finding(start, end, ratio, Evidence(start, end, "held", figures)))
        return scored(self.name, stream, self.unit, series.time, findings)

    def _usual(self, lengths: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        """Longest usual constant stretch, s; infinite where there are too few to tell."""
        if len(lengths) < 30:
            return float("inf")
        return usual_largest(lengths)

    def _resting(
        self,
        series: Series,
        first: np.ndarray[tuple[int], np.dtype[np.intp]],
        lengths: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> dict[float, float]:
        """Longest usual rest, s, at the values that the stream rests at for much of its time."""
        values = series.value[first]
        total = float(lengths.sum())
        found = {}
        for value in np.unique(values[lengths > 10 * np.median(lengths)]):
            own = lengths[values == value]
            if len(own) >= 3 and own.sum() - own.max() > 0.01 * total:
                rests = self.parameters.stretch * float(np.sort(own)[-2])
                found[float(value)] = self._usual(own) if len(own) >= 30 else rests
        return found


def _constant(
    series: Series,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """First and last row of every stretch of one value, gaps of more than 10 reports apart."""
    scale = np.maximum(np.abs(series.value[1:]), np.abs(series.value[:-1]))
    differs = np.abs(np.diff(series.value)) > 1e-9 * scale
    differs |= np.diff(series.time) > 10 * period(series)
    ends = np.flatnonzero(np.append(differs, True))
    return np.append(0, ends[:-1] + 1), ends
