"""Scores folded into episodes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.core.episode import Threshold, blind_stretches, fold
from detector.core.score import Evidence, Scores
from tests import naive

BLIND = math.nan


def threshold(raise_at: float = 4.0, clear_at: float = 1.0, hold_s: float = 2.0) -> Threshold:
    return Threshold(raise_at, clear_at, hold_s, "s", "critical")


def scores(rows: list[naive.Row], evidence: tuple[Evidence, ...] = ()) -> Scores:
    time, value, since = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    why = np.where(np.isnan(value), 0, -1).astype(np.int8)
    return Scores("frozen_frame", "shaft", "s", time, value, since, why, ("dark",), evidence)


def at_once(*values: float) -> list[naive.Row]:
    """A value a second, what is scored beginning at its own row."""
    return [(float(i), value, float(i)) for i, value in enumerate(values)]


def folded(rows: list[naive.Row], limit: Threshold) -> list[tuple[float, float, float, bool]]:
    return [(e.start, e.end, e.peak, e.until_end) for e in fold(scores(rows), limit)]


@st.composite
def score_rows(draw: st.DrawFn) -> list[naive.Row]:
    gaps = draw(st.lists(st.sampled_from([0.2, 1.0, 2.0, 7.0]), max_size=30))
    time = np.cumsum(gaps)
    value = st.sampled_from([BLIND, 0.0, 0.9, 1.0, 3.0, 4.0, 6.0])
    back = st.sampled_from([0.0, 0.0, 1.0, 5.0])
    return [(float(t), draw(value), float(t) - draw(back)) for t in time]


@given(score_rows(), st.sampled_from([0.0, 1.0, 2.0, 5.0]))
@example(at_once(5, BLIND, 5), 1.0)
@example([(5.0, 5.0, 0.0), (6.0, 0.0, 6.0), (7.0, 2.0, 4.0)], 2.0)
def test_folds_as_the_obvious_way_does(rows: list[naive.Row], hold_s: float) -> None:
    assert folded(rows, threshold(hold_s=hold_s)) == naive.episodes(rows, 4.0, 1.0, hold_s)


@given(score_rows())
def test_a_higher_bar_never_finds_more_episodes(rows: list[naive.Row]) -> None:
    low, high, above_all = (len(folded(rows, threshold(r))) for r in (4.0, 6.0, 7.0))
    assert low >= high >= above_all == 0


def test_nothing_folds_to_nothing() -> None:
    assert fold(scores([]), threshold()) == []
    assert blind_stretches(scores([])) == {}


def test_an_episode_opens_at_raise_and_lasts_to_the_last_row_at_clear() -> None:
    assert folded(at_once(0, 3.9, 4, 1, 0.9, 0, 0, 0), threshold()) == [(2, 3, 4, False)]


def test_rows_between_clear_and_raise_open_nothing() -> None:
    assert folded(at_once(0, 3.9, 3.9, 3.9, 0), threshold()) == []


@pytest.mark.parametrize(("hold_s", "count"), [(2.0, 2), (3.0, 1)])
def test_a_score_may_return_within_hold_s(hold_s: float, count: int) -> None:
    rows = at_once(5, 0, 0, 5, 0, 0, 0, 0)
    assert len(folded(rows, threshold(hold_s=hold_s))) == count


def test_an_episode_starts_where_what_is_scored_began() -> None:
    rows = [(float(t), float(t) - 3, 3.0) for t in range(3, 10)] + [(10.0, 0.0, 10.0)]
    assert folded(rows, threshold(hold_s=0)) == [(3.0, 9.0, 6.0, False)]


def test_what_begins_anew_is_another_episode_though_its_row_is_near() -> None:
    """Two freezes of 5 s, judged only when each is over: rows 5 s and 12 s, 1 s between them."""
    rows = [(5.0, 5.0, 0.0), (12.0, 5.0, 7.0)]
    assert len(folded(rows, threshold(hold_s=1))) == 2
    assert len(folded(rows, threshold(hold_s=2))) == 1


def test_until_end_only_where_the_last_row_belongs_to_it() -> None:
    assert folded(at_once(0, 5, 5), threshold())[0][3]
    assert not folded(at_once(0, 5, 5, 0), threshold())[0][3]
    assert not folded(at_once(0, 5, 5, BLIND), threshold())[0][3]


def test_blind_rows_neither_open_nor_keep() -> None:
    assert folded(at_once(BLIND, BLIND), threshold()) == []
    assert folded(at_once(5, BLIND, BLIND, BLIND, 5), threshold()) == [
        (0, 0, 5, False),
        (4, 4, 5, True),
    ]


def test_the_episode_carries_who_and_by_what_bar() -> None:
    (episode,) = fold(scores(at_once(0, 5, 0)), threshold())
    assert (episode.detector, episode.stream, episode.unit) == ("frozen_frame", "shaft", "s")
    assert episode.threshold == 4.0


def test_the_evidence_that_overlaps_most_is_kept() -> None:
    evidence = tuple(Evidence(a, b, k) for a, b, k in [(0, 2, "x"), (2, 9, "y"), (2, 9, "z")])
    rows = at_once(0, 5, 5, 5, 5, 0)
    (episode,) = fold(scores(rows, evidence), threshold(hold_s=1))
    assert episode.evidence is evidence[1]
    (alone,) = fold(scores(rows, (Evidence(8, 9, "far"),)), threshold(hold_s=1))
    assert alone.evidence is None


def test_blind_seconds_by_reason() -> None:
    time = [0.0, 1.0, 3.0, 3.5, 9.0]
    why = [0, -1, 0, 1, 0]
    made = Scores(
        "frozen_frame",
        "shaft",
        "s",
        np.array(time),
        np.where(np.array(why) >= 0, BLIND, 0.0),
        np.array(time),
        np.array(why, dtype=np.int8),
        ("dark", "no noise", "never"),
    )
    assert blind_stretches(made) == {
        "dark": naive.blind_seconds(time, why, 0),
        "no noise": naive.blind_seconds(time, why, 1),
    }
