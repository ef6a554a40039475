"""What the embedded store keeps, whatever is thrown at it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.edge.series import Key, Series, StoreUnavailable, blocks
from detector.edge.series.sqlite import SqliteSeries
from tests.edge.series.making import T0, episode, pictures, readings, scores

MM1 = Key("220600000001", "MM1")
MINE = MM1.mine


@pytest.fixture
def series(tmp_path: Path) -> Iterator[SqliteSeries]:
    store = SqliteSeries(tmp_path / "var" / "series.db")
    yield store
    store.close()


def seen(store: Series, start: float = -1e9, end: float = 1e9) -> list[tuple[float, float]]:
    found = store.readings(MM1, T0 + start, T0 + end)
    return list(zip((found.time - T0).tolist(), found.value.tolist(), strict=True))


def same(one: Any, other: Any) -> None:
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        else:
            assert mine == theirs


def test_readings_come_back(series: SqliteSeries) -> None:
    series.store([(MINE, readings("MM1", [0, 1, 2], [0.1, np.nan, 0.3]))])
    found = series.readings(MM1, T0, T0 + 2)
    assert found.stream == "MM1"
    np.testing.assert_array_equal(found.time, T0 + np.array([0, 1]))
    np.testing.assert_array_equal(found.value, [0.1, np.nan])
    assert len(series.readings(Key("other", "MM1"), 0, np.inf)) == 0
    assert len(series.frames(MM1, 0, np.inf)) == len(series.views(MM1, 0, np.inf)) == 0


def test_the_same_twice_is_stored_once(series: SqliteSeries) -> None:
    block = (MINE, readings("MM1", [0, 1, 2], [0.1, 0.2, 0.3]))
    series.store([block, block])
    series.store([block])
    series.store([(MINE, readings("MM1", [1, 2, 3, 3], [0.2, 0.3, 0.4, 0.4]))])
    assert seen(series) == [(0, 0.1), (1, 0.2), (2, 0.3), (3, 0.4)]
    assert series.streams()[0].count == 4


def test_another_value_for_a_time_is_kept_beside_it(series: SqliteSeries) -> None:
    series.store([(MINE, readings("MM1", [0, 1], [0.1, 0.2]))])
    series.store([(MINE, readings("MM1", [0, 1], [0.1, 0.9]))])
    assert seen(series) == [(0, 0.1), (1, 0.2), (1, 0.9)]


def test_late_readings_are_in_order_of_arrival(series: SqliteSeries) -> None:
    for time in (5, 1, 3):
        series.store([(MINE, readings("MM1", [time], [time]))])
    assert [t for t, _ in seen(series)] == [5, 1, 3]
    assert [t for t, _ in seen(series, 1, 5)] == [1, 3]


def test_times_that_are_none_are_not_stored(series: SqliteSeries) -> None:
    odd = readings("MM1", [np.nan, 1, np.inf], [1, 2, 3])
    series.store([(MINE, odd), (MINE, readings("MM2", [np.inf], [1]))])
    assert seen(series) == [(1, 2)]
    assert len(series.readings(Key(MINE, "MM2"), -np.inf, np.inf)) == 0


def test_features_come_back(series: SqliteSeries) -> None:
    frames, views = pictures("shaft", 5)
    series.store([(MINE, frames.rows(slice(0, 2))), (MINE, views.rows(slice(0, 3)))])
    series.store([(MINE, frames.rows(slice(1, 5))), (MINE, views.rows(slice(2, 5)))])
    key = Key(MINE, "shaft")
    same(series.frames(key, 0, np.inf), frames)
    same(series.views(key, 0, np.inf), views)
    same(series.views(key, T0 + 1, T0 + 3), views.rows(slice(1, 3)))
    (state,) = series.streams()
    assert (state.kind, state.first, state.last, state.count) == ("video", T0, T0 + 4, 5)


def test_a_reader_gets_what_arrives(series: SqliteSeries) -> None:
    assert series.arrived(0, 10) == (0, [])
    series.store([(MINE, readings("MM1", range(30), range(30)))])
    series.store([(MINE, pictures("shaft", 3)[1])])
    cursor, first = series.arrived(0, 10)
    assert [(mine, len(block)) for mine, block in first] == [(MINE, 30)]
    cursor, second = series.arrived(cursor, 10)
    assert [type(block).__name__ for _, block in second] == ["Views"]
    assert series.arrived(cursor, 10) == (cursor, [])
    assert series.newest() == cursor


def test_numbers_of_arrival_are_not_used_again(series: SqliteSeries) -> None:
    series.store([(MINE, readings("MM1", [0], [0]))])
    cursor = series.newest()
    series.drop_before("readings", T0 + 10)
    series.store([(MINE, readings("MM1", [20], [0]))])
    assert series.arrived(cursor, 10)[0] > cursor


def test_small_blocks_are_joined(series: SqliteSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(blocks.JOINED, "readings", 4)
    slow, slow_seen = 0, 0
    for time in range(40):
        series.store([(MINE, readings("MM1", [time], [time])), (MINE, readings("X", [time], [1]))])
        if time % 7 == 0:
            slow, found = series.arrived(slow, 1000)
            slow_seen += sum(len(block) for _, block in found if block.stream == "MM1")
    assert [t for t, _ in seen(series)] == list(range(40))
    assert len(series.arrived(0, 1000)[1]) < 40
    assert slow_seen >= 36
    series.store([(MINE, readings("MM1", range(40), range(40)))])
    assert len(seen(series)) == 40


def test_what_failed_is_not_stored_in_part(series: SqliteSeries) -> None:
    series.store([(MINE, readings("MM1", [0], [0]))])
    bad = readings("MM2", [1, 2], [1, 2])
    object.__setattr__(bad, "value", np.array(["x", "y"]))
    with pytest.raises(ValueError, match="could not convert"):
        series.store([(MINE, readings("MM1", [1], [1])), (MINE, bad)])
    assert seen(series) == [(0, 0)]
    series.store([(MINE, readings("MM1", [1], [1]))])
    assert seen(series) == [(0, 0), (1, 1)]
    assert len(series.streams()) == 1


def test_two_writers_do_not_store_twice(series: SqliteSeries, tmp_path: Path) -> None:
    other = SqliteSeries(tmp_path / "var" / "series.db")
    for time in range(4):
        (series, other)[time % 2].store([(MINE, readings("MM1", [time], [time]))])
        other.store([(MINE, readings("MM1", [time], [time]))])
    assert [t for t, _ in seen(series)] == [0, 1, 2, 3]
    other.close()


def test_a_store_that_is_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "WAIT_S", 0.05)
    series = SqliteSeries(tmp_path / "series.db")
    other = sqlite3.connect(tmp_path / "series.db")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        series.store([(MINE, readings("MM1", [0], [0]))])
    other.close()
    series.store([(MINE, readings("MM1", [0], [0]))])
    assert seen(series) == [(0, 0)]
    series.close()


def test_a_path_that_cannot_be_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        SqliteSeries(tmp_path / "file" / "series.db")


def test_scores_replace_those_of_the_same_times(series: SqliteSeries) -> None:
    series.store_scores(MINE, [scores([0, 1, 2], [1, np.nan, 3], ("too dark",))])
    series.store_scores(MINE, [scores([2, 3], [30, np.nan], ("too short", "other"))])
    series.store_scores(MINE, [scores([1], [9])])
    found = series.scores(MINE, "flat_signal", "MM1", T0, T0 + 10)
    np.testing.assert_array_equal(found.value, [1, 9, 30, np.nan])
    assert (found.detector, found.stream, found.unit) == ("flat_signal", "MM1", "s")
    assert found.reasons[found.why[3]] == "too short"
    assert len(series.scores(MINE, "flat_signal", "MM1", T0 + 50, T0 + 60).time) == 0
    assert len(series.scores(MINE, "spike", "MM1", T0, T0 + 60).time) == 0


def test_episodes_are_replaced_by_id(series: SqliteSeries) -> None:
    series.store_episodes(MINE, [episode("a", 0, 5, closed=False), episode("b", 7, 9)])
    series.store_episodes(MINE, [episode("a", 0, 6)])
    series.store_episodes("other", [episode("a", 100, 120)])
    assert series.episodes(MINE, 0, np.inf) == [
        (MINE, episode("a", 0, 6)),
        (MINE, episode("b", 7, 9)),
    ]
    assert [mine for mine, _ in series.episodes(None, T0 + 8, T0 + 200)] == [MINE, "other"]
    assert [e.id for _, e in series.episodes(MINE, T0 + 6, T0 + 7)] == ["a"]


def test_what_is_old_is_let_go(series: SqliteSeries) -> None:
    series.store([(MINE, readings("MM1", [0], [0])), (MINE, pictures("shaft", 2)[1])])
    series.store([(MINE, readings("MM1", [50], [1]))])
    series.store_scores(MINE, [scores([0], [1])])
    series.store_episodes(MINE, [episode("a", 0, 5), episode("b", 0, 5, closed=False)])
    for kind in ("readings", "scores", "episodes"):
        series.drop_before(kind, T0 + 40)
    assert seen(series) == [(50, 1)]
    assert len(series.views(Key(MINE, "shaft"), 0, np.inf)) == 2
    assert len(series.scores(MINE, "flat_signal", "MM1", 0, np.inf).time) == 0
    assert [e.id for _, e in series.episodes(MINE, 0, np.inf)] == ["b"]


def test_what_was_stored_survives_kill(tmp_path: Path) -> None:
    path = tmp_path / "series.db"
    code = f"""
from pathlib import Path
import os, signal
from detector.edge.series.sqlite import SqliteSeries
from tests.edge.series.making import readings
store = SqliteSeries(Path({str(path)!r}))
for time in range(1000):
    store.store([("220600000001", readings("MM1", [time], [time]))])
    if time == 20:
        os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    store = SqliteSeries(path)
    assert [t for t, _ in seen(store)] == list(range(21))
    store.close()


batches = st.lists(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2)), min_size=1, max_size=6), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(batches)
def test_readings_are_a_set_in_order_of_arrival(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[int, int]]]
) -> None:
    store = SqliteSeries(tmp_path_factory.mktemp("any") / "series.db")
    for batch in batches:
        store.store([(MINE, readings("MM1", [t for t, _ in batch], [v for _, v in batch]))])
    expected = list(dict.fromkeys(sample for batch in batches for sample in batch))
    assert seen(store) == expected
    _, found = store.arrived(0, 10**6)
    assert [t for _, b in found for t in (b.time - T0).tolist()] == [t for t, _ in expected]
    store.close()
