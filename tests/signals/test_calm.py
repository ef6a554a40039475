"""How little a stream moves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.signals.calm import calmest, drop_at, movements

F64 = NDArray[np.float64]
N = 3200


def wandering(seed: int) -> F64:
    rng = np.random.default_rng(seed)
    return np.sin(np.arange(N) / 30) + 0.3 * rng.standard_normal(N)


def all_known(value: F64) -> NDArray[np.bool_]:
    return np.ones(len(value), dtype=bool)


def test_a_stretch_that_moves_a_fifth_at_the_lowest_level() -> None:
    value = wandering(0)
    value[2000:2160] = np.quantile(value, 0.02) + 0.2 * value[2000:2160]
    calm = calmest(movements(value, all_known(value)))
    assert calm is not None and calm.left == pytest.approx(0.2, abs=0.08) and calm.ratio > 2.5
    assert (calm.first, calm.last) == pytest.approx((100, 107), abs=2)


def test_calm_that_is_not_low_or_comes_again_is_none() -> None:
    high, usual = wandering(1), wandering(2)
    high[2000:2160] = 1.0 + 0.2 * high[2000:2160]
    for start in (400, 1200, 2000, 2800):
        usual[start : start + 160] = np.quantile(usual, 0.02) + 0.2 * usual[start : start + 160]
    for value in (high, usual):
        calm = calmest(movements(value, all_known(value)))
        assert calm is None or calm.ratio < 1.5


def test_what_is_not_known_tells_nothing() -> None:
    value, known = wandering(3), all_known(wandering(3))
    value[2000:2160], known[2000:2160] = -1.5, False
    calm = calmest(movements(value, known))
    assert calm is None or calm.ratio < 1.5


def test_the_drop_of_another_stream_in_the_same_windows() -> None:
    value = wandering(4)
    value[2000:2160] *= 0.1
    of = movements(value, all_known(value))
    assert drop_at(of, 100, 107) == pytest.approx(np.log(10), abs=0.4)
    assert abs(drop_at(of, 20, 27)) < 0.3
    state = np.where(np.arange(N) % 800 < 100, 1.0, 0.0)
    assert drop_at(movements(state, all_known(state)), 20, 27) > 2


def test_nothing_of_few_readings() -> None:
    assert movements(np.zeros(300), np.ones(300, dtype=bool)) == [] and calmest([]) is None
