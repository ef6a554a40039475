"""Runs and running sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.signals.runs import centred_sum, distance, runs
from tests import naive

numbers = st.lists(st.floats(-1e3, 1e3), max_size=25)


@given(numbers, st.integers(0, 30))
def test_centred_sum(values: list[float], reach: int) -> None:
    exact = [sum(values[max(0, i - reach) : i + reach + 1]) for i in range(len(values))]
    np.testing.assert_allclose(centred_sum(np.array(values), reach), exact, atol=1e-9)


@given(st.lists(st.booleans(), max_size=25))
def test_runs(mask: list[bool]) -> None:
    assert runs(np.array(mask, dtype=np.bool_)) == naive.runs(mask)


@given(numbers, numbers)
def test_distance_to_the_nearest(times: list[float], known: list[float]) -> None:
    exact = [min((abs(t - k) for k in known), default=np.inf) for t in times]
    quick = distance(np.array(times, dtype=np.float64), np.array(sorted(known), dtype=np.float64))
    assert quick.tolist() == pytest.approx(exact)
