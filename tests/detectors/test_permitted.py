"""Machines against the mine's class and against each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.bench.mine import MineSettings, mine
from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.detectors.inconsistent_production import InconsistentProduction
from detector.pipeline import judge
from detector.signals.series import Series
from detector.signals.working import working

KINDS = {"main-hoist": "hoist", "belt": "belt_scale", "people": "count", "fan": "airflow"}
RANGES = {"main-hoist": 4000.0, "belt": 2000.0, "people": 500.0, "fan": 15000.0}


def table(**chosen: object) -> dict[str, Readings]:
    made = mine(MineSettings(**({"days": 6.0} | chosen)))  # type: ignore[arg-type]
    return {name: made.readings[name] for name in KINDS}


def found(readings: dict[str, Readings], status: str, ranges: bool = True) -> list[Episode]:
    made = InconsistentProduction()
    for name, one in readings.items():
        high = RANGES[name] if ranges else float("nan")
        device = Device(name, kind=KINDS[name], high=high, mine_status=status, zone_s=8 * 3600.0)
        made.update(device)
        made.update(one)
    return judge(made.finish(), load(None).thresholds)


def kinds(episodes: list[Episode]) -> set[tuple[str, str]]:
    return {(e.stream, e.evidence.kind) for e in episodes if e.evidence is not None}


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("status", ["supply", "renovation", "construction", "stopped", "closed"])
def test_what_a_class_may_do_is_nothing_found(status: str, ranges: bool) -> None:
    assert found(table(status=status), status, ranges) == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_stopped_mine_that_hoists_at_night(ranges: bool) -> None:
    episodes = found(table(status="stopped", story="fake-shaft"), "stopped", ranges)
    assert kinds(episodes) == {("main-hoist", "hoist_at_work"), ("belt", "belt_scale_at_work")}
    figures = [e.evidence.figures for e in episodes if e.evidence is not None]
    assert all(f["night_percent"] > 50 and 3 < f["hours_a_day"] < 9 for f in figures)


def test_a_mine_under_construction_may_hoist_but_not_weigh_coal() -> None:
    readings = table(status="construction", story="fake-shaft")
    assert kinds(found(readings, "construction")) == {("belt", "belt_scale_at_work")}


@pytest.mark.parametrize(
    ("still", "kind"),
    [
        ("main-hoist", ("belt", "tonnes_without_hoist")),
        ("belt", ("main-hoist", "hoist_without_tonnes")),
        ("fan", ("belt", "work_without_air")),
    ],
)
def test_what_works_without_what_must_work_with_it(still: str, kind: tuple[str, str]) -> None:
    readings = table(status="supply")
    one = readings[still]
    inside = (one.time - one.time[0] > 2 * 86400) & (one.time - one.time[0] < 2.8 * 86400)
    readings[still] = replace(one, value=np.where(inside, 0.0, one.value))
    assert kind in kinds(found(readings, "supply"))


def test_noise_around_zero_and_a_heated_motor_do_not_tell() -> None:
    random = np.random.default_rng(0)
    time = 60.0 * np.arange(5000, dtype=np.float64)
    for value in (random.standard_normal(5000), 5 + 0.2 * random.standard_normal(5000)):
        assert (
            working(
                Series(time, np.asarray(value, dtype=np.float64)), Device("hoist", kind="hoist")
            )
            is None
        )
