"""Cutting at array speed is folding, row by row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detector.apps.tune.cutting import cut, hot
from detector.core.episode import Threshold, fold
from detector.core.score import Scores


@st.composite
def folded(draw: st.DrawFn) -> tuple[Scores, Threshold]:
    count = draw(st.integers(0, 40))
    steps = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=count, max_size=count))
    levels = st.sampled_from([0.0, 1.0, 2.0, 3.0, float("nan")])
    value = np.array(draw(st.lists(levels, min_size=count, max_size=count)), dtype=np.float64)
    back = draw(st.lists(st.sampled_from([0.0, 0.5, 3.0, 9.0]), min_size=count, max_size=count))
    time = np.cumsum(np.array(steps, dtype=np.float64))
    since = time - np.array(back, dtype=np.float64)
    why = np.where(np.isnan(value), 0, -1).astype(np.int8)
    raise_at, clear_at = draw(st.sampled_from([(3.0, 1.0), (2.0, 2.0), (1.0, 0.0), (0.0, 0.0)]))
    hold_s = draw(st.sampled_from([0.0, 1.0, 4.0]))
    scores = Scores("spike", "a", "s", time, value, since, why, ("dark",))
    return scores, Threshold(raise_at, clear_at, hold_s, "s", "info")


@given(folded())
def test_it_is_the_fold(case: tuple[Scores, Threshold]) -> None:
    scores, threshold = case
    expected = [(e.start, e.end, e.peak) for e in fold(scores, threshold)]
    for level in (threshold.clear_at, 0.0):
        found = cut(hot(scores, level), threshold)
        assert [*zip(found.start, found.end, found.peak, strict=True)] == expected
        assert all(found.crossed >= found.start) and all(found.crossed <= found.end)


def test_blind_time_is_not_judged() -> None:
    value = np.array([0.0, np.nan, 1.0])
    why = np.array([-1, 0, -1], dtype=np.int8)
    time = np.array([0.0, 10.0, 30.0])
    assert hot(Scores("spike", "a", "s", time, value, time, why, ("dark",)), 1.0).judged_s == 20.0
