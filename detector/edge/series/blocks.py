"""Blocks of columns in an SQLite file: appended, cut, read by time or by arrival.

Each block has a number of arrival, ``seq``, which is never used again. Small blocks of a series
are joined into larger ones once as many newer ones follow; what is joined has the number of its
last block, so that a reader by arrival who is far behind sees rows again but misses none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from detector.core.observation import F64
from detector.edge.series import StoreUnavailable
from detector.edge.series.columns import Kept, joined, made, none, note_of, pack, rows_of, unpack

#: Small blocks of a series that are joined at once, and that stay as they are.
JOINED = {"readings": 256, "frames": 64, "views": 16, "scores": 64}
#: Seconds for which a writer waits for another.
WAIT_S = 20.0
#: Blocks let go of in one transaction.
DROPPED = 2000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, mine TEXT NOT NULL, kind TEXT NOT NULL, stream TEXT NOT NULL,
    first REAL, last REAL, value REAL, count INTEGER NOT NULL DEFAULT 0,
    UNIQUE (mine, kind, stream));
CREATE TABLE IF NOT EXISTS block (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, first REAL NOT NULL,
    last REAL NOT NULL, rows INTEGER NOT NULL, note TEXT NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS block_time ON block (series, last, first);
"""


@dataclass
class State:
    """What is known of a series: as in the table ``series``, and its small blocks."""

    number: int
    kind: str
    first: float = np.inf
    last: float = -np.inf
    value: float = np.nan
    count: int = 0
    small: list[int] = field(default_factory=list)


