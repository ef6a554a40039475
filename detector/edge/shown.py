"""The newest pictures of every camera as it sent them, for people to look at: in an SQLite file.

Of each camera one picture in every so many seconds is kept, for some minutes; what an alert shows
is held for longer. All of it is bounded in bytes. Findings do not rest on it: where it cannot be
written, nothing else stops.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import cv2
import numpy as np

#: Bytes above which a picture is made smaller, pixels of width of what it becomes, and its quality.
LARGE, WIDTH, QUALITY = 200_000, 960, 75
#: Pictures after which it is looked at how much there is.
_LOOK = 200
_NEAREST = (
    "FROM picture WHERE mine = ? AND stream = ? AND at >= ? AND at <= ?"
    " ORDER BY abs(at - ?) LIMIT 1"
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS picture (
    mine TEXT NOT NULL, stream TEXT NOT NULL, at REAL NOT NULL, held INTEGER NOT NULL DEFAULT 0,
    jpeg BLOB NOT NULL, PRIMARY KEY (mine, stream, at));
"""


class Picture(NamedTuple):
    """A camera's picture, JPEG, of a time in s (Unix)."""

    mine: str
    stream: str
    at: float
    jpeg: bytes


@dataclass(frozen=True)
class Kept:
    """A picture in every ``every_s`` s for ``seconds``, what is held for ``held_s`` s, and ``most``
    bytes of all cameras."""

    every_s: float = 10.0
    seconds: float = 1200.0
    held_s: float = 30 * 86400.0
    most: int = 2_000_000_000


class Shown:
    """The file ``path``, which is made when the first picture comes. One thread at a time."""

    def __init__(self, path: Path, kept: Kept | None = None) -> None:
        self._path, self._kept = path, kept or Kept()
        self._base: sqlite3.Connection | None = None
        self._lock = Lock()
        self._last: dict[tuple[str, str], int] = {}
        self._added = 0
        self.problem = ""

    def add(self, pictures: Sequence[Picture]) -> None:
        """Keep those of them that are due."""
        due = [picture for picture in pictures if self._due(picture)]
        if not due:
            return
        with self._opened(make=True) as base:
            if base is None:
                return
            rows = [(p.mine, p.stream, p.at, small(p.jpeg)) for p in due]
            told = "INSERT OR IGNORE INTO picture (mine, stream, at, jpeg) VALUES (?, ?, ?, ?)"
            base.executemany(told, rows)
            for held, seconds in ((0, self._kept.seconds), (1, self._kept.held_s)):
                told = "DELETE FROM picture WHERE mine = ? AND stream = ? AND at < ? AND held = ?"
                base.executemany(told, [(p.mine, p.stream, p.at - seconds, held) for p in due])
            self._added += len(due)
            if self._added >= _LOOK:
                self._added = 0
                self._bound(base)

    def find(self, mine: str, stream: str, first: float, last: float, at: float) -> bytes | None:
        """The picture from ``first`` to ``last`` that is nearest to ``at``."""
        found = None
        with self._opened() as base:
            if base is not None:
                told = f"SELECT jpeg {_NEAREST}"
                found = base.execute(told, (mine, stream, first, last, at)).fetchone()
        return bytes(found[0]) if found else None

    def hold(self, mine: str, stream: str, first: float, last: float, at: float) -> bool:
        """Keep that picture for longer; whether there is one."""
        held = 0
        with self._opened() as base:
            if base is not None:
                told = f"UPDATE picture SET held = 1 WHERE rowid IN (SELECT rowid {_NEAREST})"  # noqa: S608 - ours
                held = base.execute(told, (mine, stream, first, last, at)).rowcount
        return held > 0

    def close(self) -> None:
        """Let go of the file."""
        if self._base is not None:
            self._base.close()
            self._base = None

    def _due(self, picture: Picture) -> bool:
        place, slot = (picture.mine, picture.stream), int(picture.at // self._kept.every_s)
        if self._last.get(place) == slot:
            return False
        self._last[place] = slot
        return True

    def _bound(self, base: sqlite3.Connection) -> None:
        """Let go of the oldest where there is too much, of what is held last."""
        sizes = "SELECT rowid, length(jpeg) FROM picture ORDER BY held DESC, at DESC"
        left, gone = self._kept.most, []
        for number, size in base.execute(sizes):
            left -= size
            if left < 0:
                gone.append((number,))
        base.executemany("DELETE FROM picture WHERE rowid = ?", gone)

    @contextmanager
    def _opened(self, make: bool = False) -> Iterator[sqlite3.Connection | None]:
        """The file in a transaction; None where there is none or it cannot be used."""
        with self._lock:
            base = self._connected(make)
            if base is None:
                yield None
                return
            try:
                with base:
                    yield base
                self.problem = ""
            except sqlite3.Error as error:
                self.problem = str(error)

    def _connected(self, make: bool) -> sqlite3.Connection | None:
        if self._base is not None or not (make or self._path.exists()):
            return self._base
        base = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(self._path, timeout=2.0, check_same_thread=False)
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            base.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            self.problem = str(error)
            if base is not None:
                base.close()
            return None
        self._base = base
        return base


def small(jpeg: bytes) -> bytes:
    """A picture as it is, or made smaller where it is large."""
    if len(jpeg) <= LARGE:
        return jpeg
    picture = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_REDUCED_COLOR_2)
    if picture is None:
        return jpeg
    if picture.shape[1] > WIDTH:
        size = (WIDTH, max(1, round(picture.shape[0] * WIDTH / picture.shape[1])))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return coded.tobytes() if done else jpeg
