"""Reading on in a ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.edge.ledger import BadEntry, Ledger
from detector.edge.ledger_tail import Tail


def test_it_reads_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    tail = Tail(path)
    assert list(tail.new()) == [] and not tail.grown()
    ledger = Ledger(path)
    first = ledger.append("note", {"n": 1})
    assert tail.grown()
    ((place, entry),) = tail.new()
    assert entry == first == tail.entry(place)
    more = [ledger.append("note", {"n": n}) for n in range(2, 5)]
    assert [e for _, e in tail.new()] == more and list(tail.new()) == []
    with path.open("ab") as file:
        file.write(b'{"half')
    assert list(tail.new()) == []
    tail.close()
    ledger.close()


def test_a_broken_entry_is_told_every_time(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    for n in range(3):
        ledger.append("note", {"n": n})
    path.write_bytes(path.read_bytes().replace(b'"n":1', b'"n":7'))
    tail = Tail(path)
    for _ in range(2):
        with pytest.raises(BadEntry):
            list(tail.new())
    tail.close()
    ledger.close()
