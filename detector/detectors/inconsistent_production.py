"""inconsistent_production: signals show production that nobody declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.permitted import (
    NO_COAL,
    Judged,
    against_class,
    against_each_other,
    lasting,
    works,
)
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.activity import WINDOW_S, activity, mean_of, window_ends
from detector.signals.gas_step import GAS, without_gas_steps
from detector.signals.production import ProductionModel, learned
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, without_faults

F64 = NDArray[np.float64]

#: Kinds that show production where the site names no evidence.
SHOWING = frozenset({"hoist", "belt_scale", "methane", "power", "current", "vibration"})
#: Kinds that only production moves.
ONLY = frozenset({"hoist", "belt_scale"})
#: Classes of mine that must not produce.
RESTING = frozenset({"stopped", "closed", "construction", "renovation"})
#: Part of a window of work that counts as all of it: machines pause.
WHOLE = 0.75

UNDECLARED = "nothing says what is declared: no stream has the role declaration, no class rests"
UNSHOWN = "no stream shows production"
UNLEARNED = "too little production or too little rest to learn from, and no model of the site"


@dataclass(frozen=True)
class InconsistentProductionParameters:
    """Parameters of :class:`InconsistentProduction`.

    * ``declared``: part of a window that is declared producing above which it is (0..1);
      half an hour beside it counts to it: machines run on and start before;
    * ``moving``: part of its highest values that a hoist or belt scale exceeds while it works
      (0..1), where there is no model;
    * ``lasting_windows``: windows in a row, each ten minutes later, that what works against the
      mine's class must reach: inspections and single rides do not.
    """

    declared: float = 0.05
    moving: float = 0.1
    lasting_windows: int = 5


class InconsistentProduction:
    """The probability of production in windows of half an hour that are declared to rest.

    Told from how much the evidence moves (methane behind the shearer, power, hoist), by a logistic
    regression of the site: fitted on a clean period (``trueshaft fit``), else learned from the
    hours that are declared producing. Without either a hoist or belt scale that works tells.
    Score: that probability; 0 where production is declared. Blind where nothing is declared, shown
    or learned, and where the site has left what was learned.

    Without any of that: machines that work though the mine's class forbids it, and machines that
    work without what must work with them (:mod:`detector.detectors.permitted`). Score: the part of
    the window in which they do / 3/4, once it lasts; of each such stream by itself.
    """

    name: ClassVar[str] = "inconsistent_production"
    unit: ClassVar[str] = "probability"

    def __init__(self, parameters: InconsistentProductionParameters | None = None) -> None:
        self.parameters = parameters or InconsistentProductionParameters()
        self._store = SeriesStore()
        self._model: ProductionModel | None = None

    def know(self, model: ProductionModel | None) -> None:
        """Take the site's model."""
        self._model = model

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: see :meth:`know`."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are judged together at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge the site: the scores of what declares, else of what shows; and those of each
        machine that works against the mine's class or against what must work with it."""
        judged, ends = self._machines()
        told = [self._told(one, ends) for one in judged]
        return [*(self._undeclared() if not _sure(told, self._store) else []), *told]

    def _machines(self) -> tuple[list[Judged], F64]:
        names = self._store.streams()
        devices = {n: self._store.device(n) for n in names}
        known = {
            n: without_faults(self._store.series(n), devices[n])
            for n in names
            if devices[n].role != "declaration"
        }
        machines = works({n: s for n, s in known.items() if len(s) >= 3}, devices)
        if not machines:
            return [], np.zeros(0)
        ends = window_ends([work.on for work in machines.values()])
        status = next(iter(devices.values())).mine_status
        judged = against_class(status, machines, devices, ends)
        rows = self.parameters.lasting_windows
        judged = [replace(one, value=lasting(one.value, rows)) for one in judged]
        seen = {one.stream for one in judged}
        more = against_each_other(machines, devices, ends)
        return _most([*judged, *(one for one in more if one.stream not in seen)]), ends

    def _told(self, judged: Judged, ends: F64) -> Scores:
        time, value = ends - WINDOW_S / 2, np.minimum(judged.value / WHOLE, 1.0)
        findings = []
        for first, last in runs(value > 0.1):
            start, end = float(time[first]), float(time[last])
            share = {"highest": round(float(judged.value[first : last + 1].max()), 3)}
            evidence = Evidence(start, end, judged.kind, share | dict(judged.figures))
            findings.append(evidence)
        why = np.full(len(time), -1, dtype=np.int8)
        return Scores(
            *(self.name, judged.stream, self.unit, time, value, time.copy(), why),
            evidence=tuple(findings),
        )

    def _undeclared(self) -> list[Scores]:
        declaring, showing = roles(self._store)
        if not declaring and not showing:
            return []
        named = (declaring or sorted(showing))[0]
        time = self._store.series(named).time
        if not showing:
            return [all_blind(self.name, named, self.unit, time, UNSHOWN)]
        status = self._store.device(named).mine_status
        if not declaring and status not in RESTING:
            return [all_blind(self.name, named, self.unit, time, UNDECLARED)]
        series = {name: showing[name] for name in sorted(showing)}
        ends = window_ends(list(series.values()))
        declared = self._declared(declaring, ends)
        probability, parts = self._probability(series, ends, declared)
        if probability is None:
            return [all_blind(self.name, named, self.unit, time, UNLEARNED)]
        beside = np.lib.stride_tricks.sliding_window_view(np.pad(declared, 3, mode="edge"), 7)
        resting = beside.max(axis=1) <= self.parameters.declared
        value = _lasting(np.where(resting, probability, 0.0))
        return [self._scored(named, ends, value, parts)]

    def _declared(self, declaring: list[str], ends: F64) -> F64:
        """Part (k,) of each window in which any stream declares production."""
        if not declaring:
            return np.zeros(len(ends))
        told = [mean_of(_switched(self._store.series(name)), ends) for name in declaring]
        return np.asarray(np.nan_to_num(np.max(told, axis=0), nan=0.0), dtype=np.float64)

    def _probability(
        self, series: dict[str, Series], ends: F64, declared: F64
    ) -> tuple[F64 | None, dict[str, float]]:
        model = self._model
        if model is not None and set(model.streams) <= set(series):
            series = {name: series[name] for name in model.streams}
        else:
            measures = activity(series, ends)
            model = learned(tuple(sorted(series)), measures, declared > 0.5)
        if model is not None:
            measures = activity(series, ends)
            probability = model.probability(measures)
            shown = (declared <= self.parameters.declared) & (probability > 0.5)
            return probability, model.parts(measures[shown]) if shown.any() else {}
        only = [n for n in series if self._store.device(n).kind in ONLY]
        if not only or self._store.device(only[0]).mine_status in NO_COAL:
            return None, {}
        moving = [mean_of(_moving(series[n], self.parameters.moving), ends) for n in only]
        return np.max(moving, axis=0), dict.fromkeys(only, 1.0)

    def _scored(self, named: str, ends: F64, value: F64, parts: dict[str, float]) -> Scores:
        findings = []
        for first, last in runs(np.nan_to_num(value) > 0.1):
            start, end = float(ends[first] - WINDOW_S / 2), float(ends[last] - WINDOW_S / 2)
            figures = {"highest": round(float(np.nanmax(value[first : last + 1])), 3)} | parts
            evidence = Evidence(start, end, "undeclared", figures)
            findings.append(Finding(start, start, float(value[first]), evidence))
        scores = scored(self.name, named, self.unit, ends - WINDOW_S / 2, [])
        why = np.where(np.isnan(value), 0, -1).astype(np.int8)
        return Scores(
            *(scores.detector, scores.stream, scores.unit, scores.time, value, scores.since, why),
            reasons=("the site has left what was learned, or readings are missing",),
            evidence=tuple(f.evidence for f in findings),
        )


