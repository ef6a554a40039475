"""Messages to the store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from detector.apps.serve.desks import Desks
from detector.apps.serve.intake import Arrived, Intake
from detector.apps.serve.shard import Shard, parsed
from detector.core.errors import UsageError
from detector.edge.mqtt_client import Message
from detector.edge.payloads import Fault, Limits
from detector.edge.series import Key, StoreUnavailable
from detector.edge.shown import Shown
from detector.edge.topics import Topics
from tests.apps.serve.conftest import MINE, Bench, Bencher
from tests.edge.payloads.making import sparkplug

NOW = 1_790_000_000.0


def intake(one: Bench, bad: list[tuple[str, str]] | None = None) -> Intake:
    def note(arrived: Arrived, fault: Fault) -> None:
        if bad is not None:
            bad.append((arrived.message.topic, fault.reason))

    return Intake(one.series, one.desks, Topics(), Limits(), note)


def arrived(topic: str, payload: Any, at: float = NOW) -> Arrived:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Arrived(Message(f"mines/{MINE}/{topic}", body, {}, 1, 1, 1), at)


def jpeg(seed: int) -> bytes:
    picture = np.random.default_rng(seed).integers(0, 255, (72, 128), dtype=np.uint8)
    coded = cv2.imencode(".jpg", picture)[1]
    return bytes(coded.tobytes())


def test_readings_and_pictures_are_stored_bad_ones_told(bench: Bencher) -> None:
    one, bad = bench(), list[tuple[str, str]]()
    taking = intake(one, bad)
    batch = [
        arrived("sensors/T1", {"t": NOW - 2, "value": 0.5}),
        arrived("readings", {"t": [NOW - 1, NOW], "values": {"T1": [0.6, 0.7], "T2": [1, None]}}),
        arrived("sensors/T1", b"{"),
        arrived("nowhere", 1),
        *(arrived("cameras/shaft/frame", jpeg(n), NOW + n) for n in range(5)),
        arrived("cameras/shaft/frame", b"no picture"),
    ]
    taking.take(batch)
    key = Key(MINE, "T1")
    assert one.series.readings(key, 0, 9e9).value.tolist() == [0.5, 0.6, 0.7]
    assert one.series.readings(Key(MINE, "T2"), 0, 9e9).value.tolist() == [1.0]
    assert len(one.series.views(Key(MINE, "shaft"), 0, 9e9)) >= 4
    assert sorted(reason for _, reason in bad) == ["json", "picture", "topic"]
    counts = taking.counts
    assert (counts.messages, counts.readings, counts.bad) == (len(batch), 4, 3)
    taking.take(batch)
    assert one.series.readings(key, 0, 9e9).value.tolist() == [0.5, 0.6, 0.7]


def test_pictures_are_kept_to_be_looked_at(bench: Bencher) -> None:
    one = bench()
    taking = intake(one)
    taking.shown = Shown(one.folder / "pictures.db")
    batch = [arrived("cameras/shaft/frame", jpeg(n), NOW + n) for n in range(25)]
    taking.take([*batch, arrived("cameras/shaft/frame", b"no picture", NOW + 30)])
    found = [taking.shown.find(MINE, "shaft", NOW, NOW + 40, NOW + n) for n in (0, 10, 20, 30)]
    assert found == [jpeg(0), jpeg(10), jpeg(20), jpeg(20)]
    taking.shown.close()


def test_nothing_is_counted_where_the_store_is_down(
    bench: Bencher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(batch: Sequence[object]) -> None:
        raise StoreUnavailable("down")

    one = bench()
    taking = intake(one)
    with monkeypatch.context() as patch:
        patch.setattr(one.series, "store", down)
        with pytest.raises(StoreUnavailable):
            taking.take([arrived("sensors/T1", 1)])
    assert taking.counts.messages == 0
    taking.take([arrived("sensors/T1", 1)])
    assert taking.counts.messages == 1


def test_a_batch_that_could_not_be_stored_is_not_read_again(
    bench: Bencher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(batch: Sequence[object]) -> None:
        raise StoreUnavailable("down")

    one, bad = bench(), list[tuple[str, str]]()
    taking = intake(one, bad)
    topic = f"spBv1.0/{MINE}/NDATA/node"
    messages = [
        Arrived(Message(topic, sparkplug(seq=number), {}, 1, 1, 1), NOW) for number in (5, 6, 7)
    ]
    batch = [*messages, *(arrived("cameras/shaft/frame", jpeg(n), NOW + n) for n in range(3))]
    with monkeypatch.context() as patch:
        patch.setattr(one.series, "store", down)
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                taking.take(batch)
    taking.take(batch)
    views = one.series.views(Key(MINE, "shaft"), 0, 9e9)
    once = bench()
    intake(once).take(batch)
    expected = once.series.views(Key(MINE, "shaft"), 0, 9e9)
    assert len(expected) and np.array_equal(views.stir, expected.stir)
    assert np.array_equal(views.time, expected.time) and not bad


def test_unknown_streams_are_learned_or_refused(bench: Bencher) -> None:
    site = f'[mine]\ncode = "{MINE}"\n[[streams]]\nname = "T1"\n[live]\nunknown = "refuse"\n'
    one = bench(site)
    taking = intake(one)
    taking.take([arrived("sensors/T1", 1), arrived("sensors/T9", 1)])
    assert [s.stream for s in one.series.streams()] == ["T1"] and taking.counts.refused == 1


def test_a_shard_takes_only_its_mines(bench: Bencher, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bench()
    mines = [f"{n:012d}" for n in range(200)]
    held = [[m for m in mines if Shard(n, 4).holds(m)] for n in (1, 2, 3, 4)]
    assert sorted(m for part in held for m in part) == mines
    assert min(len(part) for part in held) > 25
    number = 1 + next(n for n in range(4) if Shard(n + 1, 4).holds(MINE))
    monkeypatch.setenv("TRUESHAFT_SHARD", f"{number}/4")
    own = Desks(one.folder / "site.toml")
    assert own.takes(MINE, "T1") and own.folder.name == f"var-{number}-of-4"
    monkeypatch.setenv("TRUESHAFT_SHARD", f"{number % 4 + 1}/4")
    assert not Desks(one.folder / "site.toml").takes(MINE, "T1")


@pytest.mark.parametrize("text", ["", "0/4", "5/4", "1", "a/b", "1/4/4"])
def test_no_shard(text: str) -> None:
    with pytest.raises(UsageError):
        parsed(text)
