"""What is measured of the detectors of readings, and of what a user would otherwise pick."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from detector.bench.calibrations import calibrations
from detector.bench.falsify import HoldValue, falsify
from detector.bench.sensor_cases import STEPS, Case, cases
from detector.bench.sensor_rivals import RIVALS, flagged, installed
from detector.bench.sensor_tables import Clean, Result, clean_table, recall
from detector.bench.sensor_told import Claim, Told, covered, first_told
from detector.bench.sensors import judged
from detector.signals.series import Series, ordered
from tests.detectors.sensors import START, mine

HELD = HoldValue(stream="methane", start_s=3 * 86400.0, seconds=7200.0)


def test_cases_are_of_every_kind_and_the_same_for_a_seed() -> None:
    first, again = (list(cases("mine", mine(), seed=5)) for _ in range(2))
    assert first == again and [c.name for c in first] == list(STEPS)
    assert [c.name for c in cases("mine", mine(), 5, ("stuck", "copy"))] == ["stuck", "copy"]


def test_enough_of_a_stretch_is_covered_by_one_or_by_several() -> None:
    claim = Claim("flat_signal", "a", 1000.0, 2000.0)
    assert covered(claim, [(900.0, 1400.0)])
    assert covered(claim, [(1000.0, 1200.0), (1500.0, 1700.0)])
    assert not covered(claim, [(900.0, 1200.0)]) and not covered(claim, [(0.0, 100.0)])
    assert covered(Claim("spike", "a", 1000.0, 1000.0), [(1000.0, 1000.0)])


def test_a_held_value_is_found_within_it_and_its_delay_is_told() -> None:
    table = mine()
    told = Told()
    result = judged(Case("mine", "stuck", HELD), table, told.episodes(table), told, (), True)
    assert result.found and result.named and result.false == 0
    assert 1 <= result.delay <= 60


def test_what_is_not_found_has_no_delay() -> None:
    claim = Claim("flat_signal", "methane", START, START + 3600)
    assert math.isnan(first_told(claim, mine(), set(), Told()))


def test_tables_count_both_halves_and_name_the_misses() -> None:
    case = Case("methane_longwall", "stuck", HELD)
    other = Case("transformer_load", "stuck", HELD)
    results = [
        Result(case, True, True, 0, 12.0, frozenset({"saqc"})),
        Result(other, False, False, 1, float("nan")),
    ]
    lines = recall(results, ["saqc"])
    assert "| stuck | 0, 1 | 0, 1 | 1, 1 | 12 / 12 | 1 | 0, 1 |" in lines
    assert lines[-1].startswith("- transformer_load")
    told = clean_table([Clean("a", 50.0, 60.0, {"spike": 1}, {"saqc": 3})], ["saqc"])
    assert told[-1] == "| **per 100 stream-days** | 50 |  | 2.00 |  | 6.00 |"


@pytest.mark.parametrize("rival", sorted(RIVALS))
def test_a_rival_finds_what_it_is_made_for(rival: str) -> None:
    if rival not in installed():
        pytest.skip(f"{rival} is not installed")
    whole = ordered(falsify(mine(), [HELD])[0]["methane"])
    if rival == "stumpy":
        whole = _repeated(whole)
    history = whole.between(whole.time[0], whole.time[0] + 2 * 86400)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        told = flagged(rival, whole, history)
    claim = Claim("flat_signal", "methane", START + HELD.start_s, START + HELD.start_s + 7200)
    assert covered(claim, told)


def _repeated(series: Series) -> Series:
    value = series.value.copy()
    first = int(np.searchsorted(series.time, START + HELD.start_s))
    value[first : first + 121] = value[1000:1121]
    return Series(series.time, value)


def test_calibrations_are_measured_on_simulated_mines() -> None:
    told = calibrations(7, 1)
    assert "no gas step 6 of 6" in told and "False: 0 of 18" in told