def _sure(told: list[Scores], store: SeriesStore) -> bool:
    """Whether the class of the mine alone has judged it, and nothing is declared besides."""
    return bool(told) and not roles(store)[0]


def _most(judged: list[Judged]) -> list[Judged]:
    """The streams once each, by what they contradict most."""
    best: dict[str, Judged] = {}
    for one in judged:
        known = best.get(one.stream)
        if known is None or float(one.value.sum()) > float(known.value.sum()):
            best[one.stream] = one
    return list(best.values())


def _lasting(value: F64) -> F64:
    """Scores (k,) without what does not last three windows: what every three windows in a row all
    reach. NaN stays NaN and counts as 0 beside others."""
    if len(value) < 3:
        return np.where(np.isnan(value), np.nan, 0.0)
    known = np.nan_to_num(value)
    least = np.lib.stride_tricks.sliding_window_view(known, 3).min(axis=1)
    most = np.lib.stride_tricks.sliding_window_view(np.pad(least, 2), 3).max(axis=1)
    return np.where(np.isnan(value), np.nan, most)


def roles(store: SeriesStore) -> tuple[list[str], dict[str, Series]]:
    """Streams that declare production, and the series of those that show it, without the gas of
    calibrations."""
    names = store.streams()
    declaring = [n for n in names if store.device(n).role == "declaration"]
    showing = [n for n in names if store.device(n).role == "evidence"]
    if not showing:
        showing = [n for n in names if store.device(n).kind in SHOWING and n not in declaring]
    series = {n: without_faults(store.series(n), store.device(n)) for n in showing}
    gas = {n: without_gas_steps(series[n]) for n in showing if store.device(n).kind in GAS}
    return declaring, {n: s for n, s in (series | gas).items() if len(s) >= 3}


def _switched(series: Series) -> Series:
    """1 where the stream is above the middle between its lowest and highest value or, of one value,
    above 0.5."""
    low, high = float(series.value.min()), float(series.value.max())
    middle = (low + high) / 2 if high > low else 0.5
    return Series(series.time, (series.value > middle).astype(np.float64))


def _moving(series: Series, part: float) -> Series:
    """1 where the stream is above this part of its highest values."""
    level = part * float(np.quantile(np.abs(series.value), 0.98))
    above = np.abs(series.value) > max(level, 1e-9)
    return Series(series.time, above.astype(np.float64))
