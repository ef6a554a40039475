"""A series store in two SQLite files: observations, and what was judged of them beside it.

They are apart because one process writes each: neither waits for the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import RLock
from typing import cast

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Frames, Readings, Views
from detector.core.score import Scores
from detector.edge.series import Block, EpisodeRow, Key, Stored, StreamState
from detector.edge.series.blocks import Blocks, State
from detector.edge.series.columns import joined, kind_of, rows_of

_EPISODES = """
CREATE TABLE IF NOT EXISTS episode (
    mine TEXT NOT NULL, id TEXT NOT NULL, detector TEXT NOT NULL, stream TEXT NOT NULL,
    start REAL NOT NULL, end REAL NOT NULL, closed INTEGER NOT NULL, peak REAL, document TEXT,
    PRIMARY KEY (mine, id));
CREATE INDEX IF NOT EXISTS episode_time ON episode (end);
"""
_EPISODE = "id, detector, stream, start, end, closed, peak, document"


class SqliteSeries:
    """:class:`detector.edge.series.Series` in ``path`` and ``path``'s neighbour ``.judged``."""

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._observed = Blocks(path)
        self._judged = Blocks(path.with_name(path.name + ".judged"))
        self._judged.base.executescript(_EPISODES)

    def store(self, batch: Sequence[Stored]) -> None:
        """Keep blocks; on disk when it returns."""
        groups: dict[tuple[str, str, str], list[Block]] = {}
        for mine, block in batch:
            if len(block):
                groups.setdefault((mine, kind_of(block), block.stream), []).append(block)
        with self._lock, self._observed.writing():
            for (mine, kind, stream), blocks in groups.items():
                state = self._observed.state(mine, kind, stream)
                new = self._new(state, stream, _whole(blocks))
                if len(new):
                    self._observed.append(state, stream, new)

    def _new(self, state: State, stream: str, block: Block) -> Block:
        """The rows that are not stored yet."""
        time = block.time
        forward = len(time) == 1 or bool((time[1:] > time[:-1]).all())
        if forward and state.last < time[0] <= time[-1] < np.inf:
            return block
        bare = block.rows(np.isfinite(time))
        if not len(bare):
            return cast("Block", bare)
        first, last = float(bare.time.min()), float(bare.time.max())
        seen: set[tuple[int, ...]] = set()
        if first <= state.last:
            for known in self._observed.overlapping(state, stream, first, last):
                seen.update(_identities(cast("Block", known)))
        kept = []
        for row, identity in enumerate(_identities(bare)):
            if identity not in seen:
                seen.add(identity)
                kept.append(row)
        return cast("Block", bare.rows(np.array(kept, dtype=np.intp)))

    def readings(self, key: Key, start: float, end: float) -> Readings:
        """Readings in order of arrival."""
        return cast("Readings", self._between(key, "readings", start, end))

    def frames(self, key: Key, start: float, end: float) -> Frames:
        """Frame features in order of time."""
        return cast("Frames", self._between(key, "frames", start, end))

    def views(self, key: Key, start: float, end: float) -> Views:
        """Views in order of time."""
        return cast("Views", self._between(key, "views", start, end))

    def _between(self, key: Key, kind: str, start: float, end: float) -> Block:
        with self._lock:
            found = self._observed.between(key.mine, kind, key.stream, start, end)
        return cast("Block", found)

    def arrived(self, after: int, limit: int) -> tuple[int, list[Stored]]:
        """What was stored after a cursor, and the new one."""
        with self._lock:
            cursor, found = self._observed.after(after, limit)
        return cursor, cast("list[Stored]", found)

    def newest(self) -> int:
        """The cursor after which nothing has arrived yet."""
        with self._lock:
            return self._observed.newest()

    def streams(self) -> list[StreamState]:
        """All streams, by mine and name."""
        with self._lock:
            rows = self._observed.all_series()
        found: dict[tuple[str, str, str], StreamState] = {}
        for mine, kind, stream, first, last, value, count in rows:
            if not count:
                continue
            shown = "readings" if kind == "readings" else "video"
            known = found.get((mine, stream, shown))
            if known is not None:  # frames, and now views
                first, last = min(first, known.first), max(last, known.last)
            number = np.nan if value is None else value
            state = StreamState(mine, stream, shown, first, last, number, count)
            found[mine, stream, shown] = state
        return list(found.values())

    def store_scores(self, mine: str, scores: Sequence[Scores]) -> None:
        """Keep scores; they replace those from the first to the last of their times."""
        with self._lock, self._judged.writing():
            for block in scores:
                if not len(block.time):
                    continue
                stream = f"{block.detector}/{block.stream}"
                state = self._judged.state(mine, "scores", stream)
                first, last = float(block.time.min()), float(block.time.max())
                if first <= state.last:
                    self._judged.cut(state, stream, first, last)
                self._judged.append(state, stream, block)

    def scores(self, mine: str, detector: str, stream: str, start: float, end: float) -> Scores:
        """Scores in order of time, without evidence."""
        with self._lock:
            found = self._judged.between(mine, "scores", f"{detector}/{stream}", start, end)
        return cast("Scores", rows_of(found, np.argsort(found.time, kind="stable")))

    def store_episodes(self, mine: str, episodes: Sequence[EpisodeRow]) -> None:
        """Keep episodes; one of an id known replaces it."""
        told = "INSERT OR REPLACE INTO episode VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        rows = [
            (mine, e.id, e.detector, e.stream, e.start, e.end, e.closed, e.peak, _text(e))
            for e in episodes
        ]
        with self._lock, self._judged.writing():
            self._judged.base.executemany(told, rows)

    def episodes(self, mine: str | None, start: float, end: float) -> list[tuple[str, EpisodeRow]]:
        """Episodes that share time with a stretch, by start."""
        told = f"SELECT mine, {_EPISODE} FROM episode WHERE end >= ? AND start < ?"  # noqa: S608
        values: tuple[float | str, ...] = (start, end)
        if mine is not None:
            told, values = told + " AND mine = ?", (*values, mine)
        with self._lock:
            rows = self._judged.base.execute(told + " ORDER BY start, mine, id", values).fetchall()
        return [(row[0], _episode(*row[1:])) for row in rows]

    def drop_before(self, kind: str, time: float) -> None:
        """Let go of what ends before ``time``."""
        with self._lock:
            if kind == "episodes":
                told = "DELETE FROM episode WHERE closed AND end < ?"
                with self._judged.writing():
                    self._judged.base.execute(told, (time,))
            else:
                (self._judged if kind == "scores" else self._observed).drop_before(kind, time)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._observed.base.close()
            self._judged.base.close()


def _whole(blocks: Sequence[Block]) -> Block:
    return blocks[0] if len(blocks) == 1 else cast("Block", joined(blocks))


def _identities(block: Block) -> list[tuple[int, ...]]:
    """What tells the samples of a stream apart."""
    columns = [np.ascontiguousarray(block.time, dtype="<f8")]
    if isinstance(block, Readings):
        columns.append(np.ascontiguousarray(block.value, dtype="<f8"))
    bits: list[NDArray[np.int64]] = [c.view("<i8") for c in columns]
    return list(zip(*(b.tolist() for b in bits), strict=True))


def _episode(
    number: str,
    detector: str,
    stream: str,
    start: float,
    end: float,
    closed: int,
    peak: float | None,
    document: str,
) -> EpisodeRow:
    reached = float("nan") if peak is None else peak
    known = json.loads(document)
    return EpisodeRow(number, detector, stream, start, end, bool(closed), reached, known)


def _text(episode: EpisodeRow) -> str:
    return json.dumps(dict(episode.document), ensure_ascii=False, sort_keys=True)
