"""scaled_signal: from some moment a stream is a constant factor of what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.compared import compared, telling
from detector.detectors.displaced_sensor import MACHINES
from detector.detectors.readings import BlindStretch, Finding, scored
from detector.signals.grid import Grid, held, reported
from detector.signals.level_shift import LevelShift, level_shift
from detector.signals.relation import (
    SIDE,
    WINDOWS,
    Shift,
    alikeness,
    companions,
    expected,
    shift,
)
from detector.signals.series import Series, SeriesStore, period, without_faults
from detector.signals.value_grid import Resized, resized

F64 = NDArray[np.float64]

FEW = "too few readings or changes to know its relation to other streams"
ALONE = "there is no other stream it goes along with"


@dataclass(frozen=True)
class ScaledSignalParameters:
    """Parameters of :class:`ScaledSignal`.

    * ``most``: streams from which is told what to expect;
    * ``few_values``: a stream of fewer different values is a state, not a measurement;
    * ``min_change``: factors nearer to 1 than this do not count;
    * ``covered``: part of the time over which a stream must report to be compared (0..1).
    """

    most: int = 12
    few_values: int = 12
    min_change: float = 0.05
    covered: float = 0.9


@dataclass(frozen=True)
class _Told:
    """A stream's change, its interval [start, end] s, and the streams it was expected from."""

    shift: Shift
    start: float
    end: float
    others: NDArray[np.intp]


class ScaledSignal:
    """A lasting change of the factor between what a stream reports and what others let expect.

    By its steps: a device reports whole multiples of its own step (digits, counts of a converter);
    a stretch whose values lie on multiples of another, by which level or spread changed too: no
    exchanged device (:mod:`detector.signals.value_grid`). Score: the part of values off the usual
    steps / what it usually is at most. No other stream is expected from such a one.

    By its level: from one reading to the next it goes on at another level, as never before, and no
    other stream does then (:mod:`detector.signals.level_shift`); of machines that says nothing.
    Score: the shift / the largest elsewhere, and / that of another stream at the same moment.

    By others: what to expect is a robust regression on the streams that go along with it, learned
    on its first half. Per 1/160 of the time: the factor between reported and expected, and the
    ratio of their steps. Score: the largest change of both over 12 such windows / the next largest
    elsewhere, so that relations that wander must change out of proportion. Blind for states, short
    streams, and where nothing goes along. Misses changes in the first and last 1/13, those that
    others share, and those undone within 1/7. See displaced_sensor for one moved to fresh air.
    """

    name: ClassVar[str] = "scaled_signal"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: ScaledSignalParameters | None = None) -> None:
        self.parameters = parameters or ScaledSignalParameters()
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
        every = [without_faults(self._store.series(n), self._store.device(n)) for n in names]
        of = compared(names, every, self.parameters.few_values)
        moving = [telling(one, self.parameters.few_values) for one in every]
        steps = {i: self._resized(one) for i, one in enumerate(every) if moving[i]}
        levels = self._levels({i: every[i] for i in steps}, names)
        told: dict[int, _Told | None] = {}
        if of.grid is not None:
            proven = [j for j, i in enumerate(of.usable) if steps.get(i) is not None]
            found = self._all(of.grid, of.judged, proven)
            told = {i: one for i, one, use in zip(of.usable, found, of.judged, strict=True) if use}
        result = []
        for i, (name, one) in enumerate(zip(names, every, strict=True)):
            known, other = told.get(i), steps.get(i)
            findings = []
            if known is not None:
                findings = self._findings(known, of.named(known.others.tolist()), one)
            if other is not None:
                findings = [_by_steps(other, one, findings)]
            findings += [levels[i]] if i in levels else []
            whole = (float(one.time[0]), float(one.time[-1])) if len(one) else (0.0, 0.0)
            blind = [BlindStretch(*whole, ALONE if i in told else FEW)] if known is None else []
            result.append(scored(self.name, name, self.unit, one.time, findings, blind))
        return result

    def _all(self, grid: Grid, judged: Sequence[bool], proven: list[int]) -> list[_Told | None]:
        """What is told of every stream, expected from those that are not ``proven`` scaled. Where
        one of those it is expected from changes at the same moment, and would be more out of
        proportion without it than the other way round, it counts only as far as it is there without
        that one, too."""
        alike = alikeness(grid.value)
        alike[:, proven] = -1.0
        found = [self._told(grid, alike, i, ()) if use else None for i, use in enumerate(judged)]
        alone: dict[tuple[int, int], _Told] = {}
        for i, one in enumerate(found):
            for j in one.others.tolist() if one is not None and self._counts(one) else ():
                other = found[j]
                if one is not None and other is not None and _together(one, other):
                    told = self._told(grid, alike, i, (j,))
                    there = told is not None and self._counts(told) and _together(one, told)
                    alone[i, j] = told if told is not None and there else _gone(one)
        result = list(found)
        for (i, j), told in alone.items():
            one, other, least = found[i], found[j], result[i]
            if one is None or other is None or least is None:
                continue
            if (
                _left(told, one) < _left(alone.get((j, i), other), other)
                and told.shift.beyond < least.shift.beyond
            ):
                result[i] = told
        return result

    def _levels(self, series: Mapping[int, Series], names: Sequence[str]) -> dict[int, Finding]:
        """Shifts of level that are the stream's own: what others do then is divided out."""
        own = {
            i: one for i, one in series.items() if self._store.device(names[i]).kind not in MACHINES
        }
        found = {i: told for i, one in own.items() if (told := level_shift(one)) is not None}
        result = {}
        for i, told in found.items():
            near = 5 * period(own[i])
            others = [
                other.beyond for j, other in found.items() if j != i and _meets(told, other, near)
            ]
            result[i] = _by_level(told, max([1.0, *others]))
        return result

    def _resized(self, series: Series) -> Resized | None:
        found = resized(series.value)
        return found if found is not None and self._changes(found.factor) else None

    def _counts(self, told: _Told) -> bool:
        return self._changes(told.shift.factor)

    def _changes(self, factor: float) -> bool:
        least = self.parameters.min_change
        return 0 < factor <= 1 - least or factor >= 1 + least

    def _told(self, grid: Grid, alike: F64, row: int, without: tuple[int, ...]) -> _Told | None:
        first, end = grid.spans
        span = slice(int(first[row]), int(end[row]))
        near = alike.copy()
        near[:, list(without)] = -1.0
        others = companions(grid, near, row, self.parameters.most, self.parameters.covered)
        if not len(others):
            return None
        shown = grid.value[[row, *others], span]
        value = np.array([held(v) for v in shown])
        known: NDArray[np.bool_] = np.all([reported(v) for v in shown], axis=0)
        found = shift(value[0], expected(value[0], value[1:]), known)
        found = found or Shift(SIDE, WINDOWS, 1.0, 1.0)
        time = grid.time[span]
        rows = len(time) // WINDOWS
        until = float(time[found.back * rows - 1] if found.back < WINDOWS else time[-1])
        return _Told(found, float(time[found.at * rows]), until, others)

    def _findings(self, told: _Told, others: str, series: Series) -> list[Finding]:
        if not self._counts(told):
            return []
        figures = {"factor": round(told.shift.factor, 3), "expected_from": others}
        end = min(told.end, float(series.time[-1]))
        evidence = Evidence(told.start, end, "factor", figures)
        return [Finding(told.start, end, told.shift.beyond, evidence)]


