"""displaced_sensor: a stream no longer answers what it always answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.calmed import Calmed, calmed_of, with_calm
from detector.detectors.compared import Compared, compared
from detector.detectors.readings import BlindStretch, Finding, scored
from detector.signals.answers import Answer, least_answer
from detector.signals.gas_step import GAS, without_gas_steps
from detector.signals.grid import Grid, held, reported, unlike_itself
from detector.signals.relation import WINDOWS, alikeness, companions, expected
from detector.signals.series import Series, SeriesStore, without_faults

F64 = NDArray[np.float64]

FEW = "too few readings or changes to know what it answers"
MACHINE = "it does not tell how the air is at a place"
ALONE = "there is no other stream that it answers closely enough"
#: Streams without each of which a lost answer must still be lost, if the rest correlate so nearly.
_CLOSEST, _NEARLY = 3, 0.9
#: Kinds that are not measured at a place that could be exchanged for another (the air's pressure is
#: the same at all).
MACHINES = frozenset(
    {"hoist", "belt_scale", "power", "current", "voltage", "count", "status", "pressure"}
)


@dataclass(frozen=True)
class DisplacedSensorParameters:
    """Parameters of :class:`DisplacedSensor`.

    * ``most``: streams from which is told what to expect;
    * ``few_values``: a stream of fewer different values is a state, not a measurement;
    * ``covered``: part of the time over which a stream must report to be compared (0..1);
    * ``min_correlation``: what is told and expected correlate usually by at least this;
    * ``max_left``: part of the usual answer that may be left in a stretch that counts;
    * ``clean``: a level that is lower during this part of the other time is that of fresh air;
    * ``unsure``: of streams that are expected from each other alone, one whose level and steps are
      less unlike its own by this is not told;
    * ``sure``: from a stream that moves so many times less than ever no other is expected.
    """

    most: int = 12
    few_values: int = 12
    covered: float = 0.9
    min_correlation: float = 0.45
    max_left: float = 0.35
    clean: float = 0.1
    unsure: float = 0.5
    sure: float = 2.0


@dataclass(frozen=True)
class _Told:
    """A stream's least answer, its interval [start, end] s, and what it was expected from."""

    answer: Answer
    start: float
    end: float
    others: NDArray[np.intp]


