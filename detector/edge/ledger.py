"""The ledger: what the service found, sent and was told, in a file that shows any change.

A line an entry, in canonical JSON: ``{"document", "hash", "kind", "prev", "seq", "time"}``, where
``hash`` is the SHA-256 of the same without ``hash`` and ``prev`` the hash of the entry before. The
file beside it, ``.head``, names the last entry, so that entries missing at the end are seen too.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

#: ``prev`` of the first entry.
START = "0" * 64
#: Longest line that is read, bytes.
MOST = 64_000_000
_KEYS = {"document", "hash", "kind", "prev", "seq", "time"}
_PIECE = 1 << 16


class BadEntry(ValueError):
    """A line that is no entry, and why."""


@dataclass(frozen=True)
class Entry:
    """An entry; ``time`` is ISO 8601 in UTC, ``seq`` counts from 1."""

    seq: int
    time: str
    kind: str
    document: Mapping[str, Any]
    prev: str
    hash: str

    def line(self) -> bytes:
        """It as it is written, with its end of line."""
        return canonical({**self._body(), "hash": self.hash}) + b"\n"

    def digest(self) -> str:
        """What its hash must be."""
        return hashlib.sha256(canonical(self._body())).hexdigest()

    def _body(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "time": self.time,
            "kind": self.kind,
            "document": self.document,
            "prev": self.prev,
        }


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces, ASCII only; NaN raises ValueError."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"), sort_keys=True).encode()


def parsed(line: bytes) -> Entry:
    """The entry of a line with its end; BadEntry where the line is not exactly one."""
    try:
        values = json.loads(line)
        if not isinstance(values, dict) or values.keys() != _KEYS:
            raise BadEntry("it is no entry of a ledger")
        entry = Entry(**values)
        same = entry.line() == line
    except (ValueError, TypeError, RecursionError) as error:
        raise BadEntry(f"it is no entry of a ledger: {error}") from error
    if not same:
        raise BadEntry("it is not written as the ledger writes")
    if entry.hash != entry.digest():
        raise BadEntry("its content does not have its hash")
    return entry


class Ledger:
    """The ledger in a file; several processes may append to it, one at a time."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Make the file where there is none; a last line that a crash tore is cut off, and said."""
        self.path = path
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("a+b")
        self._seq, self._hash, self._end = 0, START, 0
        with self._alone():
            self._catch_up()
            self._compare_head()

    def append(self, kind: str, document: Mapping[str, Any]) -> Entry:
        """Write an entry; it is on disk when this returns."""
        with self._alone():
            self._catch_up()
            return self._write(kind, document)

    def entries(self, after_seq: int = 0) -> Iterator[Entry]:
        """The entries after one, in order; BadEntry where one is broken."""
        with self.path.open("rb") as file:
            file.seek(_offset_after(file, after_seq))
            while (line := file.readline(MOST)).endswith(b"\n"):
                entry = parsed(line)
                if entry.seq > after_seq:
                    yield entry

    def last_seq(self) -> int:
        """The number of the last entry, whoever wrote it."""
        if os.fstat(self._file.fileno()).st_size != self._end:
            with self._alone():
                self._catch_up()
        return self._seq

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _write(self, kind: str, document: Mapping[str, Any]) -> Entry:
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        entry = Entry(self._seq + 1, at, kind, json.loads(canonical(document)), self._hash, "")
        entry = Entry(**{**entry._body(), "hash": entry.digest()})
        line = entry.line()
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(self._end)  # a full disk: nothing, rather than half an entry
            raise
        self._seq, self._hash, self._end = entry.seq, entry.hash, self._end + len(line)
        _write_head(self.path, entry)
        return entry

    def _catch_up(self) -> None:
        """Take up what others have appended since; cut off what a crash tore."""
        size = os.fstat(self._file.fileno()).st_size
        if size == self._end:
            return
        torn = _torn(self._file, size)
        end = size - len(torn)
        last = _last_line(self._file, end)
        if last:
            entry = parsed(last)
            self._seq, self._hash = entry.seq, entry.hash
        self._end = end
        if torn:
            self._file.truncate(end)
            told = {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
            self._write("torn", told)

    def _compare_head(self) -> None:
        """Where the head names an entry that is not there, say so before going on."""
        head = read_head(self.path)
        if head is None or head[0] < self._seq or head == (self._seq, self._hash):
            return
        told = {"head_seq": head[0], "head_hash": head[1], "seq": self._seq, "hash": self._hash}
        self._write("entries_missing", told)


def head_path(path: Path) -> Path:
    """The file that names the last entry."""
    return path.with_name(path.name + ".head")


def read_head(path: Path) -> tuple[int, str] | None:
    """Sequence number and hash of the last entry by the file beside; None where it tells none."""
    try:
        values = json.loads(head_path(path).read_bytes())
        return int(values["seq"]), str(values["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_head(path: Path, entry: Entry) -> None:
    beside = path.with_name(f"{path.name}.head.{os.getpid()}")
    beside.write_bytes(canonical({"seq": entry.seq, "hash": entry.hash}) + b"\n")
    beside.replace(head_path(path))


def _torn(file: BinaryIO, size: int) -> bytes:
    """What follows the last end of line; zeros are what a crash leaves of an unwritten block."""
    tail = b""
    at = size
    while at > 0:
        step = min(_PIECE, at)
        at -= step
        file.seek(at)
        tail = file.read(step) + tail
        cut = tail.rfind(b"\n")
        if cut >= 0:
            return tail[cut + 1 :]
    return tail


def _last_line(file: BinaryIO, end: int) -> bytes:
    """The last whole line before ``end``, which follows an end of line; nothing of no line."""
    if end == 0:
        return b""
    before = end - 1 - len(_torn(file, end - 1))
    file.seek(before)
    return file.read(end - before)


def _offset_after(file: BinaryIO, seq: int) -> int:
    """The start of some line at or before the entry after ``seq``, by bisection."""
    low, high = 0, file.seek(0, os.SEEK_END)
    while high - low > _PIECE:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline(MOST)
        start = file.tell()
        line = file.readline(MOST)
        if start >= high or not line.endswith(b"\n"):
            high = middle
        elif parsed(line).seq <= seq:
            low = start
        else:
            high = middle
    return low