def _by_steps(other: Resized, series: Series, beside: list[Finding]) -> Finding:
    """What the steps tell, with the streams that let expect the same."""
    start, end = float(series.time[other.first]), float(series.time[other.last])
    figures: dict[str, object] = {
        "factor": round(other.factor, 3),
        "usual_step": round(other.size, 6),
        "off_steps": round(other.off, 3),
    }
    for one in beside:
        if one.start <= end and one.end >= start:
            figures["expected_from"] = one.evidence.figures["expected_from"]
    return Finding(start, end, other.beyond, Evidence(start, end, "steps", figures))


def _by_level(told: LevelShift, shared: float) -> Finding:
    figures = {"shifted_by": float(f"{told.size:.3g}"), "times_usual": round(told.beyond, 1)}
    evidence = Evidence(told.start, told.end, "level", figures)
    return Finding(told.start, told.end, told.beyond / shared, evidence)


def _meets(one: LevelShift, other: LevelShift, near: float) -> bool:
    """Whether two streams shift within ``near`` s of each other."""
    ends = [{told.start} if told.lasting else {told.start, told.end} for told in (one, other)]
    return any(abs(a - b) <= near for a in ends[0] for b in ends[1])


def _left(alone: _Told, told: _Told) -> tuple[float, float]:
    """Part of a change out of proportion (in powers) that is left of it without another stream."""
    size = float(np.log(told.shift.beyond))
    return float(np.log(max(alone.shift.beyond, 1.0))) / max(size, 1e-12), size


def _gone(told: _Told) -> _Told:
    return replace(told, shift=replace(told.shift, factor=1.0, beyond=1.0))


def _together(one: _Told, other: _Told) -> bool:
    """Whether two streams change at one moment."""
    moments = [{told.shift.at, told.shift.back} - {WINDOWS} for told in (one, other)]
    return any(abs(a - b) <= SIDE for a in moments[0] for b in moments[1])
