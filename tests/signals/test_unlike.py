"""The stretch most unlike all others."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.signals.manner import OVERLAP, SQUEEZED, WHITE, manner, rows_of, upper
from detector.signals.unlike import Unlike, most_unlike

F64 = NDArray[np.float64]


def wandering(seed: int, n: int = 6000) -> F64:
    rng = np.random.default_rng(seed)
    value = np.zeros(n)
    for i in range(1, n):
        value[i] = 0.9 * value[i - 1] + rng.standard_normal()
    return value


def towards_white(value: F64) -> Unlike | None:
    shape = manner(value)[: len(WHITE)]
    return most_unlike(shape, OVERLAP, WHITE - np.median(shape, axis=1))


def covers(found: Unlike | None, first: int, last: int) -> bool:
    assert found is not None
    a, b = rows_of(found.first, found.last)
    return abs(a - first) < 150 and abs(b - last) < 150


@pytest.mark.parametrize("seed", range(3))
def test_white_noise_in_what_wanders(seed: int) -> None:
    value = wandering(seed)
    value[4000:4400] = value.std() * np.random.default_rng(9).standard_normal(400)
    for found in (towards_white(value), most_unlike(manner(value), OVERLAP)):
        assert covers(found, 4000, 4400) and found is not None and found.ratio > 2.1


@pytest.mark.parametrize("seed", range(3))
def test_a_squeezed_upper_part(seed: int) -> None:
    value = wandering(seed)
    value[4000:4400] = np.where(value > 0, 0.2 * value, value)[4000:4400]
    found = most_unlike(upper(value), OVERLAP, SQUEEZED, least=0.7)
    assert covers(found, 4000, 4400) and found is not None and found.ratio > 2.2
    assert found.apart[0] < -0.5


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_out_of_proportion_by_itself(seed: int) -> None:
    value = wandering(seed)
    plain = (towards_white(value), most_unlike(manner(value), OVERLAP))
    assert all(f is None or f.ratio < 2 for f in plain)
    squeezed = most_unlike(upper(value), OVERLAP, SQUEEZED, least=0.7)
    assert squeezed is None or squeezed.ratio < 1.8


def test_too_few_windows_tell_nothing() -> None:
    assert most_unlike(manner(wandering(0, 400)), OVERLAP) is None


def test_a_series_that_never_changes_is_no_error() -> None:
    for measures in (manner(np.ones(2000)), upper(np.ones(2000))):
        found = most_unlike(measures, OVERLAP)
        assert found is None or found.ratio <= 1


def test_bounds_pass_over_what_is_not_low_enough() -> None:
    value = wandering(0)
    bounds = np.array([-50.0, 0, 0, 0, 0, 0, 0])
    assert most_unlike(upper(value), OVERLAP, SQUEEZED, bounds) is None
