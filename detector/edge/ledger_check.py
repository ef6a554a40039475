"""Whether a ledger is as it was written: the first entry that is not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from detector.edge.ledger import MOST, START, BadEntry, Entry, head_path, parsed, read_head


@dataclass(frozen=True)
class Broken:
    """The first line (from 1) that is not as it was written, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class Checked:
    """``entries`` whole ones from the start, the ``last`` of them, and what is broken after it.

    ``doubt``: what could not be checked.
    """

    entries: int
    last: Entry | None
    broken: Broken | None
    doubt: str = ""


def verify(path: Path, known: tuple[int, str] | None = None) -> Checked:
    """Check a ledger against itself, its head, and an entry ``known`` (seq, hash) from elsewhere,
    such as from an alert that was sent. OSError where it cannot be read."""
    head = read_head(path)
    beside = head_path(path).name
    doubt = "" if head else f"{beside} tells no last entry: missing ones would not be seen"
    with path.open("rb") as file:
        checked = _chain(file, [entry for entry in (head, known) if entry is not None])
    return Checked(checked.entries, checked.last, checked.broken, doubt)


def _chain(file: BinaryIO, anchors: list[tuple[int, str]]) -> Checked:
    last: Entry | None = None
    number = 0
    while line := file.readline(MOST):
        number += 1
        try:
            entry = _next(line, last, anchors)
        except BadEntry as error:
            return Checked(number - 1, last, Broken(number, str(error)))
        last = entry
    most = max((seq for seq, _ in anchors), default=0)
    if most > number:
        why = f"it is missing: there were {most} entries, {number} are left"
        return Checked(number, last, Broken(number + 1, why))
    return Checked(number, last, None)


def _next(line: bytes, last: Entry | None, anchors: list[tuple[int, str]]) -> Entry:
    if not line.endswith(b"\n"):
        raise BadEntry("it is not complete")
    entry = parsed(line)
    seq, prev = (last.seq + 1, last.hash) if last else (1, START)
    if entry.seq != seq:
        raise BadEntry(f"it is entry {entry.seq}, where entry {seq} belongs")
    if entry.prev != prev:
        raise BadEntry("it does not follow the entry before it")
    if any(seq == at and entry.hash != known for at, known in anchors):
        raise BadEntry("another entry was in its place")
    return entry
