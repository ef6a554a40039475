"""capped_signal: peaks that end at one value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.core.episode import blind_stretches
from detector.core.observation import Readings
from detector.detectors.capped_signal import FEW
from tests.detectors.sensors import blocks, found, mine, scored


def capped(level: float, rows: slice, seed: int = 0) -> dict[str, Readings]:
    """Clean methane, nothing above this level in these rows."""
    readings = mine(seed)["methane"]
    value = readings.value.copy()
    value[rows] = np.minimum(value[rows], level)
    return {"methane": replace(readings, value=value)}


@pytest.mark.parametrize("seed", range(3))
def test_clipped_for_a_day(seed: int) -> None:
    table = capped(0.55, slice(2000, 3440), seed)
    (episode,) = found("capped_signal", table)
    assert episode.evidence is not None
    assert episode.evidence.figures["ceiling"] == 0.55
    time = table["methane"].time
    assert time[1900] <= episode.start and episode.end <= time[3540]


def test_a_tank_that_is_full_at_times_is_none() -> None:
    assert found("capped_signal", capped(0.55, slice(None))) == []


@pytest.mark.parametrize("seed", range(3))
def test_peaks_at_equal_values_by_coarse_resolution_are_none(seed: int) -> None:
    readings = mine(seed)["methane"]
    value = np.round(readings.value / 0.02) * 0.02
    assert found("capped_signal", {"methane": replace(readings, value=value)}) == []


def test_blind_for_few_values() -> None:
    readings = mine()["methane"]
    table = {"methane": replace(readings, value=np.round(readings.value, 1))}
    (scores,) = scored("capped_signal", blocks(table))
    assert set(blind_stretches(scores)) == {FEW}
