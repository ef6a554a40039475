"""Scores are stored once, the highest of several."""

from __future__ import annotations

import numpy as np

from detector.apps.serve.keeping import Keeper, highest
from detector.core.score import Scores
from tests.apps.serve.conftest import MINE, Bencher


def block(times: list[float], values: list[float]) -> Scores:
    time, value = np.array(times), np.array(values)
    why = np.where(np.isnan(value), 0, -1).astype(np.int8)
    return Scores("copied_signal", "s", "bits", time, value, time, why, ("dark",))


def test_the_highest_counts_and_blind_only_where_all_are() -> None:
    found = highest([block([1, 2, 3], [5, np.nan, np.nan]), block([1, 2, 4], [7, 1, 2])])
    assert found.time.tolist() == [1, 2, 3, 4]
    assert found.value[[0, 1, 3]].tolist() == [7, 1, 2] and np.isnan(found.value[2])


def test_what_is_stored_is_not_stored_again(bench: Bencher) -> None:
    one = bench()
    Keeper(one.series).take(MINE, [block([1, 2], [1, 1])], 0.0)
    keeper = Keeper(one.series)
    keeper.take(MINE, [block([1, 2, 3], [9, 9, 9])], 0.0)
    keeper.take(MINE, [block([4], [4])], 1.0)
    keeper.take(MINE, [block([4, 5], [4, 4])], 100.0)
    found = one.series.scores(MINE, "copied_signal", "s", 0.0, 10.0)
    assert found.time.tolist() == [1, 2, 3, 4, 5]
    assert found.value.tolist() == [1, 1, 9, 4, 4]
