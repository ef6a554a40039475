"""`trueshaft fit`: learns how a site's sensors move while it produces and while it rests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from detector.apps.audit.sensors import devices, read_sensors
from detector.config import load
from detector.core.errors import UsageError
from detector.detectors.inconsistent_production import InconsistentProduction, roles
from detector.edge.models import save_model
from detector.signals.activity import STEP_S, activity, mean_of, window_ends
from detector.signals.production import LEAST, learned
from detector.signals.series import SeriesStore


def fit_command(train: list[Path], config: Path, out: Path) -> str:
    """Fit a site's model on readings of a clean period; returns what was learned from.

    Raises UsageError where the readings do not do: no declaration, too little, too one-sided.
    """
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
    declaring, showing = roles(store)
    if not declaring or not showing:
        role = "declaration" if not declaring else "evidence"
        raise UsageError(f"no stream has the role {role}", str(config), f'write role = "{role}"')
    ends = window_ends(list(showing.values()))
    told = [mean_of(store.series(name), ends) for name in declaring]
    declared = np.nan_to_num(np.max(told, axis=0)) if len(ends) else np.zeros(0)
    measures = activity(showing, ends)
    model = learned(tuple(sorted(showing)), measures, declared > 0.5)
    producing, resting = (float(n * STEP_S / 3600) for n in _counts(declared))
    if model is None:
        what = f"{producing:.1f} h of production and {resting:.1f} h of rest are too little"
        least = LEAST * STEP_S / 3600
        raise UsageError(what, ", ".join(map(str, train)), f"give at least {least:.0f} h of each")
    right = (model.probability(measures) > 0.5) == (declared > 0.5)
    card = {
        "detector": InconsistentProduction.name,
        "data": [{"path": s.file.path.name, "sha256": s.digest} for s in sensors],
        "from": _iso(float(ends[0])),
        "to": _iso(float(ends[-1])),
        "producing_h": round(producing, 1),
        "resting_h": round(resting, 1),
        "agreement_on_training": round(float(right.mean()), 4),
        "streams": list(model.streams),
    }
    target = save_model(out, model, card)
    return f"learned from {producing:.1f} h of production and {resting:.1f} h of rest: {target}"


def _counts(declared: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[int, int]:
    return int((declared > 0.5).sum()), int((declared <= 0.5).sum())


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
