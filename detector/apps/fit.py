"""`trueshaft fit`: learns a site's normal relations, and how it moves in production and at rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detector.apps.audit.sensors import SensorFile, devices, read_sensors
from detector.config import load
from detector.core.errors import UsageError
from detector.detectors.inconsistent_production import InconsistentProduction, roles
from detector.detectors.inconsistent_readings import InconsistentReadings
from detector.edge.models import save_model
from detector.signals.activity import STEP_S, activity, mean_of, window_ends
from detector.signals.production import LEAST, ProductionModel
from detector.signals.production import learned as learned_production
from detector.signals.relations import LEAST_ROWS, ROWS_A_STREAM, Learned
from detector.signals.relations import learned as learned_relations
from detector.signals.series import Series, SeriesStore, without_faults

#: A period shorter than this shows no daily rhythm.
_DAYS_S = 2 * 86400.0


def fit_command(train: list[Path], config: Path, out: Path) -> str:
    """Fit a site's models on readings of a clean period; returns what was learned, and what not.

    Raises UsageError where nothing can be: no readings, too few, too one-sided.
    """
    store, sensors = _store(train, config)
    data = [{"path": s.file.path.name, "sha256": s.digest} for s in sensors]
    told, lacking = [], []
    with threadpool_limits(1):
        for fit in (_relations, _production):
            try:
                model, card, what = fit(store)
            except _TooLittle as little:
                lacking.append(str(little))
            else:
                target = save_model(out, model, card | {"data": data})
                told += [f"{what[0]}: {target}", *(f"  {line}" for line in what[1:])]
    if not told:
        where = ", ".join(map(str, train))
        raise UsageError("; ".join(lacking), where, "give readings of a longer clean period")
    return "\n".join([*told, *(f"not learned: {what}" for what in lacking)])


class _TooLittle(Exception):
    """What a model cannot be learned from, and why."""


def _store(train: list[Path], config: Path) -> tuple[SeriesStore, list[SensorFile]]:
    configuration = load(config)
    sensors = read_sensors(train, configuration, frozenset())
    unread = [s for s in sensors if s.file.status == "unreadable"]
    if unread:
        reasons = "; ".join(unread[0].file.reasons)
        raise UsageError(reasons, unread[0].shown, "name CSV files of readings")
    store = SeriesStore()
    for device in devices(sorted({n for s in sensors for n in s.names.values()}), configuration):
        store.add(device)
    for sensor in sensors:
        for readings in sensor.observations():
            store.add(readings)
    return store, sensors


def _relations(store: SeriesStore) -> tuple[Any, dict[str, Any], list[str]]:
    """The relations of all streams, their card, and what to tell of them."""
    series = {n: without_faults(store.series(n), store.device(n)) for n in store.streams()}
    found = learned_relations(series)
    if found is None:
        what = f"{len(series)} streams give too little to learn relations from: two that change"
        least = max(LEAST_ROWS, ROWS_A_STREAM * len(series))
        raise _TooLittle(f"{what}, and {least} rows in which all report, are needed")
    model = found.model
    start, end = _span(series)
    left_out = [n for n in series if n not in model.streams]
    unexplained = zip(model.streams, found.unseen, strict=True)
    card = {
        "detector": InconsistentReadings.name,
        "from": _iso(start),
        "to": _iso(end),
        "step_s": model.step_s,
        "rows": found.rows,
        "streams": list(model.streams),
        "never_changed": found.unmoved(),
        "differ_from_time_to_time": found.unsteady(),
        "left_out": left_out,
        "unexplained_part_of_spread": {n: round(part, 4) for n, part in unexplained},
    }
    what = f"learned the relations of {len(model.streams)} streams from {found.rows} rows"
    return model, card, [what, *_remarks(found, left_out, end - start)]


def _remarks(found: Learned, left_out: Sequence[str], seconds: float) -> list[str]:
    """What is one-sided about a period that was learned from."""
    told = []
    if seconds < _DAYS_S:
        told.append("less than two days: what differs by the hour of the day was not seen")
    if found.unmoved():
        names = ", ".join(found.unmoved())
        told.append(f"never changed, so that any change of them will be told: {names}")
    if found.unsteady():
        names = ", ".join(found.unsteady())
        told.append(f"differ from one part of the period to another, and are known badly: {names}")
    if left_out:
        told.append(f"left out, with readings in less than half of the rows: {', '.join(left_out)}")
    return told


def _production(store: SeriesStore) -> tuple[Any, dict[str, Any], list[str]]:
    """How the site moves in production and at rest, its card, and what to tell of it."""
    declaring, showing = roles(store)
    if not declaring or not showing:
        role = "declaration" if not declaring else "evidence"
        raise _TooLittle(f"production against its declaration: no stream has the role {role}")
    ends = window_ends(list(showing.values()))
    told = [mean_of(store.series(name), ends) for name in declaring]
    declared = np.nan_to_num(np.max(told, axis=0)) if len(ends) else np.zeros(0)
    measures = activity(showing, ends)
    model = learned_production(tuple(sorted(showing)), measures, declared > 0.5)
    producing, resting = (float(n * STEP_S / 3600) for n in _counts(declared))
    if model is None:
        what = f"{producing:.1f} h of production and {resting:.1f} h of rest are too little"
        raise _TooLittle(f"{what}; at least {LEAST * STEP_S / 3600:.0f} h of each are needed")
    card = {
        "detector": InconsistentProduction.name,
        "from": _iso(float(ends[0])),
        "to": _iso(float(ends[-1])),
        "producing_h": round(producing, 1),
        "resting_h": round(resting, 1),
        "agreement_on_training": round(_agreement(model, measures, declared), 4),
        "streams": list(model.streams),
    }
    what = f"learned from {producing:.1f} h of production and {resting:.1f} h of rest"
    return model, card, [what]


def _agreement(
    model: ProductionModel, measures: NDArray[np.float64], declared: NDArray[np.float64]
) -> float:
    return float(((model.probability(measures) > 0.5) == (declared > 0.5)).mean())


def _counts(declared: NDArray[np.float64]) -> tuple[int, int]:
    return int((declared > 0.5).sum()), int((declared <= 0.5).sum())


def _span(series: Mapping[str, Series]) -> tuple[float, float]:
    known = [s.time for s in series.values() if len(s)]
    return min(float(t[0]) for t in known), max(float(t[-1]) for t in known)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
