"""spike: a jump and back, against the stream's other ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.core.episode import blind_stretches
from detector.detectors.spike import FEW
from tests.detectors.sensors import blocks, found, mine, scored

READINGS = mine()["methane"]


@pytest.mark.parametrize("height", [-1.0, 1.0])
def test_one_reading_that_stands_out(height: float) -> None:
    value = READINGS.value.copy()
    value[3000] += height
    (episode,) = found("spike", {"methane": replace(READINGS, value=value)})
    assert episode.start == episode.end == READINGS.time[3000]
    assert episode.evidence is not None
    assert episode.evidence.figures["before"] == value[2999]


def test_a_step_that_stays_is_none() -> None:
    value = READINGS.value.copy()
    value[3000:] += 1.0
    assert found("spike", {"methane": replace(READINGS, value=value)}) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_signal_that_is_spiky_by_nature_is_quiet(seed: int) -> None:
    rng = np.random.default_rng(seed)
    value = rng.normal(size=len(READINGS))
    some = rng.random(len(value)) < 0.01
    value[some] += rng.exponential(20, size=int(some.sum()))
    assert found("spike", {"methane": replace(READINGS, value=value)}) == []


def test_blind_where_hardly_anything_changes() -> None:
    value = np.repeat([1.0, 2.0, 1.5], len(READINGS) // 3)
    (scores,) = scored("spike", blocks({"methane": replace(READINGS, value=value)}))
    assert set(blind_stretches(scores)) == {FEW}


@pytest.mark.parametrize("height", [1.0, 3.0])
def test_what_never_comes_back_at_once_is_compared_with_its_steps(height: float) -> None:
    rng = np.random.default_rng(1)
    value = np.repeat(rng.integers(0, 4, len(READINGS) // 5) / 10.0, 5)
    value[3000] += height * 0.3
    told = {"methane": replace(READINGS, time=READINGS.time[: len(value)], value=value)}
    assert len(found("spike", told)) == (height > 2)


def test_a_usual_jump_to_where_the_stream_never_is_counts_by_both() -> None:
    rng = np.random.default_rng(2)
    value = rng.uniform(-1, 1, len(READINGS))
    value[[3000, 3001, 3002]] = -0.9, 4.0, -0.9
    assert len(found("spike", {"methane": replace(READINGS, value=value)})) == 1
    value[3001] = 2.5
    assert found("spike", {"methane": replace(READINGS, value=value)}) == []