class DisplacedSensor:
    """The answer of a stream to what others let expect collapses for long, while they go on.

    What to expect is a robust regression on the streams that go along with it, learned on its first
    half. Score: how far the slope of what is told on what is expected drops in a stretch / how far
    it drops elsewhere. Where streams that are expected from each other lose their answer together,
    that one is told which loses it without the other, too; else the one less like itself.

    Or a stream moves less than it ever does, in spread and in steps, while it is as low as hardly
    ever and the three streams most like it go on (:mod:`detector.signals.calm`). Score: how far its
    movements drop (logarithm), less what one of the three drops / how far they drop elsewhere. From
    such streams no answer is expected.

    Blind for states, machines, short streams, and where nothing goes along closely. Misses what
    lasts less than 1/40 or more than a quarter of the time, and answers that come later than a few
    readings. See scaled_signal for one that answers by another factor.
    """

    name: ClassVar[str] = "displaced_sensor"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: DisplacedSensorParameters | None = None) -> None:
        self.parameters = parameters or DisplacedSensorParameters()
        self._store = SeriesStore()

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the streams' own first half is what is learned from."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are compared at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Compare every stream with those it goes along with."""
        names = list(self._store.streams())
        machines = {n for n in names if self._store.device(n).kind in MACHINES}
        every = [self._undisturbed(n) for n in names]
        of = compared(names, every, self.parameters.few_values, machines)
        told: dict[int, tuple[_Told | None, Calmed | None]] = {}
        if of.grid is not None:
            calmed = calmed_of(of.grid, of.judged, self.parameters.covered)
            found = zip(self._all(of.grid, of.judged, calmed), calmed, strict=True)
            told = {i: f for i, f, use in zip(of.usable, found, of.judged, strict=True) if use}
        result = []
        for i, (name, one) in enumerate(zip(names, every, strict=True)):
            answer, calm = told.get(i, (None, None))
            findings = [] if answer is None else self._findings(answer, of, one)
            findings = findings if calm is None else with_calm(findings, calm, of, one)
            whole = (float(one.time[0]), float(one.time[-1])) if len(one) else (0.0, 0.0)
            why = MACHINE if name in machines else ALONE if i in told else FEW
            blind = [BlindStretch(*whole, why)] if answer is None else []
            result.append(scored(self.name, name, self.unit, one.time, findings, blind))
        return result

    def _undisturbed(self, name: str) -> Series:
        """The readings of a stream without faults and the gas of calibrations."""
        device = self._store.device(name)
        series = without_faults(self._store.series(name), device)
        return without_gas_steps(series) if device.kind in GAS else series

    def _all(
        self, grid: Grid, judged: Sequence[bool], calmed: Sequence[Calmed | None]
    ) -> list[_Told | None]:
        """The least answer of every stream; nothing lost where another is to blame: one that is
        surely calm at that time, or one of those that lose their answer together."""
        alike = alikeness(grid.value)
        found = [self._told(grid, alike, i) if use else None for i, use in enumerate(judged)]
        lost = [i for i, one in enumerate(found) if one is not None and self._counts(one)]
        calm = {i: c for i, c in enumerate(calmed) if c and c.ratio > self.parameters.sure}
        result = list(found)
        for i in lost:
            result[i] = self._jackknifed(grid, alike, i, found[i])
            if i not in calm:
                result[i] = self._beside(grid, alike, i, result[i], calm)
        lost = [i for i in lost if result[i] is found[i]]
        for group in _together([(i, found[i]) for i in lost]):
            alone = {i: self._excused(grid, alike, i, set(group) - {i}) for i in group}
            kept = [i for i in group if alone[i] is None] or group
            unlike = {i: _unlike(grid, i, found[i]) for i in kept}
            kept = [i for i in kept if unlike[i] > max(unlike.values()) - self.parameters.unsure]
            for i in set(group) - set(kept):
                result[i] = alone[i]
        return result

    def _beside(
        self, grid: Grid, alike: F64, row: int, told: _Told | None, calm: Mapping[int, Calmed]
    ) -> _Told | None:
        """What is told of a stream where those that are calm meanwhile do not tell it."""
        others = [] if told is None else [j for j in told.others.tolist() if j in calm]
        without = tuple(j for j in others if told and _meet(told, calm[j]))
        if not without:
            return told
        rest = self._told(grid, alike, row, without)
        if rest is None or not self._counts(rest):
            return rest
        return told if told and _meet(rest, told) else None

    def _jackknifed(self, grid: Grid, alike: F64, row: int, told: _Told | None) -> _Told | None:
        """What is told without one of the closest others, where the rest tell nearly as much and it
        answers them: then that one is what went its own way."""
        if told is None:
            return None
        for other in told.others[:_CLOSEST]:
            rest = self._told(grid, alike, row, (int(other),))
            if (
                rest is not None
                and rest.answer.correlation >= _NEARLY * told.answer.correlation
                and not self._counts(rest)
            ):
                return rest
        return told

    def _excused(self, grid: Grid, alike: F64, row: int, others: set[int]) -> _Told | None:
        """What is told of a stream without one of others, if it answers then."""
        for other in sorted(others):
            told = self._told(grid, alike, row, (other,))
            if told is not None and not self._counts(told):
                return told
        return None

    def _counts(self, told: _Told) -> bool:
        return told.answer.left <= self.parameters.max_left and told.answer.ratio > 1

    def _told(
        self, grid: Grid, alike: F64, row: int, without: tuple[int, ...] = ()
    ) -> _Told | None:
        limits, near = self.parameters, alike.copy()
        near[:, list(without)] = -1.0
        others = companions(grid, near, row, limits.most, limits.covered)
        if not len(others):
            return None
        span = slice(*(int(bound[row]) for bound in grid.spans))
        shown = grid.value[[row, *others], span]
        value = np.array([held(v) for v in shown])
        known: NDArray[np.bool_] = np.all([reported(v) for v in shown], axis=0)
        answer = least_answer(value[0], expected(value[0], value[1:]), known)
        if answer is None or answer.correlation < limits.min_correlation:
            return None
        time, rows = grid.time[span], (span.stop - span.start) // WINDOWS
        end = float(time[min((answer.last + 1) * rows, len(time)) - 1])
        return _Told(answer, float(time[answer.first * rows]), end, others)

    def _findings(self, told: _Told, of: Compared, series: Series) -> list[Finding]:
        if not self._counts(told):
            return []
        inside = (series.time >= told.start) & (series.time <= told.end)
        level = float(np.median(series.value[inside])) if inside.any() else np.inf
        clean = level <= float(np.quantile(series.value[~inside], self.parameters.clean))
        figures = {
            "answer_left": round(max(told.answer.left, 0.0), 2),
            "usual_correlation": round(told.answer.correlation, 3),
            "expected_from": of.named(told.others.tolist()),
        }
        end = min(told.end, float(series.time[-1]))
        kind = "fresh air" if clean else "unanswering"
        evidence = Evidence(told.start, end, kind, figures)
        return [Finding(told.start, end, told.answer.ratio, evidence)]


def _unlike(grid: Grid, row: int, told: _Told | None) -> float:
    """How far a stream is there from what it is otherwise."""
    if told is None:
        return 0.0
    first, end = np.searchsorted(grid.time, [told.start, told.end])
    return unlike_itself(held(grid.value[row]), slice(int(first), int(end) + 1))


def _meet(one: _Told | Calmed, other: _Told | Calmed) -> bool:
    return one.start <= other.end and one.end >= other.start


def _together(lost: list[tuple[int, _Told | None]]) -> list[list[int]]:
    """Groups of streams, two or more, that lose their answer at one time."""
    groups: list[list[tuple[int, _Told]]] = []
    for i, told in lost:
        if told is None:
            continue
        for group in groups:
            if any(_meet(told, other) for _, other in group):
                group.append((i, told))
                break
        else:
            groups.append([(i, told)])
    return [[i for i, _ in group] for group in groups if len(group) > 1]
