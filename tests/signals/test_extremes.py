"""The usual largest value of a sample."""

from __future__ import annotations

import numpy as np
import pytest

from detector.signals.extremes import usual_largest


@pytest.mark.parametrize("draw", ["exponential", "pareto", "normal"])
def test_is_rarely_exceeded_by_the_sample_itself(draw: str) -> None:
    exceeded = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sample = {
            "exponential": rng.exponential(size=2000),
            "pareto": 1 + rng.pareto(2, size=2000),
            "normal": np.abs(rng.standard_normal(2000)),
        }[draw]
        exceeded += bool(sample.max() > usual_largest(sample))
    assert exceeded <= 20


def test_is_exceeded_by_what_is_out_of_proportion() -> None:
    rng = np.random.default_rng(0)
    sample = rng.exponential(size=2000)
    clean = usual_largest(sample)
    spoiled = np.concatenate([sample, [1000.0, 2000.0, 3000.0]])
    assert usual_largest(spoiled) < 1000
    assert usual_largest(spoiled) == pytest.approx(clean, rel=0.5)


def test_of_equal_values_is_that_value() -> None:
    assert usual_largest(np.full(100, 2.0)) == 2.0


def test_of_too_few_values_is_not_known() -> None:
    assert np.isnan(usual_largest(np.ones(5)))
    assert np.isnan(usual_largest(np.zeros(500)))
