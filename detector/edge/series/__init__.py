"""The series store: what was observed, scored and found, kept so that all is judged from it.

Two stores have this interface: SQLite (:mod:`detector.edge.series.sqlite`) and InfluxDB
(:mod:`detector.edge.series.influx`); :mod:`detector.edge.series.spool` stands before either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from detector.core.observation import Frames, Readings, Views
from detector.core.score import Scores

Block = Readings | Frames | Views
#: A mine's code and a block of one of its streams.
Stored = tuple[str, Block]


class StoreUnavailable(Exception):
    """The store cannot be reached or cannot write now; the same may succeed later."""


class Key(NamedTuple):
    """What identifies a stream."""

    mine: str
    stream: str


@dataclass(frozen=True)
class StreamState:
    """A stream in the store.

    * ``kind``: "readings" or "video" (frames and views);
    * ``first``, ``last`` s (Unix): times of its earliest and its latest sample;
    * ``value``: that of the reading stored last, NaN for video; ``count``: samples stored (of a
      camera: views where there are any, else frames). Both may count what was dropped since.
    """

    mine: str
    stream: str
    kind: str
    first: float
    last: float
    value: float
    count: int


@dataclass(frozen=True)
class EpisodeRow:
    """An episode as stored: ``start``, ``end`` in s (Unix), ``document`` as in report.json."""

    id: str
    detector: str
    stream: str
    start: float
    end: float
    closed: bool
    peak: float
    document: Mapping[str, Any]


class Series(Protocol):
    """A store of series. Times are Unix seconds to the microsecond; ends are exclusive.

    Writing raises :class:`StoreUnavailable` where it did not succeed; it may be tried again as it
    is. An object may be used by several threads, one at a time.
    """

    def store(self, batch: Sequence[Stored]) -> None:
        """Keep blocks, durable when it returns.

        The same sample twice (readings: of the same time and value; frames and views: of the same
        time) is stored once, and what was stored first stays: another value for a time already
        reported is evidence, and is kept beside it where the store can (SQLite; InfluxDB keeps the
        later one). NaN times are not stored.
        """

    def readings(self, key: Key, start: float, end: float) -> Readings:
        """Readings in order of arrival where the store knows it (SQLite), else of time."""

    def frames(self, key: Key, start: float, end: float) -> Frames:
        """Frame features in order of time."""

    def views(self, key: Key, start: float, end: float) -> Views:
        """Views in order of time."""

    def arrived(self, after: int, limit: int) -> tuple[int, list[Stored]]:
        """What was stored after a cursor (0: from the beginning), at least one block if there is
        any and about ``limit`` rows at most, and the new cursor.

        Nothing is left out; what was stored may come again to a reader that is far behind.
        """

    def newest(self) -> int:
        """The cursor after which nothing has arrived yet."""

    def streams(self) -> list[StreamState]:
        """All streams, by mine and name."""

    def store_scores(self, mine: str, scores: Sequence[Scores]) -> None:
        """Keep times, values, ``since`` and reasons; they replace those of the same detector and
        stream from the first to the last of their times."""

    def scores(self, mine: str, detector: str, stream: str, start: float, end: float) -> Scores:
        """Scores in order of time, without evidence."""

    def store_episodes(self, mine: str, episodes: Sequence[EpisodeRow]) -> None:
        """Keep episodes; one of an id known replaces it."""

    def episodes(self, mine: str | None, start: float, end: float) -> list[tuple[str, EpisodeRow]]:
        """Episodes that share time with a stretch, of a mine or of all (None), by start."""

    def drop_before(self, kind: str, time: float) -> None:
        """Retention: let go of "readings", "frames", "views", "scores" or "episodes" (closed ones)
        that end before ``time``; a store may keep some a little longer."""

    def close(self) -> None:
        """Let go of the store."""
