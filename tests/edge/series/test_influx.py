"""What InfluxDB keeps: a real one, of Debian's package."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import urllib3

from detector.edge.series import Key, Stored, StoreUnavailable
from detector.edge.series.influx import InfluxSeries
from detector.edge.series.influxql import Influx
from detector.edge.series.lines import name_of, tag
from detector.edge.series.spool import Spool, SpooledWriter
from tests.edge.series.making import T0, episode, pictures, readings, scores
from tests.servers import V2Writes, eventually, influxdb

MM1 = Key("220600000001", "MM1")
MINE = MM1.mine


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[V2Writes]:
    server = influxdb(tmp_path_factory.mktemp("influxdb"))
    server.start()
    made = V2Writes(server)
    yield made
    made.close()
    server.stop()


@pytest.fixture
def series(proxy: V2Writes) -> Iterator[InfluxSeries]:
    proxy.down = False
    for told in ("DROP DATABASE mine", "CREATE DATABASE mine"):
        answer = urllib3.request("POST", f"{proxy.url}/query", fields={"q": told})
        assert answer.status == 200
    made = opened(proxy)
    yield made
    made.close()


def opened(proxy: V2Writes) -> InfluxSeries:
    return InfluxSeries(Influx(proxy.url, "mine", "mine", "token", timeout_s=5))


def seen(store: InfluxSeries, start: float = -1e9, end: float = 1e9) -> list[tuple[float, float]]:
    found = store.readings(MM1, T0 + start, T0 + end)
    return list(zip((found.time - T0).tolist(), found.value.tolist(), strict=True))


def times(found: list[Stored]) -> dict[str, set[float]]:
    told: dict[str, set[float]] = {}
    for _, block in found:
        told.setdefault(block.stream, set()).update((block.time - T0).tolist())
    return told


def same(one: Any, other: Any) -> None:
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        else:
            assert mine == theirs


def test_readings_come_back(series: InfluxSeries) -> None:
    block = readings("MM1", [0, 1.25, 2.000001], [0.1, np.nan, 1e-7])
    series.store([(MINE, block), (MINE, readings("MM2", [np.nan, 5], [np.inf, np.inf]))])
    same(series.readings(MM1, T0, np.inf), block)
    same(series.readings(MM1, T0 + 1, T0 + 2), block.rows(slice(1, 2)))
    assert np.isnan(series.readings(Key(MINE, "MM2"), -np.inf, np.inf).value).tolist() == [True]
    assert len(series.readings(Key("other", "MM1"), 0, np.inf)) == 0
    assert len(series.frames(MM1, 0, np.inf)) == len(series.views(MM1, 0, np.inf)) == 0


@pytest.mark.parametrize("name", ["a b,c=d", "q\"uo'te", "back\\", "甲烷 %", "new\nline", "", "%"])
def test_any_name_is_kept(series: InfluxSeries, name: str) -> None:
    assert name_of(tag(name)) == name or name == "%"
    if name == "%":
        return
    block = readings(name, [0], [1])
    series.store([("7 ,=", block)])
    same(series.readings(Key("7 ,=", name), T0, T0 + 1), block)
    assert [(s.mine, s.stream) for s in series.streams()] == [("7 ,=", name)]
    series.store_scores("7", [replace(scores([0], [1]), stream=name)])
    assert series.scores("7", "flat_signal", name, T0, T0 + 1).stream == name


def test_the_same_twice_is_stored_once(series: InfluxSeries) -> None:
    block = (MINE, readings("MM1", [0, 1, 2], [0.1, 0.2, 0.3]))
    series.store([block, block])
    series.store([block])
    assert seen(series) == [(0, 0.1), (1, 0.2), (2, 0.3)]


def test_features_come_back(series: InfluxSeries) -> None:
    frames, views = pictures("shaft", 5)
    series.store([(MINE, frames), (MINE, views)])
    key = Key(MINE, "shaft")
    same(series.frames(key, 0, np.inf), frames)
    same(series.views(key, T0 + 1, T0 + 3), views.rows(slice(1, 3)))
    (state,) = series.streams()
    assert (state.kind, state.first, state.last) == ("video", T0, T0 + 4)


def test_a_reader_gets_what_arrives(series: InfluxSeries, proxy: V2Writes) -> None:
    assert series.arrived(0, 10) == (0, [])
    many = [(MINE, readings(f"S{number}", [number], [number])) for number in range(450)]
    series.store([(MINE, readings("MM1", range(30), range(30))), *many])
    cursor = 0
    first: list[Stored] = []
    while True:
        after, found = series.arrived(cursor, 10)
        if after == cursor:
            break
        cursor = after
        first += found
    assert sorted(len(block) for _, block in first) == [1] * 450 + [30]
    series.store([(MINE, readings("MM1", [5, 40], [5, 4]))])
    series.store([(MINE, readings("S7", [8], [7])), (MINE, readings("MM1", [300, 900], [5, 4]))])
    other = opened(proxy)
    assert other.arrived(cursor, 10)[0] > cursor
    assert other.arrived(cursor, 10_000)[0] == series.newest()
    first_times = times(other.arrived(cursor, 10)[1])
    assert list(first_times) == ["MM1"]
    assert {5, 40} <= first_times["MM1"]
    all_times = times(other.arrived(cursor, 5000)[1])
    assert all_times["S7"] == {8}
    assert {5, 40, 300, 900} <= all_times["MM1"]
    other.close()


def test_a_late_sample_does_not_bring_all_since_again(series: InfluxSeries) -> None:
    series.store([(MINE, readings("MM1", range(0, 100_000, 100), range(1000)))])
    cursor = series.newest()
    series.store([(MINE, readings("MM1", [150, 99_950], [1, 1]))])
    assert times(series.arrived(cursor, 10)[1]) == {"MM1": {150, 99_950}}
    assert len(times(series.arrived(0, 10**6)[1])["MM1"]) == 1002


def test_the_journal_runs_forward_when_the_clock_does_not(proxy: V2Writes) -> None:
    urllib3.request("POST", f"{proxy.url}/query", fields={"q": "CREATE DATABASE other"})
    ticks = iter([10**18, 5, 5])
    influx = Influx(proxy.url, "mine", "other", "token")
    series = InfluxSeries(influx, clock=lambda: next(ticks))
    for time in range(2):
        series.store([(MINE, readings("MM1", [time], [time]))])
    again = InfluxSeries(Influx(proxy.url, "mine", "other", "token"), clock=lambda: next(ticks))
    again.store([(MINE, readings("MM1", [2], [2]))])
    assert again.newest() == 10**18 + 2
    series.close()
    again.close()


def test_streams_are_told(series: InfluxSeries) -> None:
    now = float(np.floor(series._clock() / 1e9))
    at = now - T0
    series.store([(MINE, readings("MM1", [at - 2, at - 1], [1, 2]))])
    series.store([(MINE, readings("BA", [at - 9e4, at - 1], [5, np.nan]))])
    one, two = series.streams()
    assert (one.stream, one.first, one.last, one.count) == ("BA", now - 9e4, now - 1, 1)
    assert np.isnan(one.value)
    assert (two.stream, two.value, two.count, two.kind) == ("MM1", 2, 2, "readings")


def test_scores_replace_those_of_the_same_times(series: InfluxSeries) -> None:
    series.store_scores(MINE, [scores([0, 1, 2], [1, np.nan, 3], ("too dark",))])
    series.store_scores(MINE, [scores([1, 2, 3], [9, np.nan, np.nan], ('say "why"',))])
    found = series.scores(MINE, "flat_signal", "MM1", T0, T0 + 10)
    np.testing.assert_array_equal(found.value, [1, 9, np.nan, np.nan])
    np.testing.assert_array_equal(found.since, found.time - 1)
    assert (found.unit, found.reasons, found.why.tolist()) == ("s", ('say "why"',), [-1, -1, 0, 0])
    assert len(series.scores(MINE, "spike", "MM1", T0, T0 + 60).time) == 0


def test_episodes_are_replaced_by_id(series: InfluxSeries, proxy: V2Writes) -> None:
    series.store_episodes(MINE, [episode("a", 0, 5, closed=False), episode("b", 7, 9)])
    other = opened(proxy)
    other.store_episodes(MINE, [episode("a", -3, 6)])
    other.close()
    series.store_episodes("other", [replace(episode("a", 100, 120), peak=float("nan"))])
    assert series.episodes(MINE, 0, np.inf) == [
        (MINE, episode("a", -3, 6)),
        (MINE, episode("b", 7, 9)),
    ]
    (_, (mine, odd)) = series.episodes(None, T0 + 8, T0 + 200)
    assert (mine, np.isnan(odd.peak)) == ("other", True)
    assert [e.id for _, e in series.episodes(MINE, T0 + 6, T0 + 7)] == ["a"]


def test_what_is_old_is_let_go(series: InfluxSeries) -> None:
    series.store([(MINE, readings("MM1", [0, 50], [0, 1])), (MINE, pictures("shaft", 2)[1])])
    series.store_scores(MINE, [scores([0], [1])])
    series.store_episodes(MINE, [episode("a", 0, 5), episode("b", 0, 5, closed=False)])
    for kind in ("readings", "scores", "episodes"):
        series.drop_before(kind, T0 + 40)
    assert series.newest()
    series._clock = lambda: 2 * 10**18
    series.drop_before("frames", T0)
    assert not series.newest()
    assert seen(series) == [(50, 1)]
    assert len(series.views(Key(MINE, "shaft"), 0, np.inf)) == 2
    assert len(series.scores(MINE, "flat_signal", "MM1", 0, np.inf).time) == 0
    assert [e.id for _, e in series.episodes(MINE, 0, np.inf)] == ["b"]


def test_many_points_are_written_in_several_requests(series: InfluxSeries, proxy: V2Writes) -> None:
    before = proxy.writes
    series.store([(MINE, readings("MM1", range(25_000), range(25_000)))])
    assert proxy.writes - before == 4
    assert len(series.readings(MM1, 0, np.inf)) == 25_000


def test_what_is_refused_for_good_is_told_apart(series: InfluxSeries, proxy: V2Writes) -> None:
    influx = Influx(proxy.url, "mine", "mine", "token")
    with pytest.raises(ValueError, match="refuses"):
        influx.write(["no line"])
    nowhere = Influx(proxy.url, "mine", "absent", "token")
    with pytest.raises(StoreUnavailable, match="absent"):
        nowhere.write(["readings value=1 1"])
    with pytest.raises(StoreUnavailable, match="error"):
        influx.query(["SELECT"])
    influx.close()
    nowhere.close()


def test_a_server_that_is_not_there_is_unavailable(series: InfluxSeries, proxy: V2Writes) -> None:
    proxy.down = True
    for used in (
        lambda: series.store([(MINE, readings("MM1", [0], [0]))]),
        series.streams,
        lambda: series.drop_before("readings", T0),
        lambda: opened(proxy),
        lambda: InfluxSeries(Influx("http://127.0.0.1:1", "mine", "mine", "token")),
    ):
        with pytest.raises(StoreUnavailable):
            used()


def test_nothing_is_lost_when_it_is_killed(
    series: InfluxSeries, proxy: V2Writes, tmp_path: Path
) -> None:
    now = [0.0]
    writer = SpooledWriter(lambda: opened(proxy), Spool(tmp_path / "spool"), lambda: now[0])
    for time in range(30):
        if time == 10:
            proxy.server.stop(signal.SIGKILL)
        if time == 20:
            assert "502" in writer.trouble
            proxy.server.start()
            now[0] = 60.0
        writer.store([(MINE, readings("MM1", [time], [time]))])
    eventually(writer.drain)
    assert seen(series) == [(time, time) for time in range(30)]
    writer.close()
