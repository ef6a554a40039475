"""capped_signal: a signal is held below a ceiling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.series import Series, SeriesStore, without_faults

FEW = "too few peaks to tell a ceiling from chance"


@dataclass(frozen=True)
class CappedSignalParameters:
    """Parameters of :class:`CappedSignal`.

    * ``min_touches``: peaks at one value that a ceiling has at least;
    * ``min_peaks``: peaks a stream needs to be judged;
    * ``prominence``: standard deviations of the stream that a peak rises from both its valleys:
      what a reading dithers by is no peak;
    * ``few_values``: among so few different values peaks end at the same one by chance;
    * ``min_digits``, ``beyond``: digits of unlikeliness that a ceiling has at least, and how many
      times those of the next best ceiling of this stream it has.
    """

    min_touches: int = 5
    min_peaks: int = 30
    prominence: float = 0.2
    few_values: int = 15
    min_digits: float = 8.0
    beyond: float = 2.0


class CappedSignal:
    """Peak after peak ends at exactly one value, and none goes beyond.

    Of the stream's other peaks that reach a value v, the part ``p`` stops at exactly v; ``n`` peaks
    in a row at v and none beyond are ``p ** n`` likely. Score: the digits of that,
    ``-n * log10(p)``, / what is usual in this stream: ``beyond`` times that of its next best
    ceiling, as neighbouring peaks are alike. A coarse resolution makes p large and so is allowed
    for; a bound the quantity has by nature (a full tank) is touched all the time, which makes p
    one. Blind for streams with few peaks. See scaled_signal for a signal squeezed smoothly.
    """

    name: ClassVar[str] = "capped_signal"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: CappedSignalParameters | None = None) -> None:
        self.parameters = parameters or CappedSignalParameters()
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
        row, height = _peaks(series, limits.prominence * float(np.std(series.value)))
        few = len(np.unique(series.value)) <= limits.few_values
        if few or len(row) < limits.min_peaks:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        findings = []
        values, counts = np.unique(height, return_counts=True)
        high = values > np.median(series.value)
        for value in values[high & (counts >= limits.min_touches)]:
            reaching = np.flatnonzero(height >= value)
            at = height[reaching] == value
            edges = np.flatnonzero(np.diff(np.concatenate([[False], at, [False]]).astype(np.int8)))
            for first, last in zip(edges[::2], edges[1::2] - 1, strict=True):
                touches = int(last - first + 1)
                if touches < limits.min_touches:
                    continue
                others = len(at) - touches
                if (
                    others < limits.min_touches
                ):  # never exceeded: a bound by nature, as far as known
                    continue
                equal = int(at.sum()) - touches
                chance = (equal + 1) / (others + 2)
                start = float(series.time[row[reaching[first]]])
                end = float(series.time[row[reaching[last]]])
                figures = {"ceiling": float(value), "touches": touches, "share": round(chance, 4)}
                score = float(-touches * np.log10(chance))
                evidence = Evidence(start, end, "clipped", figures)
                findings.append(Finding(start, end, score, evidence))
        return scored(self.name, stream, self.unit, series.time, self._beyond(_strongest(findings)))

    def _beyond(self, findings: list[Finding]) -> list[Finding]:
        """The findings with their digits in times of what is usual in the stream."""
        limits = self.parameters
        result = []
        for finding in findings:
            ceiling = finding.evidence.figures["ceiling"]
            others = [f.value for f in findings if f.evidence.figures["ceiling"] != ceiling]
            usual = max([limits.min_digits, *(limits.beyond * v for v in others)])
            figures = {**finding.evidence.figures, "digits": round(finding.value, 1)}
            evidence = replace(finding.evidence, figures=figures)
            result.append(replace(finding, value=finding.value / usual, evidence=evidence))
        return result


def _strongest(findings: list[Finding]) -> list[Finding]:
    """Of findings that overlap the one that scores highest."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: -f.value):
        if all(finding.end < k.start or finding.start > k.end for k in kept):
            kept.append(finding)
    return kept


def _peaks(
    series: Series, prominence: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Rows and heights of the peaks from which the signal falls by ``prominence`` on both sides."""
    changes = np.flatnonzero(np.diff(series.value) != 0) + 1
    first = np.concatenate([[0], changes]).astype(np.intp)
    level = series.value[first].tolist()
    rows: list[int] = []
    high = low = level[0] if level else 0.0
    at, rising = 0, False
    for number, value in enumerate(level):
        if rising:
            if value > high:
                high, at = value, number
            elif value <= high - prominence:
                rows.append(at)
                rising, low = False, value
        elif value < low:
            low = value
        elif value >= low + prominence:
            rising, high, at = True, value, number
    found = first[np.array(rows, dtype=np.intp)] if rows else np.zeros(0, dtype=np.intp)
    return found, series.value[found]
