"""Scores of one stream over different times, as one."""

from __future__ import annotations

import numpy as np

from detector.core.score import Evidence, Scores, highest, merged


def scores(time: list[float], why: list[int], reasons: tuple[str, ...], kind: str) -> Scores:
    reason = np.array(why, dtype=np.int8)
    return Scores(
        "frozen_frame",
        "shaft",
        "s",
        np.array(time),
        np.where(reason < 0, np.array(time), np.nan),
        np.array(time) - 1,
        reason,
        reasons,
        (Evidence(0, 1, kind),),
    )


def test_merged_is_in_order_of_time_and_keeps_every_reason_by_name() -> None:
    one = merged([scores([4, 5, 9], [0, 1, -1], ("dark", "still"), "a")])
    both = merged(
        [
            scores([4, 5, 9], [0, 1, -1], ("dark", "still"), "a"),
            scores([1, 6], [1, 0], ("still", "unseen"), "b"),
        ]
    )
    assert one.time.tolist() == [4, 5, 9]
    assert both.time.tolist() == [1, 4, 5, 6, 9]
    assert both.since.tolist() == [0, 3, 4, 5, 8]
    told = [both.reasons[w] if w >= 0 else None for w in both.why]
    assert told == ["unseen", "dark", "still", "still", None]
    assert np.isnan(both.value).tolist() == [True, True, True, True, False]
    assert [e.kind for e in both.evidence] == ["a", "b"]


def test_of_scores_over_the_same_times_the_highest_counts() -> None:
    def one(time: list[float], value: list[float], since: float) -> Scores:
        at = np.array(time)
        why = np.where(np.isnan(value), 0, -1).astype(np.int8)
        known = np.array(value)
        return Scores("spike", "a", "s", at, known, np.full(len(at), since), why, ("dark",))

    nan = float("nan")
    found = highest([one([0, 1, 2, 3], [nan, 1, 5, nan], 0), one([0, 1, 3, 4], [nan, 2, 1, 0], 9)])
    assert found.time.tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(found.value, [nan, 2, 5, 1, 0], equal_nan=True)
    assert found.since.tolist()[1:] == [9, 0, 9, 9] and found.why.tolist() == [0, -1, -1, -1, -1]
    assert len(highest([one([], [], 0), one([], [], 0)]).time) == 0
