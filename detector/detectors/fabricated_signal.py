"""fabricated_signal: readings that no sensor made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.daily import HOP_S, WINDOW_S, daily
from detector.signals.daily import OVERLAP as DAYS
from detector.signals.extremes import usual_largest
from detector.signals.manner import OVERLAP, SIZES, STILL, WHITE, manner, rows_of, shape
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, at_rest, without_faults
from detector.signals.shown_again import shown_again
from detector.signals.texture import STRIDE, WINDOW, textures
from detector.signals.unlike import Unlike, most_unlike
from detector.signals.whiteness import is_white

F64 = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Kinds that go with the hours at which people work.
AT_WORK = frozenset({"hoist", "belt_scale", "power", "current"})

FEW = "too few readings or changes to tell how this sensor's readings usually run"


@dataclass(frozen=True)
class FabricatedSignalParameters:
    """Parameters of :class:`FabricatedSignal`.

    * ``min_readings``: readings a stream needs to be judged;
    * ``min_windows``: stretches with changes it needs to know how rough it ever is;
    * ``min_apart``: how far a measure lies from its median at least (1 = a factor of e);
    * ``in_a_row``: stretches in a row that must all be unusual;
    * ``stillest``: part of the stretches with least change from step to step among which a smooth
      one lies (0..1): a sensor's own noise does not cease while it rises or falls;
    * ``habit``: what a stream does more often than so many times is its way;
    * ``few_values``: a stream of fewer different values is a state, not a measurement;
    * ``min_bits``: information that a template over and over has at least;
    * ``usual_white``, ``usual_other``, ``usual_both``: how many times as near to white noise, as
      unlike the rest, and as both as any other the most unlike stretch may be by itself;
    * ``usual_size``, ``usual_shape``, ``usual_hours``: how many times as large or small white
      noise, as lopsided, and as far from the usual rhythm of the day; ``less_sure``: so many times
      more where what is near to white noise is not white;
    * ``min_turn``: how far a rhythm is from the usual one at least, in parts of its strength (0.5:
      half as strong, or an hour and 56 minutes of a day later);
    * ``lively``: part of the steps that are 0 up to which a stream is lopsided or not at all.
    """

    min_readings: int = 640
    min_windows: int = 40
    min_apart: float = 1.0
    in_a_row: int = 3
    stillest: float = 0.1
    habit: int = 3
    few_values: int = 8
    min_bits: float = 160.0
    usual_white: float = 1.75
    usual_other: float = 1.75
    usual_both: float = 1.35
    usual_size: float = 1.5
    usual_shape: float = 1.6
    less_sure: float = 1.2
    usual_hours: float = 1.6
    min_turn: float = 0.5
    lively: float = 1 / 3


class FabricatedSignal:
    """A stretch that runs unlike this sensor ever does: as white noise, or too smoothly.

    Of overlapping stretches of readings: how much of the spread is from reading to reading, and how
    much of the steps changes from step to step (:func:`detector.signals.texture.textures`).
    Score: how far either lies from its median / how far it usually lies at most, over three
    stretches in a row. Or how much nearer to white noise, or further from all others by eight
    measures at once (:func:`detector.signals.manner.manner`) or by six of lopsidedness
    (:func:`detector.signals.manner.shape`), one stretch runs than any other as long; or how much
    larger or smaller noise it is. Noise must be white near and far
    (:func:`detector.signals.whiteness.is_white`). Or how much further its rhythm of the day is from
    the usual one than ever (:func:`detector.signals.daily.daily`; not of machines and power: people
    change their hours). Or one template over and over; score: its
    information / ``min_bits``. Blind for states and short streams; of head-counts and statuses only
    templates are told. Does not see noise that wanders as the sensor itself does.
    """

    name: ClassVar[str] = "fabricated_signal"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: FabricatedSignalParameters | None = None) -> None:
        self.parameters = parameters or FabricatedSignalParameters()
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
        device = self._store.device(stream)
        series = without_faults(self._store.series(stream), device)
        limits = self.parameters
        few = len(np.unique(series.value)) < limits.few_values or at_rest(series)
        if few or len(series) < limits.min_readings:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        findings = self._templates(series)
        if device.kind in ("count", "status"):  # shifts change at once, and rest for hours
            return scored(self.name, stream, self.unit, series.time, findings)
        findings += self._unlike(series)
        if device.kind not in AT_WORK:
            findings += self._other_hours(series)
        first, measures = textures(series.value)
        if len(first) >= limits.min_windows:
            for number, kind in ((0, "noise"), (0, "smooth"), (1, "noise"), (1, "smooth")):
                findings += self._unusual(series, first, measures, number, kind)
        return scored(self.name, stream, self.unit, series.time, _joined(findings))

    def _unlike(self, series: Series) -> list[Finding]:
        """The stretch that runs most like white noise, and those most unlike all others."""
        limits, measures = self.parameters, manner(series.value)
        way = measures[: len(WHITE)]
        white = most_unlike(way, OVERLAP, WHITE - np.median(way, axis=1))
        other = most_unlike(measures, OVERLAP)
        still = float(np.median(measures[STILL]))
        bent = most_unlike(shape(series.value), OVERLAP) if still < limits.lively else None
        found = []
        if white is not None:
            found.append((white, white.ratio / limits.usual_white, "noise"))
        if other is not None:
            found.append((other, other.ratio / limits.usual_other, "unlike"))
        if white is not None and other is not None and _overlap(white, other):
            both = float(np.sqrt(max(white.ratio, 0.0) * other.ratio))
            found.append((white, both / limits.usual_both, "noise"))
        if bent is not None:
            found.append((bent, bent.ratio / limits.usual_shape, "unlike"))
        for rows in SIZES:
            sized = most_unlike(measures[[rows]], OVERLAP)
            if sized is not None:
                found.append((sized, sized.ratio / limits.usual_size, "size"))
        findings = []
        for stretch, value, kind in found:
            first, last = rows_of(stretch.first, stretch.last)
            if kind != "unlike" and not is_white(series.value[first : last + 1]):
                kind, value = "unlike", 0.0 if kind == "size" else value / limits.less_sure
            if value > 1:
                kind = "noise" if kind == "size" else kind
                start, end = float(series.time[first]), float(series.time[last])
                figures = {"times_next": round(stretch.ratio, 2)}
                findings.append(Finding(start, end, value, Evidence(start, end, kind, figures)))
        return findings

    def _other_hours(self, series: Series) -> list[Finding]:
        """The stretch that goes with the hours of the day as no other does."""
        measures = daily(series)
        odd = None if measures is None else most_unlike(measures, DAYS)
        if measures is None or odd is None or odd.ratio <= self.parameters.usual_hours:
            return []
        strength = float(np.linalg.norm(np.median(measures, axis=1)))
        if np.linalg.norm(odd.apart) < self.parameters.min_turn * strength:
            return []
        start, end = (series.time[0] + w * HOP_S + WINDOW_S / 2 for w in (odd.first, odd.last))
        figures = {"times_next": round(odd.ratio, 2)}
        evidence = Evidence(float(start), float(end), "hours", figures)
        value = odd.ratio / self.parameters.usual_hours
        return [Finding(evidence.start, evidence.end, value, evidence)]

    def _templates(self, series: Series) -> list[Finding]:
        """One piece of readings over and over, from its second showing on: the first may be so."""
        findings = []
        for again in shown_again(series):
            if again.template and again.bits > self.parameters.min_bits:
                value = again.bits / self.parameters.min_bits
                figures = {"period_s": again.lag, "bits": round(again.bits, 1)}
                evidence = Evidence(again.start, again.end, "template", figures)
                findings.append(Finding(again.start, again.end, value, evidence))
        return findings

    def _unusual(
        self, series: Series, first: Rows, measures: F64, number: int, kind: str
    ) -> list[Finding]:
        """Stretches in which one measure lies further from its median than it usually does: above
        it as white noise does, or below it with as little noise as this sensor ever has."""
        limits, measure = self.parameters, measures[:, number] * (1 if kind == "noise" else -1)
        apart = np.maximum(measure - np.median(measure), 0.0)
        skipped = max(3, len(apart) // 8)
        usual = usual_largest(apart, skipped=skipped)
        usual = max(usual if np.isfinite(usual) else 0.0, limits.min_apart)
        stillest = float(np.quantile(measures[:, 2], limits.stillest))
        found = [
            (float(np.median(apart[a : b + 1])), a, b)
            for a, b in runs(apart > usual)
            if b - a + 1 >= limits.in_a_row and first[b] - first[a] <= (b - a) * STRIDE
        ]
        habit = sorted((size for size, _, _ in found), reverse=True)[limits.habit :]
        usual = max(usual, *habit[:1], 0.0)
        findings = []
        for size, a, b in found:
            until = min(int(first[b]) + WINDOW, len(series))
            if kind == "noise":
                made_up = is_white(series.value[first[a] : until])
            else:
                made_up = bool(np.median(measures[a : b + 1, 2]) <= stillest)
            if not made_up:
                continue
            start, end = float(series.time[first[a]]), float(series.time[until - 1])
            figures = {"apart": round(size, 2), "usual": round(usual, 2)}
            evidence = Evidence(start, end, kind, figures)
            findings.append(Finding(start, end, size / usual, evidence))
        return findings


def _joined(findings: list[Finding]) -> list[Finding]:
    """Findings that share time as one each: what the strongest says, over all of it."""
    found: list[Finding] = []
    for one in sorted(findings, key=lambda f: -f.value):
        near = next((k for k in found if one.start <= k.end and k.start <= one.end), None)
        if near is None:
            found.append(one)
            continue
        start, end = min(one.start, near.start), max(one.end, near.end)
        evidence = replace(near.evidence, start=start, end=end)
        found[found.index(near)] = Finding(start, end, near.value, evidence)
    return found


def _overlap(one: Unlike, other: Unlike) -> bool:
    """Whether each of two stretches lies within the other by half."""
    both = min(one.last, other.last) - max(one.first, other.first) + 1
    return both >= 0.5 * max(one.last - one.first + 1, other.last - other.first + 1)
