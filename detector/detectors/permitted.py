"""What each class of mine may show, and what signals may not show together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Device
from detector.signals.activity import STEP_S, mean_of
from detector.signals.series import Series
from detector.signals.working import Work, working

F64 = NDArray[np.float64]

#: Kinds of streams that tell whether something works.
MACHINES = frozenset({"hoist", "belt_scale", "count", "wind_speed", "airflow"})

#: What a mine of each class must not show for long, by the kind of stream. Producing and supply
#: mines may do everything; a mine that is built or rebuilt hoists rock and brings in people, but
#: weighs no coal on a belt; a stopped mine pumps, ventilates and sends in a few to look after it;
#: in a closed mine only pumps work.
FORBIDDEN: Mapping[str, frozenset[str]] = {
    "producing": frozenset(),
    "supply": frozenset(),
    "renovation": frozenset({"belt_scale"}),
    "construction": frozenset({"belt_scale"}),
    "stopped": frozenset({"belt_scale", "hoist"}),
    "closed": frozenset({"belt_scale", "hoist", "count"}),
}

#: Classes that must not produce coal.
NO_COAL = frozenset(status for status, kinds in FORBIDDEN.items() if kinds)


@dataclass(frozen=True)
class Contradiction:
    """While any stream of the kinds ``works`` works, one of the kind ``rests`` must not rest for
    ``lasting_h`` hours: bunkers and airways take that long to make up for it."""

    name: str
    works: str
    rests: frozenset[str]
    lasting_h: float


#: What signals must not show together. Only of streams that are seen to go together otherwise.
CONTRADICTIONS = (
    Contradiction("tonnes_without_hoist", "belt_scale", frozenset({"hoist"}), 4.0),
    Contradiction("hoist_without_tonnes", "hoist", frozenset({"belt_scale"}), 4.0),
    Contradiction("work_without_people", "belt_scale", frozenset({"count"}), 1.0),
    Contradiction("work_without_people", "hoist", frozenset({"count"}), 1.0),
    Contradiction("work_without_air", "belt_scale", frozenset({"wind_speed", "airflow"}), 1.0),
)

#: Part of a window that a machine may work, or that a resting one must, to count as such.
_WORKS, _RESTS = 0.3, 0.05
#: Part of the time a stream works in which the other must work too, for the two to go together.
_TOGETHER = 0.8


@dataclass(frozen=True)
class Judged:
    """Part (k,) of each window in which ``stream`` does what it must not, and what that is."""

    stream: str
    kind: str
    value: F64
    figures: Mapping[str, float | str]


def works(series: Mapping[str, Series], devices: Mapping[str, Device]) -> dict[str, Work]:
    """When each machine's stream works; those of which it cannot be told are left out."""
    told = {n: working(s, devices[n]) for n, s in series.items() if devices[n].kind in MACHINES}
    return {name: work for name, work in told.items() if work is not None}


def against_class(
    status: str, machines: Mapping[str, Work], devices: Mapping[str, Device], ends: F64
) -> list[Judged]:
    """What works that must not in a mine of this class (none where that is not known)."""
    found = []
    for name, work in machines.items():
        if devices[name].kind in FORBIDDEN.get(status, frozenset()):
            value = _known(mean_of(work.on, ends))
            figures = daily(work.on, devices[name].zone_s, value, ends) | {"declared_class": status}
            found.append(Judged(name, f"{devices[name].kind}_at_work", value, figures))
    return found


def against_each_other(
    machines: Mapping[str, Work], devices: Mapping[str, Device], ends: F64
) -> list[Judged]:
    """What works while what must work with it rests."""
    share = {name: _known(mean_of(work.on, ends)) for name, work in machines.items()}
    found = []
    for rule in CONTRADICTIONS:
        rows = round(rule.lasting_h * 3600 / STEP_S)
        for name, part in share.items():
            others = [n for n in share if devices[n].kind in rule.rests]
            if devices[name].kind != rule.works or not others:
                continue
            partners = [n for n in others if _together(part, share[n])]
            if not partners:
                continue
            resting = np.max([share[n] for n in partners], axis=0) <= _RESTS
            value = np.where(resting & (part >= _WORKS), part, 0.0)
            figures = {"resting": ", ".join(sorted(partners))}
            found.append(Judged(name, rule.name, lasting(value, rows), figures))
    return found


def _together(one: F64, other: F64) -> bool:
    """Whether the other works nearly always when this one does."""
    busy = one >= _WORKS
    return bool(busy.sum() >= 12 and np.mean(other[busy] > _RESTS) >= _TOGETHER)


def _known(part: F64) -> F64:
    return np.asarray(np.nan_to_num(part, nan=0.0), dtype=np.float64)


def lasting(value: F64, rows: int) -> F64:
    """Values (k,) without what does not last: what each of so many windows in a row reaches."""
    if len(value) < rows or rows < 2:
        return value if rows < 2 else np.zeros_like(value)
    windows = np.lib.stride_tricks.sliding_window_view
    least = windows(value, rows).min(axis=1)
    return np.asarray(windows(np.pad(least, rows - 1), rows).max(axis=1))


def daily(on: Series, zone_s: float, value: F64, ends: F64) -> dict[str, float | str]:
    """The hours a day that a machine works and the part of them at night (22 to 6, local time), of
    the days on which it works in windows that count."""
    counts = ends[value >= _WORKS]
    if not len(counts):
        return {}
    days = np.unique((counts + zone_s) // 86400)
    local = on.time + zone_s
    use = np.isin(local // 86400, days) & (on.value > 0)
    if not use.any():
        return {}
    hour = local[use] / 3600 % 24
    per_day = np.median(np.diff(on.time)) * use.sum() / 3600 / len(days)
    night = np.mean((hour >= 22) | (hour < 6))
    return {
        "days": len(days),
        "hours_a_day": round(float(per_day), 1),
        "night_percent": round(float(100 * night)),
    }
