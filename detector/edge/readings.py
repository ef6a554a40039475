"""Readings from CSV files, wide or long: parsed defensively, nothing silently skipped."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from detector.core.observation import Readings

#: More bytes than this in a file are not read (about 100 million readings).
MAX_BYTES = 2_000_000_000
#: More streams than this in a file are not read.
MAX_STREAMS = 20_000
#: A cell of more characters than this is no reading.
MAX_CELL = 200
_LONG = ["time", "stream", "value"]
_ENCODINGS = ("utf-8-sig", "gb18030")
#: Values from this size on are no numbers: their squares and sums could not be taken.
_MOST = 1e75
#: Times before 1970 or after 2200 are not believed, s.
_LAST_S = 7.3e9

Status = Literal["ok", "partial", "unreadable"]


@dataclass
class ReadingsFile:
    """What a file of readings holds, by stream in order of arrival, and what could not be read.

    ``rows``: data rows; ``status`` and ``reasons`` as of a recording; ``first``: time of the
    first row that has one, s.
    """

    path: Path
    streams: dict[str, Readings] = field(default_factory=dict)
    rows: int = 0
    status: Status = "ok"
    reasons: list[str] = field(default_factory=list)
    first: float = math.nan

    def span(self) -> tuple[float, float]:
        """Time of its first row and its latest time, s; zeros where it has none."""
        known = [t for r in self.streams.values() if len(t := r.time[np.isfinite(r.time)])]
        if not known:
            return 0.0, 0.0
        first = self.first if np.isfinite(self.first) else min(float(t[0]) for t in known)
        return first, max(float(t.max()) for t in known)

    def note(self, status: Status, reason: str) -> None:
        """Keep the worst status and every reason once."""
        worst: list[Status] = ["ok", "partial", "unreadable"]
        self.status = max(self.status, status, key=worst.index)
        if reason not in self.reasons:
            self.reasons.append(reason)


def read_readings(path: Path) -> ReadingsFile:
    """Read a CSV of readings: ``time`` and a column per stream, or ``time,stream,value``.

    Times are ISO 8601 (UTC where they name no offset) or Unix seconds; unreadable ones are NaN, as
    are unreadable values; an empty cell is no reading. Never raises for what a file holds.
    """
    result = ReadingsFile(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            result.note("unreadable", f"larger than {MAX_BYTES // 10**9} GB; split the file")
            return result
        text = _decoded(path.read_bytes())
    except OSError as error:
        result.note("unreadable", f"it cannot be read: {error.strerror or error}")
        return result
    if text is None:
        result.note("unreadable", "it is no text; write CSV in UTF-8")
        return result
    try:
        _read(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), result)
    except csv.Error as error:
        status: Status = "partial" if result.streams else "unreadable"
        result.note(status, f"it is no CSV from row {result.rows + 2} on: {error}")
    return result


def _decoded(content: bytes) -> str | None:
    if b"\x00" in content[:4096]:
        return None
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    """Comma, or what the first line is parted by where it has none."""
    head = text[:10_000].split("\n", 1)[0]
    return next((d for d in (",", ";", "\t") if d in head), ",")


def _read(rows: Iterator[list[str]], result: ReadingsFile) -> None:
    header = [name.strip() for name in next(rows, [])]
    if not header or header[0].lower() != "time":
        named = f"{header[0][:40]!r}" if header else "nothing"
        result.note("unreadable", f"its first column is {named}; call it time")
        return
    if len(header) < 2:
        result.note("unreadable", "it has no column of readings beside time")
        return
    if len(header) - 1 > MAX_STREAMS:
        result.note("unreadable", f"more than {MAX_STREAMS} columns; split the file")
        return
    if [name.lower() for name in header] == _LONG:
        _read_long(rows, result)
    else:
        _read_wide(rows, _distinct(header[1:], result), result)


def _distinct(names: Sequence[str], result: ReadingsFile) -> list[str]:
    """Column names, those that are missing or come twice made up."""
    known: dict[str, None] = {}
    for number, name in enumerate(names, 2):
        chosen = name or f"column {number}"
        if not name:
            result.note("partial", f"column {number} has no name")
        if chosen in known:
            result.note("partial", f"two columns are called {name[:40]!r}")
            chosen = f"{chosen} (column {number})"
        known[chosen] = None
    return list(known)


def _read_wide(rows: Iterator[list[str]], names: list[str], result: ReadingsFile) -> None:
    times: list[str] = []
    columns: list[list[str]] = [[] for _ in names]
    width, wrong = len(names) + 1, 0
    short: dict[int, int] = {}  # row to its cells: none are made up, a file of them grows too large
    for row in rows:
        if not any(row):
            continue
        result.rows += 1
        if len(row) != width:
            wrong += 1
            if len(row) < width:
                short[len(times)] = len(row)
        times.append(row[0])
        for column, cell in zip(columns, row[1:], strict=False):
            column.append(cell)
    if wrong:
        result.note("partial", f"{wrong} rows have more or fewer cells than the header")
    time = _times(times, result)
    if not len(time):
        result.note("unreadable", "it has no rows")
        return
    cells = np.full(len(time), width)
    cells[list(short)] = list(short.values())
    for number, (name, column) in enumerate(zip(names, columns, strict=True), 1):
        value, empty = _values(column, name, result)
        if empty.all():
            result.note("partial", f"{name[:40]!r} has no readings")
        else:
            own = time[cells > number] if short else time
            result.streams[name] = Readings(name, own[~empty], value[~empty])


def _read_long(rows: Iterator[list[str]], result: ReadingsFile) -> None:
    by_stream: dict[str, tuple[list[str], list[str]]] = {}
    wrong = 0
    for row in rows:
        if not any(row):
            continue
        result.rows += 1
        name = row[1].strip() if len(row) == 3 else ""
        if not name or (name not in by_stream and len(by_stream) >= MAX_STREAMS):
            wrong += 1
            continue
        times, values = by_stream.setdefault(name, ([], []))
        times.append(row[0])
        values.append(row[2])
    if wrong:
        result.note("partial", f"{wrong} rows are not time,stream,value")
    if not by_stream:
        result.note("unreadable", "it has no rows")
    for name, (times, values) in by_stream.items():
        time = _times(times, result)
        value, empty = _values(values, name, result)
        if not empty.all():
            result.streams[name] = Readings(name, time[~empty], value[~empty])


def _times(cells: list[str], result: ReadingsFile) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    time = np.array([_seconds(cell) for cell in cells], dtype=np.float64)
    bad = int(np.isnan(time).sum())
    if bad:
        what = "no time" if bad == len(time) else f"{bad} times"
        known = "can be read; write ISO 8601" if bad == len(time) else "cannot be read"
        result.note("unreadable" if bad == len(time) else "partial", f"{what} {known}")
    told = time[np.isfinite(time)]
    if len(told):
        result.first = float(np.fmin(result.first, told[0]))
    return time if bad < len(time) else time[:0]


def _seconds(cell: str) -> float:
    """Unix seconds of an ISO 8601 time or of a number of seconds; NaN where it is neither."""
    text = cell.strip()
    if len(text) > 40:
        return math.nan
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            seconds = float(text)
        except ValueError:
            return math.nan
    else:
        try:
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (OverflowError, ValueError):
            return math.nan
    return seconds if 0 <= seconds <= _LAST_S else math.nan


def _values(
    cells: list[str], name: str, result: ReadingsFile
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.bool_]]
]:
    """Values (n,), NaN where unreadable, and which cells are empty (n,)."""
    empty = np.array([not cell or cell.isspace() for cell in cells], dtype=bool)
    value = np.array([_number(cell) for cell in cells], dtype=np.float64)
    bad = int((np.isnan(value) & ~empty).sum())
    if bad:
        result.note("partial", f"{bad} values of {name[:40]!r} are no numbers")
    return value, empty


def _number(cell: str) -> float:
    if len(cell) > MAX_CELL:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return math.nan
    return value if abs(value) < _MOST else math.nan
