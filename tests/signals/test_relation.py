"""What streams let expect of each other, and where that changes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.signals.relation import LEAST_ROWS, SIDE, WINDOWS, alikeness, expected, shift

F64 = NDArray[np.float64]
ROWS = WINDOWS * 20


def pair(seed: int = 0) -> tuple[F64, F64]:
    """A stream and another that goes along with it."""
    rng = np.random.default_rng(seed)
    cause = np.convolve(rng.standard_normal(ROWS + 99), np.ones(100) / 10, "valid")
    own = 5 + cause + 0.2 * rng.standard_normal(ROWS)
    return own, 2 - 0.5 * cause + 0.1 * rng.standard_normal(ROWS)


def test_expects_what_others_show_whatever_a_few_outliers_say() -> None:
    own, other = pair()
    spoiled = own.copy()
    spoiled[100:200] = 500.0
    told = expected(spoiled, other[None])
    assert np.sqrt(np.mean((told - own) ** 2)) < 0.35


def test_alikeness_is_of_what_is_known() -> None:
    own, other = pair()
    noise = np.random.default_rng(9).standard_normal(ROWS)
    gap = other.copy()
    gap[: ROWS // 2] = np.nan
    r = alikeness(np.array([own, other, noise, np.full(ROWS, 3.0), gap]))
    assert r[0, 1] > 0.9 and abs(r[0, 2]) < 0.3
    assert r[0, 3] == r[0, 0] == -1.0
    assert r[0, 4] > 0.5


@pytest.mark.parametrize("factor", [0.5, 0.7, 1.6])
def test_finds_a_lasting_factor(factor: float) -> None:
    own, other = pair()
    at = 100
    own[at * 20 :] *= factor
    found = shift(own, expected(own, other[None]), np.ones(ROWS, dtype=np.bool_))
    assert found is not None
    assert abs(found.at - at) <= 3 and found.back == WINDOWS
    assert found.factor == pytest.approx(factor, rel=0.1)
    assert found.beyond > 2.3


def test_finds_where_it_is_undone() -> None:
    own, other = pair()
    own[90 * 20 : 130 * 20] *= 0.6
    found = shift(own, expected(own, other[None]), np.ones(ROWS, dtype=np.bool_))
    assert found is not None
    assert abs(found.at - 90) <= SIDE / 2 and abs(found.back - 130) <= SIDE / 2
    assert found.beyond > 2.3


@pytest.mark.parametrize("seed", range(5))
def test_a_relation_that_stays_never_changes_out_of_proportion(seed: int) -> None:
    own, other = pair(seed)
    found = shift(own, expected(own, other[None]), np.ones(ROWS, dtype=np.bool_))
    assert found is None or found.beyond < 2.3


def test_too_few_rows_and_constants_are_not_judged() -> None:
    few = np.ones(WINDOWS * LEAST_ROWS - 1)
    assert shift(few, few, few > 0) is None
    assert shift(np.ones(ROWS), np.ones(ROWS), np.ones(ROWS, dtype=np.bool_)) is None
    assert 2 * SIDE < WINDOWS
