"""The judge finds what the audit finds, however the readings arrive and whatever ends between."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from detector.apps.report.texts import wall
from detector.apps.serve.troubles import Troubles
from detector.bench.falsify import HoldValue, Silence, write_readings
from detector.cli import main
from detector.core.observation import LAYOUT, TILES, Readings, Views
from detector.detectors.spike import Spike
from detector.edge.ledger_check import verify
from tests.apps.serve.conftest import MINE, SITE, Bencher, told
from tests.detectors.sensors import PERIOD_S, tampered

DAY_S = 86400.0


def falsified() -> dict[str, Readings]:
    held = HoldValue(stream="methane", start_s=2.5 * DAY_S, seconds=6 * 3600.0)
    gone = Silence(stream="wind", start_s=3.0 * DAY_S, seconds=2 * 3600.0)
    return tampered(held, gone)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, float, float]]:
    folder = tmp_path_factory.mktemp("audit")
    write_readings(falsified(), folder / "readings.csv")
    (folder / "site.toml").write_text(SITE, "utf-8")
    paths = [str(folder / "readings.csv"), "--config", str(folder / "site.toml")]
    assert main(["audit", *paths, "--out", str(folder / "out"), "--quiet", "--no-cache"]) == 1
    report = json.loads((folder / "out" / "report.json").read_text())
    found = []
    for e in report["episodes"]:
        start, end = wall(e["start"]), wall(e["end"])
        assert start is not None and end is not None
        found.append((e["detector"], e["stream"], start.timestamp(), end.timestamp()))
    return sorted((d, s, round(a, 2), round(b, 2)) for d, s, a, b in found)


def test_the_whole_at_once_is_the_audit(
    bench: Bencher, audited: list[tuple[str, str, float, float]]
) -> None:
    one = bench()
    one.store(falsified())
    one.settle()
    assert told(one.episodes()) == audited
    assert {"flat_signal", "silence"} <= {e[0] for e in audited}


def test_cut_into_pieces_and_begun_again_it_is_the_audit(
    bench: Bencher, audited: list[tuple[str, str, float, float]]
) -> None:
    one, table = bench(), falsified()
    rows = max(len(readings) for readings in table.values())
    first = int(2.55 * DAY_S / PERIOD_S)  # within what is held
    one.store(table, slice(0, first))
    one.settle()
    known = {row.id for row in one.episodes() if row.detector == "flat_signal"}
    step = (rows - first) // 6 + 1
    for number, start in enumerate(range(first, rows, step)):
        if number in (1, 2, 4):
            one.again()
        one.store(table, slice(start, start + step))
        one.settle()
    assert told(one.episodes()) == audited
    flat = [row for row in one.episodes() if row.detector == "flat_signal"]
    assert len(flat) == 1 and known <= {flat[0].id}
    assert verify(one.ledger.path).broken is None


def test_a_judge_that_begins_again_tells_nothing_twice(bench: Bencher) -> None:
    one = bench()
    one.store(falsified())
    one.settle()
    before = [(e.seq, e.document["id"]) for e in one.entries("alert")]
    assert before
    for _ in range(2):
        one.again()
        one.settle()
    assert [(e.seq, e.document["id"]) for e in one.entries("alert")] == before


def test_episodes_stored_before_a_crash_become_alerts_after_it(
    bench: Bencher, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = bench()
    one.store(falsified())
    with monkeypatch.context() as patch:
        patch.setattr(one.book, "take", lambda mine, rows: [])
        one.settle()
    assert one.episodes() and not one.entries("alert")
    one.again()
    told_of = {e["id"] for entry in one.entries("alert") for e in entry.document["episodes"]}
    assert told_of == {row.id for row in one.episodes()}


LIMITS = SITE + '[[streams]]\nname = "T1"\nrange = [0.0, 1000.0]\n'


def _wandering(name: str, rows: range, bad: int = -1) -> Readings:
    """A reading a second, that of row ``bad`` outside what the device can report."""
    value = np.array([-5.0 if r == bad else 100 + 9 * np.sin(r / 40) + r * 7 % 11 for r in rows])
    return Readings(name, 1_790_000_000.0 + np.array(rows, dtype=np.float64), value)


def test_what_was_not_judged_yet_is_however_far_a_check_looks_back(bench: Bencher) -> None:
    one = bench(LIMITS + "[live.detectors.out_of_range]\nwindow_s = 60\n")
    one.store({"T1": _wandering("T1", range(50))})
    one.settle()
    one.store({"T1": _wandering("T1", range(50, 1000), bad=100)})
    one.settle()
    found = [row for row in one.episodes() if row.detector == "out_of_range"]
    assert [row.start for row in found] == [1_790_000_100.0]


@pytest.mark.parametrize("newest_first", [False, True])
def test_readings_sent_later_do_not_undo_what_was_found(bench: Bencher, newest_first: bool) -> None:
    """An hour at one value is found; then other readings of that hour arrive."""
    one, rows = bench(LIMITS), range(4000)
    before = _wandering("T1", rows)
    start = float(before.time[-1])
    after = start + 10.0 * np.arange(1, 721, dtype=np.float64)
    held = Readings("T1", after, np.full(720, 104.0))
    for block in (before, held):
        one.store({"T1": block})
        one.clock.now += float(np.ptp(block.time))
        one.settle()
    found = [row for row in one.episodes() if row.detector == "flat_signal"]
    assert found
    late = _wandering("T1", range(4000, 4720))
    times = held.time + 5.0
    one.store({"T1": replace(late, time=times[::-1] if newest_first else times)})
    one.clock.now += 10.0
    one.settle()
    assert {row.id for row in found} <= {row.id for row in one.episodes()}  # none is withdrawn


def test_what_is_judged_at_once_waits_for_nothing_else(bench: Bencher) -> None:
    one, names = bench(LIMITS), [f"S{n}" for n in range(8)] + ["T1"]
    one.store({name: _wandering(name, range(60)) for name in names})
    one.settle()
    one.clock.now += 1.0
    one.store({name: _wandering(name, range(60, 63)) for name in names[:-1]})
    one.clock.step = 0.004  # with every look at the clock: time for a part of the checks
    assert one.judge.cycle()  # the others wait from now on
    one.clock.now += 1.0
    one.store({"T1": _wandering("T1", range(60, 63), bad=62)})
    assert one.judge.cycle()
    (entry,) = one.entries("alert")
    assert {e["stream"] for e in entry.document["episodes"]} >= {"T1"}


def views(start: float, seconds: int) -> Views:
    """What a camera sees, a row a second, different in each."""
    rng = np.random.default_rng(1)
    n, tiles = seconds, (seconds, *TILES)
    return Views(
        stream="shaft-1",
        time=start + np.arange(n, dtype=np.float64),
        key=np.ones(n, dtype=bool),
        seconds=np.r_[0.0, np.ones(n - 1)].astype(np.float32),
        stir=rng.integers(20, 60, tiles).astype(np.uint8),
        detail=np.full(tiles, 80, dtype=np.uint8),
        crisp=np.full(tiles, 60, dtype=np.uint8),
        layout=rng.integers(60, 160, (n, *LAYOUT)).astype(np.uint8),
        size=np.tile(np.array([[1280, 720]], dtype=np.int32), (n, 1)),
    )


def test_a_camera_falls_silent_as_a_sensor_does(bench: Bencher) -> None:
    one, start = bench(), 1_790_000_000.0
    one.series.store([(MINE, views(start, 120))])
    one.settle()
    assert not one.episodes()
    one.clock.now += 60.0  # nothing comes
    one.settle()
    (row,) = one.episodes()
    assert (row.detector, row.stream, row.closed) == ("silence", "shaft-1", False)
    assert row.start == start + 119.0
    one.series.store([(MINE, views(start + 200.0, 30))])
    one.settle()
    ends = {row.detector: (row.closed, row.end) for row in one.episodes()}
    assert ends == dict.fromkeys(("silence", "recording_gap"), (True, start + 200.0))


def test_a_check_that_fails_is_told_and_the_others_go_on(
    bench: Bencher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Spike, "finish", broken)
    one = bench()
    one.store(falsified())
    one.settle()
    assert {"flat_signal", "silence"} <= {row.detector for row in one.episodes()}
    troubles = Troubles(one.book)
    troubles.look(one.judge.troubles(), one.clock())
    alert = one.entries("alert")[-1].document
    failed = [e for e in alert["episodes"] if e["detector"] == "failed_check"]
    assert len(failed) == 4 and "a fault of ours" in failed[0]["evidence"]["figures"]["reason"]
    assert "spike fails on" in one.judge.status()["problems"][0]  # type: ignore[index]
    monkeypatch.undo()
    one.again()
    one.store({n: r for n, r in falsified().items() if n == "wind"})
    one.settle()
    troubles = Troubles(one.book)
    troubles.look(one.judge.troubles(), one.clock() + 5.0)
    alert = one.entries("alert")[-1].document
    assert not [e for e in alert["episodes"] if e["detector"] == "failed_check" and e["until_end"]]
