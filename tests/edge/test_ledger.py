"""The ledger: what is written is found again, and any change of it is named."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.edge.ledger import Entry, Ledger, head_path
from detector.edge.ledger_check import verify

NUMBER = 8


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    fill(path, NUMBER)
    return path.read_bytes().splitlines(keepends=True)


def fill(path: Path, number: int, name: str = "n") -> None:
    ledger = Ledger(path)
    for i in range(number):
        ledger.append("alert", {name: i, "text": "矿井 ü", "value": 0.1 * i})
    ledger.close()


def entries_of(path: Path) -> list[Entry]:
    ledger = Ledger(path)
    found = list(ledger.entries())
    ledger.close()
    return found


def broken_line(folder: Path, lines: list[bytes], head: bool = True) -> int | None:
    path = folder / "changed.jsonl"
    path.write_bytes(b"".join(lines))
    head_path(path).unlink(missing_ok=True)
    if head:
        last = folder / "original.jsonl"
        fill_head(last, path)
    checked = verify(path)
    return checked.broken.line if checked.broken else None


def fill_head(original: Path, path: Path) -> None:
    head_path(path).write_bytes(head_path(original).read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, written: list[bytes]) -> Path:
    where = tmp_path_factory.mktemp("changed")
    path = where / "original.jsonl"
    path.write_bytes(b"".join(written))
    ledger = Ledger(path)
    entry = ledger.append("last", {})
    ledger.close()
    written.append(entry.line())
    return where


def test_written_is_found_and_verifies(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    entries = [ledger.append("alert", {"n": n}) for n in range(5)]
    assert [e.seq for e in entries] == [1, 2, 3, 4, 5]
    assert list(ledger.entries()) == entries
    assert list(ledger.entries(3)) == entries[3:]
    ledger.close()
    checked = verify(path)
    assert checked.broken is None and checked.entries == 5 and not checked.doubt


def test_entries_after_a_number_are_found_in_a_long_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for n in range(300):
        ledger.append("alert", {"text": "x" * 2000, "n": n})
    for after in (0, 1, 137, 298, 299, 300):
        assert [e.seq for e in ledger.entries(after)] == list(range(after + 1, 301))
    ledger.close()


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_byte_is_named(data: st.DataObject, written: list[bytes], folder: Path) -> None:
    line = data.draw(st.integers(0, len(written) - 1))
    at = data.draw(st.integers(0, len(written[line]) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != written[line][at]))
    changed = list(written)
    changed[line] = written[line][:at] + bytes([byte]) + written[line][at + 1 :]
    assert broken_line(folder, changed) == line + 1


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_removed_byte_is_named(data: st.DataObject, written: list[bytes], folder: Path) -> None:
    line = data.draw(st.integers(0, len(written) - 1))
    at = data.draw(st.integers(0, len(written[line]) - 1))
    changed = list(written)
    changed[line] = written[line][:at] + written[line][at + 1 :]
    assert broken_line(folder, changed) == line + 1


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_added_byte_is_named(data: st.DataObject, written: list[bytes], folder: Path) -> None:
    whole = b"".join(written)
    at = data.draw(st.integers(0, len(whole)))
    added = data.draw(st.binary(min_size=1, max_size=5))
    changed = whole[:at] + added + whole[at:]
    line = whole[:at].count(b"\n") + 1
    first = next((i for i, (a, b) in enumerate(zip(whole, changed, strict=False)) if a != b), None)
    if first is not None:
        line = whole[:first].count(b"\n") + 1
    assert broken_line(folder, [changed]) == line


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_removed_and_moved_lines_are_named(
    data: st.DataObject, written: list[bytes], folder: Path
) -> None:
    first = data.draw(st.integers(0, len(written) - 1))
    last = data.draw(st.integers(first + 1, len(written)))
    assert broken_line(folder, written[:first] + written[last:]) == first + 1
    order = data.draw(st.permutations(range(len(written))))
    moved = [i for i, n in enumerate(order) if i != n]
    if moved:
        assert broken_line(folder, [written[n] for n in order]) == moved[0] + 1


def test_a_line_changed_with_its_own_hash_breaks_the_chain(tmp_path: Path) -> None:
    one, other = tmp_path / "one.jsonl", tmp_path / "other.jsonl"
    fill(one, 6)
    fill(other, 6, name="m")
    ours, theirs = (p.read_bytes().splitlines(keepends=True) for p in (one, other))
    one.write_bytes(b"".join([*ours[:3], theirs[3], *ours[4:]]))
    checked = verify(one)
    assert checked.broken is not None and checked.broken.line == 4


def test_a_whole_other_ledger_is_told_by_a_known_entry(tmp_path: Path) -> None:
    path, other = tmp_path / "ledger.jsonl", tmp_path / "other.jsonl"
    fill(path, 6)
    known = entries_of(path)[2]
    fill(other, 9, name="m")
    assert verify(other).broken is None
    checked = verify(other, (known.seq, known.hash))
    assert checked.broken is not None and checked.broken.line == 3


def test_without_its_head_the_doubt_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    fill(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    assert verify(path).broken is not None
    head_path(path).unlink()
    checked = verify(path)
    assert checked.broken is None and "missing ones" in checked.doubt


@given(keep=st.integers(0, 10_000), zeros=st.integers(0, 50))
@settings(max_examples=40, deadline=None)
def test_a_torn_last_line_is_cut_off_and_told(
    keep: int, zeros: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("torn") / "ledger.jsonl"
    fill(path, 3)
    whole = path.read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    cut = start + keep % (len(whole) - start)
    path.write_bytes(whole[:cut] + b"\0" * zeros)
    head = head_path(path)
    head.unlink()
    ledger = Ledger(path)
    entries = list(ledger.entries())
    told = cut > start or zeros > 0
    assert [e.kind for e in entries] == ["alert", "alert", *["torn"] * told]
    ledger.append("alert", {})
    ledger.close()
    assert verify(path).broken is None


def test_entries_missing_when_the_service_starts_are_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    fill(path, 4)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    found = entries_of(path)
    assert [e.kind for e in found] == ["alert", "alert", "entries_missing"]
    assert found[-1].document["head_seq"] == 4


def append_many(path: Path, name: str) -> None:
    fill(path, 40, name)


def test_several_processes_append_to_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append_many, args=(path, n)) for n in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    checked = verify(path)
    assert checked.broken is None and checked.entries == 120
    names = [next(iter(e.document.keys() - {"text", "value"})) for e in entries_of(path)]
    assert sorted(names) == ["a"] * 40 + ["b"] * 40 + ["c"] * 40
