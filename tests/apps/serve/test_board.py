"""The alerts of a ledger in few words each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from detector.apps.serve.board import Board
from detector.edge.ledger import Ledger


def alert(identity: str, mine: str = "1", **more: Any) -> dict[str, Any]:
    episode = {"id": "e", "detector": "silence", "stream": "s", "until_end": True, "evidence": {}}
    told = {
        "id": identity,
        "mine": mine,
        "shaft": None,
        "state": "open",
        "severity": "warning",
        "title": "a title",
        "opened": "2026-01-01T00:00:00.000+00:00",
        "updated": "2026-01-01T00:00:00.000+00:00",
        "closed": None,
        "episodes": [episode],
        "disposition": None,
        "escalated": 0,
        "earlier_episodes": [],
        "handled": 0,
    }
    return told | more


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "ledger.jsonl")
    yield made
    made.close()


@pytest.fixture
def board(ledger: Ledger) -> Iterator[Board]:
    made = Board(ledger.path)
    yield made
    made.close()


def every(_: str) -> bool:
    return True


def test_the_last_updated_comes_first_and_only_what_may_be_seen(
    ledger: Ledger, board: Board
) -> None:
    for identity, mine in (("a", "1"), ("b", "2"), ("c", "1")):
        ledger.append("alert", alert(identity, mine))
    ledger.append("alert", alert("a"))
    assert board.refresh() == 4
    assert [r.id for r in board.rows(every)] == ["a", "c", "b"]
    assert [r.id for r in board.rows(lambda mine: mine == "2")] == ["b"]
    assert [r.id for r in board.of_mine("1")] == [r.id for r in board.waiting("1")] == ["a", "c"]
    assert (board.latest(lambda mine: mine == "2"), board.changed("1")) == (2, 4)
    assert board.mines() == ["1", "2"] and board.of_mine("3") == []
    row = board.row("a")
    assert row is not None and row.silent == ("s",)
    assert board.document(row)["ledger"] == {"seq": 4, "hash": row.hash}


def test_what_people_did_holds_before_the_judge_has_taken_it_up(
    ledger: Ledger, board: Board
) -> None:
    ledger.append("alert", alert("a"))
    done = ledger.append(
        "handled", {"alert": "a", "state": "done", "disposition": "other", "by": "li", "note": "n"}
    )
    ledger.append("alert", alert("a", severity="critical"))  # crossed it
    board.refresh()
    row = board.row("a")
    assert row is not None and (row.state, row.severity) == ("done", "critical")
    assert board.waiting("1") == [] and board.document(row)["state"] == "done"
    taken_up = alert("a", state="done", disposition="other", handled=done.seq)
    ledger.append("alert", taken_up)
    ledger.append("assigned", {"alert": "a", "to": "li", "due": "2026-01-02T00:00:00+00:00"})
    board.refresh()
    row = board.row("a")
    assert row is not None and (row.handled, row.assigned) == (done.seq, "li")
    assert [e["kind"] for e in board.history("a")][-1] == "assigned"


def test_a_history_does_not_repeat_itself(ledger: Ledger, board: Board) -> None:
    for n in range(1, 4):
        parts = [dict(alert("a")["episodes"][0], id=str(i)) for i in range(n)]
        ledger.append("alert", alert("a", episodes=parts))
        ledger.append("sent", {"channel": "mail", "alerts": {"a": n}, "alert": "a"})
    board.refresh()
    told = board.history("a")
    assert [e["kind"] for e in told] == ["alert", "sent"]
    assert told[0]["findings"] == 3 and told[0]["seq"] == 5 and told[0]["since"] < told[0]["time"]
    assert told[0]["first"] == 1 and told[1]["first"] == 2


def test_a_broken_ledger_is_told(ledger: Ledger, board: Board) -> None:
    path = ledger.path
    for identity in "abc":
        ledger.append("alert", alert(identity))
    path.write_bytes(path.read_bytes().replace(b'"id":"b"', b'"id":"x"'))
    board.refresh()
    assert board.broken is not None and board.broken.startswith("2:")
    assert [r.id for r in board.rows(every)] == ["a"]


def test_a_long_ledger_is_read_in_pieces(ledger: Ledger, board: Board) -> None:
    for n in range(450):
        ledger.append("note", {"n": n})
    board.load()
    assert board.seq == 450 and not board.loading
    assert [e.document["n"] for e in board.entries(450, 3)] == [449, 448, 447]
    assert len(board.entries(2, 60)) == 2
