"""Steps of values, and where they become others."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.signals.value_grid import resized, steps_of

F64 = NDArray[np.float64]


def counts(seed: int = 0, n: int = 4000) -> F64:
    """Whole counts of a device that wander between about 0 and 400."""
    rng = np.random.default_rng(seed)
    return np.round(200 + 60 * np.sin(np.arange(n) / 40) + 25 * rng.standard_normal(n))


@pytest.mark.parametrize("size", [0.01, 0.25, 0.06698, 3.0])
def test_the_steps_a_device_counts_in(size: float) -> None:
    steps = steps_of(np.round(size * counts(), 9))
    assert steps is not None and steps.size == pytest.approx(size, rel=1e-4)
    assert not steps.off(size * counts(1)).any()


def test_no_steps_where_values_lie_anywhere() -> None:
    rng = np.random.default_rng(4)
    for n in (20, 200, 5000):
        assert steps_of(rng.normal(size=n)) is None
    assert steps_of(np.full(50, 3.0)) is None and steps_of(np.zeros(0)) is None


@pytest.mark.parametrize("factor", [0.6, 0.875, 1.3])
def test_a_factor_from_some_moment_on(factor: float) -> None:
    value = 0.1 * counts()
    value[2600:] *= factor
    found = resized(value)
    assert found is not None and found.factor == pytest.approx(factor, rel=1e-3)
    assert found.first == pytest.approx(2600, abs=10) and found.last == len(value) - 1
    assert found.beyond > 3


def test_a_factor_for_some_time() -> None:
    value = 0.1 * counts()
    value[1500:1900] *= 0.6
    found = resized(value)
    assert found is not None and found.factor == pytest.approx(0.6, rel=1e-3)
    assert (found.first, found.last) == pytest.approx((1500, 1899), abs=10)


def test_other_digits_are_no_factor_unless_all_follows() -> None:
    """A device that reports halves or is exchanged, and one whose readings are halved."""
    value = counts()
    finer = value.copy()
    finer[2000:] += 0.5 * np.random.default_rng(1).integers(0, 2, 2000)
    assert resized(finer) is None
    exchanged = value.copy()
    exchanged[2000:] = 0.6 * np.round(value[2000:] / 0.6)
    assert steps_of(exchanged[2000:]) is not None and resized(exchanged) is None
    halved = value.copy()
    halved[2000:] *= 0.5
    found = resized(halved)
    assert found is not None and found.factor == pytest.approx(0.5, rel=1e-3)


def test_nothing_where_steps_stay() -> None:
    assert resized(0.067 * counts()) is None
