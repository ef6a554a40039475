"""Whiteness near and far."""

from __future__ import annotations

import numpy as np
import pytest

from detector.signals.whiteness import is_white


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n", [120, 500, 3000])
def test_independent_numbers_are_white_whatever_their_distribution(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    assert is_white(rng.standard_normal(n))
    assert is_white(np.round(rng.exponential(size=n), 1))


@pytest.mark.parametrize("seed", range(5))
def test_noise_on_a_level_that_wanders_slowly_is_not(seed: int) -> None:
    rng = np.random.default_rng(seed)
    level = np.convolve(rng.standard_normal(1000), 0.98 ** np.arange(300), "full")[:1000]
    assert not is_white(rng.standard_normal(1000) + 0.2 * level)


def test_a_constant_and_a_handful_are_not() -> None:
    assert not is_white(np.ones(500))
    assert not is_white(np.array([1.0, 2.0]))
