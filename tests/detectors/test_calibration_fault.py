"""calibration_fault: a sensor is said to be calibrated, and nothing shows it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from detector.bench.falsify import SayCalibrating, falsify
from detector.bench.mine import Mine, MineSettings, mine
from detector.bench.mine.settings import WORK, Status
from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.core.score import Scores
from detector.detectors.calibration_fault import FEW, NO_CODE, NO_SENSOR, CalibrationFault
from detector.pipeline import judge
from tests.detectors.sensors import found as found_unconfigured
from tests.detectors.sensors import mine as wandering

HOUR, DAY = 3600.0, 86400.0
#: Seconds from the mine's first reading (8:00 there) to the maintenance shift of its tenth day.
QUIET = 10 * DAY + 5 * HOUR
Table = dict[str, Readings]


@cache
def honest(status: Status = "producing", seed: int = 0, period_s: float = 60.0) -> Mine:
    """A mine whose methane sensors are all calibrated within the time."""
    chosen = MineSettings(status=status, days=20.0, seed=seed, period_s=period_s, statuses=True)
    return mine(chosen)


def scores(site: Mine, table: Table | None = None, rows: int = 10**6) -> list[Scores]:
    made, given = CalibrationFault(), table or site.readings
    told = tomllib.loads(site.site)
    for one in told["streams"]:
        low, high = one.get("range", (np.nan, np.nan))
        made.update(
            Device(
                one["name"],
                kind=one["kind"],
                role=one.get("role", ""),
                location=one.get("location", ""),
                calibrating=one.get("calibrating", np.nan),
                mine_status=told["mine"]["status"],
                low=low,
                high=high,
            )
        )
    for readings in given.values():
        for first in range(0, len(readings), rows):
            made.update(readings.rows(slice(first, first + rows)))
    return made.finish()


def found(site: Mine, table: Table | None = None) -> list[Episode]:
    return judge(scores(site, table), load(None).thresholds)


def said(site: Mine, start: float, *streams: str, seconds: float = 600.0) -> Table:
    steps = [
        SayCalibrating(stream=f"{s}-calibrating", start_s=start, seconds=seconds) for s in streams
    ]
    return falsify(site.readings, steps)[0]


def kinds(episodes: list[Episode]) -> set[str]:
    return {e.evidence.kind for e in episodes if e.evidence is not None}


@pytest.mark.parametrize("status", sorted(WORK))
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_honest_calibrations_are_nothing_found(status: Status, seed: int) -> None:
    site = honest(status, seed)
    statuses = [s for s in site.readings if s.endswith("-calibrating")]
    assert sum(bool(site.readings[s].value.any()) for s in statuses) == 3
    assert {s.stream for s in scores(site)} == set(statuses)
    assert found(site) == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_status_without_a_gas_step_is_found_where_it_was_set(seed: int) -> None:
    site = honest(seed=seed)
    (episode,) = found(site, said(site, QUIET, "T1"))
    first = site.readings["T1"].time[0]
    assert episode.stream == "T1-calibrating"
    assert episode.start == pytest.approx(first + QUIET, abs=60)
    assert episode.end == pytest.approx(first + QUIET + 600, abs=120)
    assert kinds([episode]) == {"no gas step"}


def test_a_slow_rise_of_gas_is_no_step() -> None:
    site = honest()
    table = said(site, QUIET, "T1", seconds=5400.0)
    gas = table["T1"]
    since = gas.time - gas.time[0] - QUIET
    hump = np.where((since > 0) & (since < 5400), 2 * np.sin(np.pi * since / 5400), 0.0)
    table["T1"] = replace(gas, value=np.round(gas.value + hump, 2))
    assert kinds(found(site, table)) == {"no gas step"}


def test_many_at_once_are_found_each() -> None:
    site = honest()
    table = said(site, QUIET, "T0", "T1", "T2")
    for name in ("T0", "T1", "T2"):
        gas = table[name]
        since = gas.time - gas.time[0] - QUIET
        table[name] = replace(gas, value=np.where((since > 60) & (since < 400), 2.0, gas.value))
    episodes = found(site, table)
    assert len(episodes) == 3 and kinds(episodes) == {"in bulk"}


def test_a_calibration_while_coal_is_cut_is_found_only_where_it_could_have_waited() -> None:
    for status, signs in (("producing", {"during production"}), ("supply", set())):
        site = honest(status)
        belt = site.readings["belt"]
        since = belt.time - belt.time[0]
        long_at_work = np.convolve(belt.value > 0, np.ones(20), "valid") == 20
        start = float(since[np.flatnonzero(long_at_work & (since[:-19] > QUIET))[0]])
        table = said(site, start, "T1", seconds=900.0)
        gas = table["T1"]
        inside = (since > start + 60) & (since < start + 400)
        table["T1"] = replace(gas, value=np.where(inside, 2.0, gas.value))
        assert kinds(found(site, table)) == signs


def test_a_status_that_stays_set_is_found_though_gas_was_given_once() -> None:
    site = honest()
    status = site.readings["T1-calibrating"]
    start = float(status.time[np.argmax(status.value)] - status.time[0])
    assert kinds(found(site, said(site, start, "T1", seconds=DAY))) & {"too long"}


def test_a_status_of_several_values_needs_the_one_that_says_calibrating() -> None:
    site = honest()
    status = site.readings["T1-calibrating"]
    coded = replace(status, value=np.where(status.time % 9000 < 300, 2.0, 3 * status.value))
    table = site.readings | {"T1-calibrating": coded}
    told = next(s for s in scores(site, table) if s.stream == "T1-calibrating")
    assert np.isnan(told.value).all() and told.reasons == (NO_CODE,)
    named = '"T1-calibrating"\nkind = "status"'
    known = replace(site, site=site.site.replace(named, named + "\ncalibrating = 3.0"))
    assert found(known, table) == []
    assert len(found(known, said(replace(known, readings=table), QUIET, "T1"))) == 0
    assert found(replace(known, site=known.site.replace("= 3.0", "= 2.0")), table)


def test_what_cannot_be_told_is_blind() -> None:
    site = honest()
    table = said(site, QUIET, "T1")
    gas = table["T1"]
    silent = np.abs(gas.time - gas.time[0] - QUIET) > 1800
    table["T1"] = gas.rows(silent)
    told = next(s for s in scores(site, table) if s.stream == "T1-calibrating")
    assert told.reasons == (FEW,) and 5 < np.isnan(told.value).sum() < 15
    elsewhere = {"x-calibrating": replace(table["T1-calibrating"], stream="x-calibrating")}
    (told,) = scores(site, elsewhere)
    assert told.reasons == (NO_SENSOR,) and np.nanmax(told.value) == 0


def test_scores_do_not_depend_on_how_readings_are_cut() -> None:
    site = honest()
    table = said(site, QUIET, "T1", "T2")
    for whole, cut in zip(scores(site, table), scores(site, table, 777), strict=True):
        np.testing.assert_array_equal(whole.value, cut.value)
        assert whole.evidence == cut.evidence


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_very_few_readings_are_no_finding(rows: int) -> None:
    site = honest()
    assert found(site, {n: r.rows(slice(0, rows)) for n, r in site.readings.items()}) == []


def test_readings_without_such_a_status_are_not_judged() -> None:
    assert found_unconfigured("calibration_fault", wandering()) == []


def test_survives_what_cannot_be_read_and_what_is_out_of_order_and_leaves_it_alone() -> None:
    site = honest()
    rng = np.random.default_rng(1)
    table = {}
    for name, readings in said(site, QUIET, "T1").items():
        time, value = readings.time.copy(), readings.value.copy()
        time[rng.integers(0, 5000, 50)] = np.nan
        value[rng.integers(0, 5000, 50)] = np.nan
        time.setflags(write=False)
        value.setflags(write=False)
        order = np.arange(len(time))
        order[1000:1100] = order[1000:1100][::-1]
        table[name] = replace(readings, time=time, value=value).rows(order)
    assert kinds(found(site, table)) == {"no gas step"}
    for told in scores(site, table):
        assert np.all(np.diff(told.time) > 0) and len(told.time) == len(told.value)
