"""A simulated mine: weeks of readings of every class of mine, and a fake shaft, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.bench.clip import Event
from detector.bench.mine import air, machines
from detector.bench.mine.settings import HIDDEN, WORK, MineSettings, Work
from detector.bench.mine.site import METHANE, site_text, status_of
from detector.core.observation import Readings

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Mine:
    """``readings`` by stream, the ``site`` as TOML, and what should be found, (stream, event)."""

    readings: dict[str, Readings]
    site: str
    events: tuple[tuple[str, Event], ...] = ()


def mine(settings: MineSettings | None = None) -> Mine:
    """The readings of a mine; the same settings give the same.

    In the story ``fake-shaft`` coal is produced at night while ``status`` is declared, and the
    camera films a shaft that is no part of it; the count of people is that of an honest mine.
    """
    chosen = settings or MineSettings()
    time = chosen.times()
    declared = WORK[chosen.status]
    actual = HIDDEN if chosen.story else declared
    values = _values(chosen, actual, declared, time)
    for number, sensor in enumerate(METHANE if chosen.statuses else ()):
        inside, _ = air.calibrating(chosen, time, number)
        values[status_of(sensor)] = inside.astype(np.float64)
    readings = {name: Readings(name, time, value) for name, value in values.items()}
    events = _events(time, values["belt"]) if chosen.story else ()
    return Mine(readings, site_text(chosen), events)


def _values(settings: MineSettings, work: Work, declared: Work, time: F64) -> dict[str, F64]:
    cut = machines.cutting(settings, work, time)
    coal = machines.belt(settings, cut)
    main = machines.winding(settings, work, time, coal)
    auxiliary = machines.riding(settings, work, time)
    level, flow = machines.pumps(settings, time)
    hpa = air.pressure(settings, time)
    speed, fan = air.wind(settings, work, time)
    intake, corner, back = air.methane(settings, work, time, cut, speed, hpa)
    driven = 600.0 * (cut > 0) + np.where(coal > 0, 250 + 0.4 * coal, 0.0)
    running = driven + main + auxiliary + 0.8 * flow
    told = np.where(cut > 0, 1.0, 0.0) if declared.coal_shifts else np.zeros(len(time))
    return {
        "main-hoist": main,
        "aux-hoist": auxiliary,
        "belt": coal,
        "people": air.people(settings, declared, time),
        "T0": intake,
        "T1": corner,
        "T2": back,
        "wind": speed,
        "fan": fan,
        "CO": air.carbon_monoxide(settings, work, time, cut),
        "temperature": air.temperature(settings, time, cut),
        "pressure": hpa,
        "sump": level,
        "pumps": flow,
        "power": air.power(settings, work, running, time),
        "declared": told,
    }


def _events(time: F64, coal: F64) -> tuple[tuple[str, Event], ...]:
    """A night of undeclared production each, from its first to its last coal, s from the start."""
    rows = np.flatnonzero(coal > 0)
    if not len(rows):
        return ()
    nights = np.split(rows, np.flatnonzero(np.diff(time[rows]) > 6 * 3600) + 1)
    spans = [(float(time[r[0]] - time[0]), float(time[r[-1]] - time[0])) for r in nights]
    return tuple(
        (stream, Event("inconsistent_production", "undeclared", start, end))
        for start, end in spans
        for stream in ("belt", "main-hoist")
    )


__all__ = ["Mine", "MineSettings", "mine"]
