"""fabricated_signal: what it is not asked of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.bench.mine import mine as simulated
from detector.bench.mine.settings import MineSettings
from detector.config import load
from detector.core.observation import Device, Readings
from detector.pipeline import judge
from tests.detectors.sensors import blocks, mine, scored

F64 = NDArray[np.float64]


def test_a_head_count_may_change_its_ways_and_repeats_no_template() -> None:
    methane = mine(days=7.0)["methane"]
    value = 200 + 100 * methane.value
    value[4000:5000] = 200 + 30 * np.random.default_rng(0).standard_normal(1000)
    template = value.copy()
    template[6000:8000] = np.tile(value[6000:6100], 20)
    found = {}
    for name, told in (("odd", value), ("template", template)):
        for kind in ("other", "count"):
            observations = blocks({"people": replace(methane, stream="people", value=told.round())})
            observations[0] = Device("people", kind=kind)
            episodes = judge(scored("fabricated_signal", observations), load(None).thresholds)
            found[name, kind] = {e.evidence.kind for e in episodes if e.evidence}
    assert found["odd", "other"] and not found["odd", "count"]
    assert found["template", "count"] == {"template"}


def _kinds(value: F64) -> set[str]:
    methane = mine(days=7.0)["methane"]
    told = replace(methane, time=methane.time[0] + 60.0 * np.arange(len(value)), value=value)
    episodes = judge(scored("fabricated_signal", blocks({"s": told})), load(None).thresholds)
    return {e.evidence.kind for e in episodes if e.evidence}


def _wandering(rng: np.random.Generator, n: int) -> F64:
    return np.asarray(np.convolve(rng.standard_normal(n), 0.97 ** np.arange(200), "full")[:n])


def test_white_noise_twice_as_large_in_a_noisy_stream_on_a_wandering_level() -> None:
    rng = np.random.default_rng(3)
    value = 0.2 * _wandering(rng, 9000) + 0.5 * rng.standard_normal(9000)
    assert _kinds(value) == set()
    value[6000:6500] = 1.2 * rng.standard_normal(500)
    assert "noise" in _kinds(value)


def test_a_stretch_with_the_same_spectrum_but_no_skewness() -> None:
    rng = np.random.default_rng(4)
    value = rng.exponential(size=9000)
    assert _kinds(value) == set()
    value[6000:6500] = 1 + rng.standard_normal(500)
    assert "unlike" in _kinds(value)


def test_gas_of_blasts_that_rises_and_falls_smoothly_thrice_a_day_is_a_habit() -> None:
    site = simulated(MineSettings(status="construction", days=5.0, period_s=30.0, seed=31))
    assert _kinds(site.readings["CO"].value) == set()


@pytest.mark.parametrize(
    ("kind", "later_h", "odd"), [("temperature", 9, 1), ("power", 9, 0), ("temperature", 0.8, 0)]
)
def test_two_weeks_at_far_other_hours_are_odd_unless_people_set_them(
    kind: str, later_h: float, odd: int
) -> None:
    rng = np.random.default_rng(7)
    time = (1.7e9 + 3600.0 * np.arange(300 * 24)).astype(np.float64)
    late = np.where((time > time[4800]) & (time < time[5200]), later_h * 3600.0, 0.0)
    value = 20 + 3 * np.cos(2 * np.pi * (time - late) / 86400) + _wandering(rng, len(time)) / 20
    readings = Readings("s", time, np.round(value, 2).astype(np.float64))
    told = scored("fabricated_signal", [Device("s", kind=kind), readings])
    found = [e for e in judge(told, load(None).thresholds) if e.evidence]
    hours = [e for e in found if e.evidence and e.evidence.kind == "hours"]
    assert len(hours) == odd
    for e in hours:
        assert e.start == pytest.approx(time[4800], abs=2 * 86400)
        assert e.end == pytest.approx(time[5200], abs=2 * 86400)
