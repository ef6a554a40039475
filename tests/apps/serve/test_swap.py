"""Thresholds are taken up while the service runs; files that cannot be used are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.apps.serve.desks import Desks
from detector.bench.falsify import HoldValue
from detector.core.errors import ConfigError
from tests.apps.serve.conftest import MINE, SITE, Bencher
from tests.detectors.sensors import tampered

DAY_S = 86400.0
OWN = '[thresholds]\npath = "thresholds.toml"\n'


def desks(folder: Path, own: str) -> Desks:
    (folder / "thresholds.toml").write_text(own, "utf-8")
    (folder / "site.toml").write_text(SITE + OWN, "utf-8")
    return Desks(folder / "site.toml")


def test_what_is_written_is_in_force_at_once(tmp_path: Path) -> None:
    one = desks(tmp_path, "")
    before = one[MINE].configuration.thresholds["spike"]
    assert one.renewed() == []
    (tmp_path / "thresholds.toml").write_text("[spike]\nraise_at = 9.0\n", "utf-8")
    changes = [{"detector": "spike", "key": "raise_at", "old": before.raise_at, "new": 9.0}]
    assert one.renewed() == [{"site": "site.toml", "changes": changes}]
    for mine in (MINE, "999999999999"):
        assert one[mine].configuration.thresholds["spike"].raise_at == 9.0
    assert one.main.thresholds["spike"].raise_at == 9.0
    assert one.renewed() == [] and one[MINE].site.mine is not None


def test_an_invalid_file_leaves_the_old_one_in_force_and_says_which_line(tmp_path: Path) -> None:
    one = desks(tmp_path, "[spike]\nraise_at = 9.0\n")
    for wrong in ("[spike]\n\nraise_at = -1\n", '[spike]\n\nraise_at = "high"\n', "\n\nnonsense"):
        (tmp_path / "thresholds.toml").write_text(wrong, "utf-8")
        assert one.renewed() == []
        assert one.main.thresholds["spike"].raise_at == 9.0
        (problem,) = one.problems()
        assert "thresholds.toml:3" in problem and "former" in problem
    (tmp_path / "thresholds.toml").unlink()
    assert one.renewed() == [] and "thresholds.toml" in one.problems()[0]
    (tmp_path / "thresholds.toml").write_text("[spike]\nraise_at = 8.0\n", "utf-8")
    assert one.renewed() and one.problems() == []
    (tmp_path / "thresholds.toml").write_text("[nothing]\n", "utf-8")
    with pytest.raises(ConfigError):
        Desks(tmp_path / "site.toml")


def test_a_file_that_is_named_later_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE, "utf-8")
    one = Desks(tmp_path / "site.toml")
    (tmp_path / "own.toml").write_text("[spike]\nraise_at = 9.0\n", "utf-8")
    (tmp_path / "site.toml").write_text(SITE + '[thresholds]\npath = "own.toml"\n', "utf-8")
    assert one.renewed() and one.main.thresholds["spike"].raise_at == 9.0
    source = one.source(MINE)
    assert source is not None and source.file() == tmp_path / "own.toml"


def test_mines_with_files_of_their_own_keep_theirs(tmp_path: Path) -> None:
    other = "220600000002"
    (tmp_path / "other.toml").write_text(SITE.replace(MINE, other), "utf-8")
    (tmp_path / "own.toml").write_text("", "utf-8")
    live = '[live]\nmines = ["other.toml"]\n'
    (tmp_path / "site.toml").write_text(SITE + live + '[thresholds]\npath = "own.toml"\n', "utf-8")
    one = Desks(tmp_path / "site.toml")
    (tmp_path / "own.toml").write_text("[spike]\nraise_at = 9.0\n", "utf-8")
    assert [told["site"] for told in one.renewed()] == ["site.toml"]
    assert one[MINE].configuration.thresholds["spike"].raise_at == 9.0
    assert one[other].configuration.thresholds["spike"].raise_at != 9.0
    assert one.sharing(MINE) == [MINE] and one.sharing(other) == [other]
    one["333333333333"]
    assert one.sharing(MINE) == [MINE, "333333333333"]


def test_the_judge_judges_anew_and_says_so(bench: Bencher) -> None:
    one = bench()
    path = one.folder / "own.toml"
    path.write_text("[flat_signal]\nraise_at = 1e6\nclear_at = 1e6\n", "utf-8")
    (one.folder / "site.toml").write_text(SITE + '[thresholds]\npath = "own.toml"\n', "utf-8")
    one.again()
    one.store(tampered(HoldValue(stream="methane", start_s=2.5 * DAY_S, seconds=6 * 3600.0)))
    one.settle()
    flat = [e for e in one.episodes() if (e.detector, e.stream) == ("flat_signal", "methane")]
    assert flat == [] and one.entries("thresholds_in_force") == []
    path.write_text("", "utf-8")
    one.settle()
    flat = [e for e in one.episodes() if (e.detector, e.stream) == ("flat_signal", "methane")]
    assert len(flat) == 1
    (told,) = one.entries("thresholds_in_force")
    assert {(c["detector"], c["key"]) for c in told.document["changes"]} == {
        ("flat_signal", "raise_at"),
        ("flat_signal", "clear_at"),
    }
    path.write_text("[flat_signal]\nraise_at = 1e6\nclear_at = 1e6\n", "utf-8")
    one.settle()
    flat = [e for e in one.episodes() if (e.detector, e.stream) == ("flat_signal", "methane")]
    assert len(flat) == 1 and flat[0].closed  # it was one when it was told
    path.write_text("[flat_signal]\nclear_at = 1e7\n", "utf-8")
    one.settle()
    assert "own.toml:1" in str(one.judge.status()["problems"])
    assert len(one.entries("thresholds_in_force")) == 2
