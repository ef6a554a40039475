"""Bad messages are counted and kept, but never too many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from detector.edge import quarantine
from detector.edge.quarantine import Quarantine

T0 = 1_767_323_045.0


def test_a_bad_message_is_kept(tmp_path: Path) -> None:
    bad = Quarantine(tmp_path / "q")
    bad.add("mines/7/readings", b"\xff\n{", "json", "it is none", T0)
    for one in (bad, Quarantine(tmp_path / "q")):
        ((told, payload),) = one.kept()
        assert payload == b"\xff\n{"
        assert told["topic"] == "mines/7/readings"
        assert told["reason"] == "json"
        assert told["bytes"] == 3
    assert bad.refused == {"json": 1}


def test_the_oldest_go_first(tmp_path: Path) -> None:
    bad = Quarantine(tmp_path, most=3)
    for number in range(5):
        bad.add(f"t/{number}", b"x", "json", "", T0)
    again = Quarantine(tmp_path, most=3)
    again.add("t/5", b"x", "json", "", T0)
    assert [told["topic"] for told, _ in again.kept()] == ["t/3", "t/4", "t/5"]
    small = Quarantine(tmp_path, most_bytes=250)
    small.add("t/6", b"x" * 100, "json", "", T0)
    assert [told["topic"] for told, _ in small.kept()] == ["t/6"]
    assert len(os.listdir(tmp_path)) == 1


def test_one_topic_does_not_push_out_the_others(tmp_path: Path) -> None:
    bad = Quarantine(tmp_path)
    for number in range(100):
        bad.add("loud", b"x", "json", "", T0 + number)
    bad.add("loud", b"x", "time", "", T0 + 100)
    assert len(bad.kept()) == quarantine.KEPT + 1
    bad.add("loud", b"x", "json", "", T0 + 3600)
    assert len(bad.kept()) == quarantine.KEPT + 2
    assert bad.refused == {"json": 101, "time": 1}


def test_what_persists_is_told(tmp_path: Path) -> None:
    bad = Quarantine(tmp_path)
    for number in range(7):
        bad.add("loud", b"x", "json", f"{number}", T0 + number)
    bad.add("once", b"x", "json", "", T0)
    (trouble,) = bad.persisting(T0 + 20)
    assert (trouble.topic, trouble.count, trouble.first, trouble.detail) == ("loud", 7, T0, "6")
    assert bad.persisting(T0 + 1000) == []
    bad.add("loud", b"x", "json", "", T0 + 5000)
    assert bad.persisting(T0 + 5000) == []


def test_only_so_many_topics_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_TROUBLES", 3)
    bad = Quarantine(tmp_path)
    for number in range(10):
        bad.add(f"t/{number}", b"x", "json", "", T0)
    assert [t.topic for t in bad.persisting(T0, count=1)] == ["t/7", "t/8", "t/9"]


def test_a_folder_that_cannot_be_written_is_counted(tmp_path: Path) -> None:
    bad = Quarantine(tmp_path / "q")
    (tmp_path / "q").rmdir()
    bad.add("t", b"x", "json", "", T0)
    assert (bad.unkept, bad.kept()) == (1, [])
