"""level_shift: measured by the habit of the series itself."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.signals.level_shift import LEAST, level_shift
from detector.signals.series import Series

F64 = NDArray[np.float64]
STEP_S = 60.0


def walk(count: int = 4000, seed: int = 1) -> F64:
    """A level that wanders smoothly, with noise."""
    rng = np.random.default_rng(seed)
    slow = np.convolve(rng.normal(size=count + 400), np.ones(400) / 20, "valid")[:count]
    return np.asarray(20 + slow + 0.05 * rng.normal(size=count))


def series(value: F64, gap_at: int | None = None) -> Series:
    time = np.arange(len(value), dtype=np.float64) * STEP_S
    if gap_at is not None:
        time[gap_at:] += 50 * STEP_S
    return Series(time, value)


def test_a_lasting_shift_is_found_where_it_is() -> None:
    value = walk()
    value[2500:] += 2.0
    found = level_shift(series(value))
    assert found is not None and found.lasting and found.beyond > 3
    assert found.start == 2500 * STEP_S and found.end == 3999 * STEP_S
    assert found.size == pytest.approx(2.0, abs=0.5)


def test_a_shift_that_is_undone_ends_there() -> None:
    value = walk()
    value[2000:2600] -= 2.0
    found = level_shift(series(value))
    assert found is not None and not found.lasting and found.beyond > 3
    assert (found.start, found.end) == (2000 * STEP_S, 2600 * STEP_S)
    assert found.size == pytest.approx(-2.0, abs=0.5)


def test_in_noise_the_mean_tells() -> None:
    rng = np.random.default_rng(2)
    value = rng.normal(size=6000)
    value[4000:] += 1.0
    found = level_shift(series(value))
    assert found is not None and found.beyond > 2
    assert found.start == pytest.approx(4000 * STEP_S, abs=20 * STEP_S)


@pytest.mark.parametrize("seed", range(8))
def test_what_never_shifted_is_within_its_habit(seed: int) -> None:
    for value in (walk(seed=seed), np.random.default_rng(seed).normal(size=4000)):
        found = level_shift(series(value))
        assert found is None or found.beyond < 2


def test_what_switches_again_and_again_is_habit() -> None:
    value = walk() + 3.0 * (np.arange(4000) // 500 % 2)
    found = level_shift(series(value))
    assert found is None or found.beyond < 2


def test_a_passing_change_and_a_slow_one_are_none() -> None:
    value = walk()
    value[2000:2010] += 5.0  # test gas
    found = level_shift(series(value))
    assert found is None or found.beyond < 2
    slow = walk() + np.clip((np.arange(4000) - 2000) / 300, 0, 1) * 3.0
    found = level_shift(series(slow))
    assert found is None or found.beyond < 2


def test_what_changes_while_nothing_is_reported_says_nothing() -> None:
    value = walk()
    value[2500:] += 2.0
    found = level_shift(series(value, gap_at=2500))
    assert found is None or found.start != 2500 * STEP_S or found.beyond < 2


def test_a_short_series_has_no_habit() -> None:
    assert level_shift(series(walk(LEAST - 1))) is None
