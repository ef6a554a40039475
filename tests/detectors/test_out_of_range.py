"""out_of_range: values that no device can measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device
from detector.pipeline import judge
from tests.detectors.sensors import blocks, mine, scored


def found(rows: slice, value: float, **device: Any) -> list[Episode]:
    """Episodes where these rows of clean methane have this value."""
    readings = mine()["methane"]
    values = readings.value.copy()
    values[rows] = value
    known = [
        Device("methane", **device),
        *blocks({"methane": replace(readings, value=values)})[1:],
    ]
    return judge(scored("out_of_range", known), load(None).thresholds)


def kind(episodes: list[Episode]) -> str:
    (episode,) = episodes
    assert episode.evidence is not None
    return episode.evidence.kind


@pytest.mark.parametrize("code", [-200.0, -999.0, -9999.0, -999999.0, 9999.0, 999999.0])
@pytest.mark.parametrize("reports", [1, 10])
def test_a_fault_code_far_from_the_rest(code: float, reports: int) -> None:
    episodes = found(slice(3000, 3000 + reports), code)
    assert kind(episodes) == "fault code"
    assert episodes[0].peak == reports
    assert episodes[0].start == mine()["methane"].time[3000]


def test_a_fault_code_within_the_stream_is_a_reading() -> None:
    rng = np.random.default_rng(0)
    table = {"level": replace(mine()["methane"], stream="level")}
    value = rng.uniform(-400, 400, size=len(table["level"]))
    value[100:103] = -200.0
    table["level"] = replace(table["level"], value=value)
    assert judge(scored("out_of_range", blocks(table)), load(None).thresholds) == []


def test_outside_the_range_of_the_device() -> None:
    assert kind(found(slice(100, 105), 4.5, low=0.0, high=4.0)) == "out of range"
    assert found(slice(100, 105), 4.0, low=0.0, high=4.0) == []


def test_half_a_step_beyond_the_range_is_rounding() -> None:
    assert found(slice(100, 105), 4.04, low=0.0, high=4.0, resolution=0.1) == []


def test_negative_methane_is_impossible_negative_temperature_is_not() -> None:
    assert kind(found(slice(100, 102), -0.1, kind="methane")) == "impossible"
    assert found(slice(100, 102), -0.1, kind="temperature") == []


def test_a_value_far_from_all_others_without_anything_known() -> None:
    assert kind(found(slice(100, 102), 50.0)) == "out of range"
    assert found(slice(100, 102), 1.2) == []


def test_half_of_the_readings_may_be_faults() -> None:
    assert kind(found(slice(1000, 4000), -200.0)) == "fault code"
