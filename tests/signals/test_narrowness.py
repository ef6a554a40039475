"""Stretches that hardly change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.signals.narrowness import lasting_within, narrow


def wandering(n: int = 8000) -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    return np.round(np.convolve(rng.standard_normal(n + 50), np.ones(51) / 7, "valid"), 2)[:n]


def test_a_value_held_but_for_one_step_is_found_from_its_first_to_its_last_row() -> None:
    value = wandering()
    value[3000:3400] = value[3000] + 0.01 * np.resize([0, 1, -1, 0, 1], 400)
    (one,) = narrow(value, 2.5)
    assert one.times > 20
    assert abs(one.first - 3000) <= 3 and abs(one.last - 3399) <= 3


def test_what_wanders_is_no_narrow_stretch_nor_what_is_constant_or_short() -> None:
    assert narrow(wandering(), 2.5) == []
    held = wandering()
    held[3000:3400] = held[3000]
    assert narrow(held, 2.5) == []
    assert narrow(np.zeros(0), 2.5) == [] and narrow(np.ones(5000), 2.5) == []
    assert narrow(wandering(100), 2.5) == []


def test_a_device_of_few_steps_is_not_narrow_where_it_rests_between_two() -> None:
    assert narrow(np.round(wandering() * 2) / 2, 2.5) == []


def test_a_machine_that_rests_but_for_a_moment_is_not_held() -> None:
    value = wandering()
    value[3000:3400] = 0.0
    value[3200:3203] = 0.01
    assert narrow(value, 2.5) == []


def test_stretches_within_a_width_follow_each_other() -> None:
    first, last = lasting_within(np.array([0.0, 1.0, 0.0, 2.0, 1.0, 5.0]), 1.0)
    assert first.tolist() == [0, 3, 5] and last.tolist() == [2, 4, 5]
