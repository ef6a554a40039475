"""Honest and abused calibrations of simulated mines: there are no real readings with statuses."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from detector.bench.falsify import SayCalibrating, Table, falsify
from detector.bench.mine import Mine, MineSettings, mine
from detector.bench.mine.settings import WORK, Status
from detector.bench.mine.site import METHANE, status_of
from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.detectors.calibration_fault import CalibrationFault
from detector.pipeline import judge
from detector.signals.runs import runs

_DAYS, _PERIODS_S = 15.0, (30.0, 60.0)
#: What is done: the sign to be told, and how long the status is set, s.
_ABUSES = {"no gas step": 900.0, "in bulk": 600.0, "too long": 40_000.0, "during production": 600.0}
#: A shift without production, s.
_REST_S = 6 * 3600.0
#: Part of the abused time to be covered.
_PART = 0.5


@dataclass(frozen=True)
class Abuse:
    """A table in which ``streams`` say from ``start`` to ``end`` (s) what is not so."""

    sign: str
    table: Table
    streams: tuple[str, ...]
    start: float
    end: float


def devices(site: Mine) -> list[Device]:
    """What the mine's configuration says of its devices."""
    told = tomllib.loads(site.site)
    found = []
    for one in told["streams"]:
        low, high = one.get("range", (np.nan, np.nan))
        about = {k: one[k] for k in ("kind", "role", "location", "calibrating") if k in one}
        status = told["mine"]["status"]
        found.append(Device(one["name"], low=low, high=high, mine_status=status, **about))
    return found


def found(site: Mine, table: Table) -> list[Episode]:
    """Episodes by the thresholds in force."""
    detector = CalibrationFault()
    for device in devices(site):
        detector.update(device)
    for readings in table.values():
        detector.update(readings)
    return judge(detector.finish(), load(None).thresholds)


def abuses(site: Mine, seed: int) -> Iterator[Abuse]:
    """Every abuse that a mine can do, at places chosen by the seed."""
    rng = np.random.default_rng([seed, 13])
    time = site.readings[METHANE[0]].time
    for sign, seconds in _ABUSES.items():
        at = float(rng.uniform(1.0, _DAYS - 2.0)) * 86400.0
        sensors = METHANE if sign == "in bulk" else (str(rng.choice(METHANE)),)
        if sign == "during production":
            busy = _busy(site.readings["belt"], seconds)
            if not len(busy):
                continue
            at = float(rng.choice(busy))
        steps = [SayCalibrating(stream=status_of(s), start_s=at, seconds=seconds) for s in sensors]
        table, _ = falsify(site.readings, steps)
        for sensor in sensors if sign != "no gas step" else ():
            table[sensor] = _with_gas(table[sensor], at + 60.0, 300.0)
        start = float(time[0]) + at
        yield Abuse(sign, table, tuple(status_of(s) for s in sensors), start, start + seconds)


def calibrations(first_seed: int, seeds: int) -> str:
    """A line of Markdown: what is found of abused calibrations, and false of honest ones."""
    told = {sign: [0, 0] for sign in _ABUSES}
    false = honest = 0
    classes: list[Status] = sorted(WORK)
    for status in classes:
        for seed in range(first_seed, first_seed + seeds):
            period_s = _PERIODS_S[seed % len(_PERIODS_S)]
            chosen = MineSettings(status, _DAYS, period_s, seed, statuses=True)
            site = mine(chosen)
            false += len(found(site, site.readings))
            honest += sum(bool(site.readings[status_of(s)].value.any()) for s in METHANE)
            for abuse in abuses(site, seed):
                count = told[abuse.sign]
                episodes = found(site, abuse.table)
                count[0] += sum(_told(abuse, stream, episodes) for stream in abuse.streams)
                count[1] += len(abuse.streams)
    by = ", ".join(f"{sign} {a} of {b}" for sign, (a, b) in told.items())
    days = 3 * _DAYS * seeds * len(classes)
    return (
        f"Calibrations of simulated mines ({seeds} seeds of each class): {by}. False: {false} of "
        f"{honest} honest calibrations in {days:.0f} stream-days. During production counts where "
        "the mine has a shift without; a supply mine has none."
    )


def _told(abuse: Abuse, stream: str, episodes: list[Episode]) -> bool:
    shared = sum(
        max(min(e.end, abuse.end) - max(e.start, abuse.start), 0.0)
        for e in episodes
        if e.stream == stream
    )
    return shared >= _PART * (abuse.end - abuse.start)


def _busy(belt: Readings, seconds: float) -> list[float]:
    """Seconds from the first reading at which coal runs for so long, of mines that rest daily."""
    period_s = float(belt.time[1] - belt.time[0])
    rows = int(seconds / period_s) + 1
    on = np.convolve(belt.value > 0, np.ones(rows), "valid") == rows
    start = belt.time[: len(on)] - belt.time[0]
    within = on & (start > 86400.0) & (start < (_DAYS - 1) * 86400.0)
    longest = max(b - a + 1 for a, b in runs(belt.value == 0)) * period_s
    return start[within].tolist() if longest >= _REST_S else []


def _with_gas(readings: Readings, start: float, seconds: float) -> Readings:
    since = readings.time - readings.time[0] - start
    gas = 2.0 * (1 - np.exp(-np.maximum(since, 0.0) / 20))
    inside = (since >= 0) & (since < seconds)
    value = np.where(inside, np.maximum(np.round(gas, 2), readings.value), readings.value)
    return Readings(readings.stream, readings.time, value)