def connect(path: Path) -> sqlite3.Connection:
    """Open or make an SQLite file in which a commit is on disk when it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    base.execute("PRAGMA page_size = 8192")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("PRAGMA wal_autocheckpoint = 4000")
    return base


class Blocks:
    """The blocks in one file. Only inside :meth:`writing` may it be changed."""

    def __init__(self, path: Path) -> None:
        try:
            self.base = connect(path)
            self.base.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"{path}: {error}") from error
        self._known: dict[tuple[str, str, str], State] = {}
        self._touched: dict[int, State] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._seq = 0
        self._version = -1

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: all of it or nothing."""
        try:
            self.base.execute("BEGIN IMMEDIATE")
            try:
                self._refresh()
                yield
                self._save()
                self.base.execute("COMMIT")
            except BaseException:
                self._version, self._known, self._rows = -1, {}, []  # ahead of the file
                self.base.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreUnavailable(str(error)) from error

    def _refresh(self) -> None:
        """Read what is known anew where another writer changed it."""
        version = self.base.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return
        self._version = version
        self._touched, small = {}, {s.number: s.small for s in self._known.values()}
        self._known = {}
        for number, mine, kind, stream, first, last, value, count in self.base.execute(
            "SELECT id, mine, kind, stream, first, last, value, count FROM series"
        ):
            state = State(number, kind, _or(first, np.inf), _or(last, -np.inf))
            state.value, state.count = _or(value, np.nan), count
            state.small = small.get(number, [])
            self._known[mine, kind, stream] = state
        row = self.base.execute("SELECT seq FROM sqlite_sequence WHERE name = 'block'").fetchone()
        self._seq = row[0] if row else 0

    def _save(self) -> None:
        self._flush()
        rows = [(s.first, s.last, s.value, s.count, s.number) for s in self._touched.values()]
        told = "UPDATE series SET first = ?, last = ?, value = ?, count = ? WHERE id = ?"
        self.base.executemany(told, rows)
        self._touched = {}

    def state(self, mine: str, kind: str, stream: str) -> State:
        """What is known of a series, which is made where it is not there."""
        known = self._known.get((mine, kind, stream))
        if known is None:
            told = "INSERT INTO series (mine, kind, stream) VALUES (?, ?, ?)"
            number = self.base.execute(told, (mine, kind, stream)).lastrowid
            assert number is not None
            known = self._known[mine, kind, stream] = State(number, kind)
        return known

    def append(self, state: State, stream: str, block: Kept) -> None:
        """Add a block with at least one row as the newest of its series."""
        time = block.time
        first, last = _ends(time)
        self._seq += 1
        self._insert(self._seq, state, block, first, last)
        state.first, state.last = min(state.first, first), max(state.last, last)
        state.count += len(time)
        value = getattr(block, "value", None)
        state.value = float(value[-1]) if value is not None else np.nan
        self._touched[state.number] = state
        most = JOINED[state.kind]
        if len(time) < most:
            state.small.append(self._seq)
            if len(state.small) >= 2 * most:
                self._join(state, stream, state.small[:most])
                del state.small[:most]

    def _insert(self, seq: int, state: State, block: Kept, first: float, last: float) -> None:
        row = (seq, state.number, first, last, len(block.time), note_of(block), pack(block))
        self._rows.append(row)

    def _flush(self) -> None:
        if self._rows:
            told = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)"
            self.base.executemany(told, self._rows)
            self._rows = []

    def _join(self, state: State, stream: str, numbers: Sequence[int]) -> None:
        """Make one block of small ones."""
        which = [(state.number, number) for number in numbers]
        told = "series = ? AND seq = ?"
        blocks = [block for own in which for _, block in self._read(state, stream, told, own)]
        self.base.executemany(f"DELETE FROM block WHERE {told}", which)  # noqa: S608 - ours
        if blocks:
            whole = joined(blocks)
            self._insert(numbers[-1], state, whole, *_ends(whole.time))

    def cut(self, state: State, stream: str, first: float, last: float) -> None:
        """Take the rows from ``first`` to ``last`` (inclusive) out of a series."""
        where = "series = ? AND last >= ? AND first <= ?"
        for seq, block in self._read(state, stream, where, (state.number, first, last)):
            kept = rows_of(block, (block.time < first) | (block.time > last))
            self.base.execute("DELETE FROM block WHERE seq = ?", (seq,))
            if len(kept.time):
                self._insert(seq, state, kept, *_ends(kept.time))

    def overlapping(self, state: State, stream: str, first: float, last: float) -> list[Kept]:
        """The blocks of a series that reach into a stretch (inclusive), in order of arrival."""
        where = "series = ? AND last >= ? AND first <= ? ORDER BY seq"
        found = self._read(state, stream, where, (state.number, first, last))
        return [block for _, block in found]

    def between(self, mine: str, kind: str, stream: str, start: float, end: float) -> Kept:
        """The rows of a series in a stretch, its end exclusive."""
        told = "SELECT id FROM series WHERE mine = ? AND kind = ? AND stream = ?"
        row = self._query(told, (mine, kind, stream)).fetchone()
        blocks = self.overlapping(State(row[0], kind), stream, start, end) if row else []
        if not blocks:
            return none(kind, stream)
        whole: Kept = joined(blocks)
        inside = (whole.time >= start) & (whole.time < end)
        found: Kept = whole if inside.all() else rows_of(whole, inside)
        return found

    def _read(
        self, state: State, stream: str, where: str, values: Sequence[Any]
    ) -> list[tuple[int, Kept]]:
        told = f"SELECT seq, rows, note, data FROM block WHERE {where}"  # noqa: S608 - ours
        return [
            (seq, made(state.kind, stream, unpack(state.kind, rows, data), note))
            for seq, rows, note, data in self._query(told, values)
        ]

    def after(self, seq: int, limit: int) -> tuple[int, list[tuple[str, Kept]]]:
        """What arrived after ``seq``, about ``limit`` rows, a block for each series, and the number
        up to which it is; at least one block where there is one."""
        told = (
            "SELECT seq, mine, kind, stream, rows, note, data FROM block"
            " JOIN series ON series.id = block.series WHERE seq > ? ORDER BY seq"
        )
        found: dict[tuple[str, str, str], list[Kept]] = {}
        for number, mine, kind, stream, rows, note, data in self._query(told, (seq,)):
            block = made(kind, stream, unpack(kind, rows, data), note)
            found.setdefault((mine, kind, stream), []).append(block)
            seq, limit = number, limit - rows
            if limit <= 0:
                break
        return seq, [(mine, joined(blocks)) for (mine, _, _), blocks in found.items()]

    def newest(self) -> int:
        """The number of the block that arrived last; 0 where there was none."""
        row = self._query("SELECT seq FROM sqlite_sequence WHERE name = 'block'", ()).fetchone()
        return int(row[0]) if row else 0

    def all_series(self) -> list[tuple[Any, ...]]:
        """Rows (mine, kind, stream, first, last, value, count) of all series."""
        told = "SELECT mine, kind, stream, first, last, value, count FROM series"
        return self._query(told + " ORDER BY mine, stream, kind", ()).fetchall()

    def drop_before(self, kind: str, time: float) -> None:
        """Let go of the blocks of a kind that end before ``time``, some at a time."""
        told = (
            "DELETE FROM block WHERE seq IN (SELECT seq FROM series JOIN block"
            " ON block.series = series.id WHERE kind = ? AND block.last < ? LIMIT ?)"
        )
        gone = DROPPED
        while gone == DROPPED:
            with self.writing():
                gone = self.base.execute(told, (kind, time, DROPPED)).rowcount

    def _query(self, told: str, values: Sequence[Any]) -> sqlite3.Cursor:
        try:
            self._flush()
            return self.base.execute(told, values)
        except sqlite3.Error as error:
            raise StoreUnavailable(str(error)) from error


def _ends(time: F64) -> tuple[float, float]:
    """The earliest and the latest of times."""
    if len(time) == 1:
        return float(time[0]), float(time[0])
    return float(time.min()), float(time.max())


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
