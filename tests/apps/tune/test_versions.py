"""Saving, the ledger's account of it, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.apps.serve.desks import Desks
from detector.apps.tune.versions import Author, Shelf
from detector.core.errors import ConfigError, UsageError
from detector.edge.ledger import Ledger
from detector.edge.ledger_check import verify
from tests.apps.serve.conftest import MINE, SITE

ENGINEER = Author("li", "too many at the crusher")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "var" / "ledger.jsonl")
    yield made
    made.close()


def desks(folder: Path, own: str | None) -> Desks:
    site = SITE
    if own is not None:
        (folder / "own.toml").write_text(own, "utf-8")
        site += '[thresholds]\npath = "own.toml"\n'
    (folder / "site.toml").write_text(site, "utf-8")
    return Desks(folder / "site.toml")


def test_saved_is_in_force_and_noted(tmp_path: Path, ledger: Ledger) -> None:
    one = desks(tmp_path, "[spike] # the crusher\nraise_at = 3.0 # from the trial\n")
    entry = Shelf(one, ledger).save(MINE, "spike", {"raise_at": 5.0}, ENGINEER)
    text = (tmp_path / "own.toml").read_text("utf-8")
    assert text == "[spike] # the crusher\nraise_at = 5.0 # from the trial\n"
    told = entry.document
    assert told["changes"] == [{"detector": "spike", "key": "raise_at", "old": 3.0, "new": 5.0}]
    assert (told["by"], told["why"]) == ("li", "too many at the crusher")
    assert one.renewed() and one[MINE].configuration.thresholds["spike"].raise_at == 5.0
    assert verify(ledger.path).broken is None


def test_back_to_any_earlier_version(tmp_path: Path, ledger: Ledger) -> None:
    shelf = Shelf(desks(tmp_path, "# first\n"), ledger)
    for value in (5.0, 6.0, 7.0):
        shelf.save(MINE, "spike", {"raise_at": value}, ENGINEER)
    texts = [v.text for v in shelf.versions(MINE)]
    assert len(texts) == 4 and texts[-1] == "# first\n"
    shelf.restore(MINE, shelf.versions(MINE)[2].seq, Author("wu", "it was better"))
    assert "raise_at = 5.0" in (tmp_path / "own.toml").read_text("utf-8")
    newest = shelf.versions(MINE)[0]
    assert newest.back_to == shelf.versions(MINE)[3].seq and newest.by == "wu"
    assert newest.changes[0]["old"] == 7.0 and newest.changes[0]["new"] == 5.0
    shelf.restore(MINE, shelf.versions(MINE)[-1].seq, ENGINEER)
    assert (tmp_path / "own.toml").read_text("utf-8") == "# first\n"
    with pytest.raises(UsageError, match="no such version"):
        shelf.restore(MINE, 999, ENGINEER)
    assert len(Shelf(desks(tmp_path, None), ledger).versions(MINE)) == 0


def test_a_site_without_a_file_gets_one(tmp_path: Path, ledger: Ledger) -> None:
    (tmp_path / "thresholds.toml").write_text("of something else", "utf-8")
    one = desks(tmp_path, None)
    entry = Shelf(one, ledger).save(MINE, "spike", {"raise_at": 5.0}, ENGINEER)
    assert entry.document["named_in"] == "site.toml"
    assert one.renewed() and one.main.thresholds["spike"].raise_at == 5.0
    assert (tmp_path / "thresholds.toml").read_text("utf-8") == "of something else"
    text = (tmp_path / "site.toml").read_text("utf-8")
    assert text.startswith(SITE) and "thresholds-2.toml" in text
    assert Desks(tmp_path / "site.toml").main.thresholds["spike"].raise_at == 5.0
    Shelf(one, ledger).save(MINE, "spike", {"raise_at": 6.0}, ENGINEER)
    assert len(Shelf(one, ledger).versions(MINE)) == 3


def test_what_cannot_be_used_changes_nothing(tmp_path: Path, ledger: Ledger) -> None:
    own = "[spike]\nraise_at = 3.0\n"
    shelf = Shelf(desks(tmp_path, own), ledger)
    wrongs: list[dict[str, float | str]] = [
        {"raise_at": -1.0},
        {"clear_at": 9.0},
        {"severity": "dreadful"},
        {"hold_s": float("nan")},
        {"height": 1.0},
    ]
    for wrong in wrongs:
        with pytest.raises(ConfigError, match=r"own|spike|TOML|nan"):
            shelf.save(MINE, "spike", wrong, ENGINEER)
    with pytest.raises(UsageError, match="nothing would change"):
        shelf.save(MINE, "spike", {"raise_at": 3.0}, ENGINEER)
    with pytest.raises(ConfigError):
        shelf.save(MINE, "no_such_check", {"raise_at": 3.0}, ENGINEER)
    with pytest.raises(UsageError, match="no reason"):
        Author("li", "  ")
    assert (tmp_path / "own.toml").read_text("utf-8") == own
    assert list(ledger.entries()) == [] and len(list(tmp_path.glob(".own.toml.*[0-9]"))) == 0


def test_without_a_site_there_is_nothing_to_write(tmp_path: Path, ledger: Ledger) -> None:
    shelf = Shelf(Desks(None), ledger)
    assert shelf.versions(MINE) == []
    with pytest.raises(ConfigError, match=r"no SITE\.toml"):
        shelf.save(MINE, "spike", {"raise_at": 3.0}, ENGINEER)


def test_a_file_that_cannot_be_used_is_not_replaced_by_another(
    tmp_path: Path, ledger: Ledger
) -> None:
    one = desks(tmp_path, None)
    shelf, site = Shelf(one, ledger), tmp_path / "site.toml"
    (tmp_path / "mine.toml").write_text('[spike]\nraise_at = "high"\n', "utf-8")
    site.write_text(site.read_text("utf-8") + '[thresholds]\npath = "mine.toml"\n', "utf-8")
    before = site.read_text("utf-8")
    with pytest.raises(ConfigError, match=r"mine\.toml:2"):
        shelf.save(MINE, "spike", {"raise_at": 5.0}, ENGINEER)
    assert site.read_text("utf-8") == before and shelf.versions(MINE) == []
    (tmp_path / "mine.toml").write_text("[spike]\nraise_at = 4.0\n", "utf-8")
    shelf.save(MINE, "spike", {"raise_at": 5.0}, ENGINEER)
    assert "raise_at = 5.0" in (tmp_path / "mine.toml").read_text("utf-8")
