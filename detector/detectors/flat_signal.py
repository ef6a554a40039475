"""flat_signal: a sensor's value is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.extremes import usual_largest
from detector.signals.narrowness import lasting_within, narrow
from detector.signals.relations import RelationsModel
from detector.signals.series import Series, SeriesStore, period, without_faults

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Kinds that tell nothing by being zero for long.
MACHINES = frozenset({"hoist", "belt_scale", "flow", "power", "current", "count", "status"})

FEW = "too few different values or changes to tell a held value from an unchanged one"


@dataclass(frozen=True)
class FlatSignalParameters:
    """Parameters of :class:`FlatSignal`.

    * ``few_values``: a stream of at most so many different values is a state, not a measurement;
    * ``min_still``: reports that are never too many to be alike by themselves;
    * ``stretch``: the longest usual stretch is at most so many times the longest other one (>= 1);
    * ``narrower``: what is so many times narrower than ever may be held but for a little noise.
    """

    few_values: int = 5
    min_still: float = 4.0
    stretch: float = 5 / 3
    narrower: float = 2.5


class FlatSignal:
    """Constant for longer than the sensor's own habits explain.

    Score: seconds constant (gaps not counted) / seconds that the longest constant stretch of this
    sensor usually is: what its others tell (:func:`detector.signals.extremes.usual_largest`), at
    most ``stretch`` times the longest of them. A sensor of coarse resolution may rest for hours,
    one with noise never does. Rests at a value the stream rests at again and again (a pump that is
    off) are compared with each other. A value held but for a little noise,
    at least ``narrower`` times narrower than the sensor ever is for so long
    (:func:`detector.signals.narrowness.narrow`), is compared with how long it else stays within as
    little. With a model of the site none is too long that was
    not when it was learned. Blind for states, and for streams that hardly ever change. Misses a
    machine held at zero: it may be off for as long as it likes (see inconsistent_production).
    """

    name: ClassVar[str] = "flat_signal"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: FlatSignalParameters | None = None) -> None:
        self.parameters = parameters or FlatSignalParameters()
        self._store = SeriesStore()
        self._rests: dict[str, float] = {}

    def know(self, model: RelationsModel | None) -> None:
        """Take from the site's model how long its streams have rested when all was well."""
        self._rests = dict(zip(model.streams, model.rest_s, strict=True)) if model else {}

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
        device = self._store.device(stream)
        series = without_faults(self._store.series(stream), device)
        limits = self.parameters
        if len(np.unique(series.value)) <= limits.few_values:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        step = period(series)
        first, last, lengths = _constant(series, step)
        reference = np.maximum(
            self._reference(series.value[first], lengths), limits.min_still * step
        )
        reference = np.maximum(reference, self._rests.get(stream, 0.0))
        off = (series.value[first] <= 0.0) & (device.kind in MACHINES)
        findings = []
        for run in np.flatnonzero((lengths > reference) & ~off):
            start, end = float(series.time[first[run]]), float(series.time[last[run]])
            figures = {
                "value": float(series.value[first[run]]),
                "usual_s": round(float(reference[run]), 1),
                "constant_s": round(float(lengths[run] - step), 1),
            }
            evidence = Evidence(start, end, "held", figures)
            findings.append(Finding(start, end, float(lengths[run] / reference[run]), evidence))
        findings += [
            nearly
            for nearly in self._nearly(series)
            if all(nearly.start > held.end or nearly.end < held.start for held in findings)
        ]
        return scored(self.name, stream, self.unit, series.time, findings)

    def _nearly(self, series: Series) -> list[Finding]:
        """Stretches that are held but for a little noise."""
        found, step = [], period(series)
        for one in narrow(series.value, self.parameters.narrower):
            first, last = lasting_within(series.value, one.width)
            other = (last < one.first) | (first > one.last)
            lengths = step * np.append((last - first + 1)[other], one.last - one.first + 1)
            usual = float(self._usual(lengths.astype(np.float64))[-1])
            start, end = float(series.time[one.first]), float(series.time[one.last])
            figures = {
                "value": float(np.median(series.value[one.first : one.last + 1])),
                "within": round(one.width, 6),
                "usual_s": round(usual, 1),
                "constant_s": round(end - start, 1),
            }
            evidence = Evidence(start, end, "nearly held", figures)
            found.append(Finding(start, end, float(lengths[-1] / usual), evidence))
        return found

    def _reference(self, values: F64, lengths: F64) -> F64:
        """Longest usual length (n,), s, of each constant stretch, by its value."""
        ordinary, own_habit = np.ones(len(values), dtype=bool), []
        usual_length, total = float(np.median(lengths)), float(lengths.sum())
        for value in np.unique(values[lengths > 10 * usual_length]):
            own = values == value
            if own.sum() >= 3 and lengths[own].sum() - lengths[own].max() > 0.01 * total:
                own_habit.append(own)
                if np.median(lengths[own]) > 4 * usual_length:
                    ordinary &= ~own
        reference = np.zeros(len(values))
        reference[ordinary] = self._usual(lengths[ordinary])
        for own in own_habit:
            reference[own] = np.maximum(reference[own], self._usual(lengths[own]))
        return reference

    def _usual(self, lengths: F64) -> F64:
        """Longest usual length (n,), s, of each of these stretches by the others of them."""
        if len(lengths) < 2:
            return np.full(len(lengths), np.inf)
        second, longest = np.partition(lengths, len(lengths) - 2)[-2:]
        others = np.where(lengths == longest, second, longest)
        usual: F64 = np.fmin(self.parameters.stretch * others, usual_largest(lengths))
        return usual


def _constant(series: Series, step: float) -> tuple[Rows, Rows, F64]:
    """First and last row of every stretch of one value, and its seconds, gaps not counted."""
    scale = np.maximum(np.abs(series.value[1:]), np.abs(series.value[:-1]))
    differs = np.abs(np.diff(series.value)) > 1e-9 * scale
    interval = np.diff(series.time)
    counted = np.append(0.0, np.cumsum(np.where(interval > 10 * step, step, interval)))
    last = np.flatnonzero(np.append(differs, True))
    first = np.append(0, last[:-1] + 1)
    return first, last, counted[last] - counted[first] + step
