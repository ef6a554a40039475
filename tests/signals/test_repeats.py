"""Exactly repeated stretches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.signals.repeats import GRAM, repeats, steps_of


def noise(seed: int, n: int = 2000) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(np.round(np.random.default_rng(seed).normal(size=n), 3))


@given(
    st.integers(0, 800), st.integers(1000, 1800), st.integers(3 * GRAM, 200), st.floats(-5.0, 5.0)
)
def test_finds_a_planted_repeat_whatever_its_offset(
    source: int, at: int, length: int, offset: float
) -> None:
    value = noise(1)
    length = min(length, len(value) - at)
    value[at : at + length] = value[source : source + length] + round(offset, 3)
    found = [r for r in repeats([steps_of(value)], 60.0) if r.lag == at - source]
    if length >= 3 * GRAM:
        assert len(found) == 1
        assert found[0].first == pytest.approx(at, abs=1)
        assert found[0].last == pytest.approx(at + length - 2, abs=1)


def test_finds_it_in_another_stream() -> None:
    one, two = noise(1), noise(2)
    two[500:600] = one[450:550]
    (found,) = repeats([steps_of(one), steps_of(two)], 60.0)
    assert (found.own, found.other, found.lag) == (1, 0, 50)


def test_noise_constants_and_ramps_repeat_nothing() -> None:
    ramp = np.arange(0.0, 500.0, 0.5).astype(np.float64)
    constant = np.full(1000, 3.0)
    assert repeats([steps_of(noise(3)), steps_of(constant), steps_of(ramp)], 60.0) == []


def test_nothing_is_found_in_almost_nothing() -> None:
    assert repeats([steps_of(np.zeros(1)), steps_of(np.arange(3.0))], 1.0) == []
