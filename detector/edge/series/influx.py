"""A series store in InfluxDB 1.8, 2 or 3, in one bucket.

Beside the measurements of :mod:`detector.edge.series.lines` there are ``journal``, whose points say
which stretches of which series were written, at the time of writing, in order; and ``episodes``,
one point each with its ``id`` as tag. Retention of the bucket comes before that of the service.
"""

# ruff: noqa: S608 - statements are made of our own words, numbers, and texts quoted by literal()
from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from threading import RLock
from typing import Any, cast

import numpy as np

from detector.core.observation import F64, Frames, Readings, Views
from detector.core.score import Scores
from detector.edge.series import EpisodeRow, Key, Stored, StreamState
from detector.edge.series.columns import kind_of
from detector.edge.series.influxql import Influx, Rows, literal
from detector.edge.series.lines import (
    FIELDS,
    block_of,
    escaped,
    lines,
    name_of,
    quoted,
    seconds,
    stamps,
    tag,
)

#: Series that are named in one point of the journal.
NAMED = 200
#: ns of the day whose samples :meth:`InfluxSeries.streams` counts.
_DAY = 86400 * 10**9
#: ns for which the journal is kept: no reader is that far behind.
_KEPT = 3 * _DAY
#: ns of a stretch that may be asked for together with others that begin as near.
_NEAR = 60 * 10**9
#: Seconds without samples that part stretches.
_PAUSE_S = 600.0
_LEAST, _MOST = -(2**62), 2**62
_EPISODE = 'detector, stream, start, "end", closed, peak, document'

_Stretch = tuple[str, str, str, int, int]


class InfluxSeries:
    """:class:`detector.edge.series.Series` in a bucket of InfluxDB."""

    def __init__(self, influx: Influx, clock: Callable[[], int] = time.time_ns) -> None:
        self._influx, self._clock = influx, clock
        self._lock = RLock()
        self._written = self.newest()
        self._episode_times: dict[tuple[str, str], int] = {}

    def store(self, batch: Sequence[Stored]) -> None:
        """Write blocks, and then that they were written."""
        points = [line for mine, block in batch for line in lines(mine, block)]
        if not points:
            return
        stretches = [
            [mine, kind_of(block), block.stream, *ends]
            for mine, block in batch
            for ends in _stretches(block.time)
        ]
        with self._lock:
            self._influx.write(points)
            noted = []
            for start in range(0, len(stretches), NAMED):
                self._written = max(self._clock(), self._written + 1)
                told = json.dumps(stretches[start : start + NAMED])
                noted.append(f"journal told={quoted(told)} {self._written}")
            self._influx.write(noted)

    def readings(self, key: Key, start: float, end: float) -> Readings:
        """Readings in order of time."""
        return cast("Readings", self._between(key, "readings", start, end))

    def frames(self, key: Key, start: float, end: float) -> Frames:
        """Frame features in order of time."""
        return cast("Frames", self._between(key, "frames", start, end))

    def views(self, key: Key, start: float, end: float) -> Views:
        """Views in order of time."""
        return cast("Views", self._between(key, "views", start, end))

    def _between(self, key: Key, kind: str, start: float, end: float) -> Any:
        told = _statement(kind, key.mine, key.stream, _ns(start), _ns(end))
        (found,) = self._query([told])
        return block_of(kind, key.stream, found[0].values if found else ())

    def _query(self, statements: Sequence[str]) -> list[list[Rows]]:
        with self._lock:
            return self._influx.query(statements)

    def arrived(self, after: int, limit: int) -> tuple[int, list[Stored]]:
        """What was written after a cursor, and the new one."""
        points = max(1, limit // 1000)
        told = f"SELECT told FROM journal WHERE time > {after} ORDER BY time LIMIT {points}"
        (found,) = self._query([told])
        stretches: dict[tuple[str, str, str, int], tuple[int, int]] = {}
        for at, text in found[0].values if found else ():
            after = at
            for mine, kind, stream, first, last in cast("list[_Stretch]", json.loads(text)):
                key = (mine, kind, stream, first // _NEAR)
                known = stretches.get(key, (first, last))
                stretches[key] = min(known[0], first), max(known[1], last)
        return after, self._read(stretches)

    def _read(self, stretches: dict[tuple[str, str, str, int], tuple[int, int]]) -> list[Stored]:
        """The rows of stretches of series; short ones of a mine near each other are asked for in
        one statement, and what else it gives is left out."""
        groups: dict[tuple[str, str, int], dict[str, tuple[int, int]]] = {}
        for number, ((mine, kind, stream, near), ends) in enumerate(stretches.items()):
            group = near if ends[1] - ends[0] <= _NEAR else -1 - number
            groups.setdefault((mine, kind, group), {})[stream] = ends
        asked = []
        for (mine, kind, _), own in groups.items():
            first, last = min(a for a, _ in own.values()), max(b for _, b in own.values())
            only = next(iter(own)) if len(own) == 1 else None
            asked.append(_statement(kind, mine, only, first, last + 1))
        answers = self._query(asked) if asked else []
        found: list[Stored] = []
        for ((mine, kind, _), own), answer in zip(groups.items(), answers, strict=True):
            for rows in answer:
                stream = name_of(rows.tags["stream"])
                first, last = own.get(stream, (0, -1))
                values = [row for row in rows.values if first <= row[0] <= last]
                if values:
                    found.append((mine, block_of(kind, stream, values)))
        return found

    def newest(self) -> int:
        """The cursor after which nothing has arrived yet."""
        (found,) = self._query(["SELECT told FROM journal ORDER BY time DESC LIMIT 1"])
        return int(found[0].values[0][0]) if found else 0

    def streams(self) -> list[StreamState]:
        """All streams, by mine and name; ``count`` is that of the last day."""
        states: dict[tuple[str, str, str], StreamState] = {}
        since = self._clock() - _DAY
        for kind, field in (("frames", "data"), ("views", "data"), ("readings", "value")):
            more = ", nan" if kind == "readings" else ""
            firsts, lasts, counts = self._query(
                [
                    f"SELECT first({field}) FROM {kind} GROUP BY mine, stream",
                    f"SELECT last({field}){more} FROM {kind} GROUP BY mine, stream",
                    f"SELECT count({field}) FROM {kind} WHERE time > {since} GROUP BY mine, stream",
                ]
            )
            counted = {_key(rows): int(rows.values[0][1]) for rows in counts}
            begun = {_key(rows): rows.values[0][0] for rows in firsts}
            for rows in lasts:
                shown = "readings" if kind == "readings" else "video"
                key, (at, value, *nan) = _key(rows), rows.values[0]
                first, last = seconds([begun.get(key, at), at])
                known = states.get((*key, shown))
                if known is not None:  # frames, and now views
                    first, last = min(first, known.first), max(last, known.last)
                number = float(value) if shown == "readings" and not any(nan) else np.nan
                count = counted.get(key, 0)
                state = StreamState(*key, shown, float(first), float(last), number, count)
                states[(*key, shown)] = state
        return [states[key] for key in sorted(states)]

    def store_scores(self, mine: str, scores: Sequence[Scores]) -> None:
        """Keep scores; they replace those of the same times."""
        with self._lock:
            self._influx.write([line for block in scores for line in lines(mine, block)])

    def scores(self, mine: str, detector: str, stream: str, start: float, end: float) -> Scores:
        """Scores in order of time, without evidence."""
        where = f" AND detector = {literal(tag(detector))}"
        told = _statement("scores", mine, stream, _ns(start), _ns(end), where)
        (found,) = self._query([told])
        values = found[0].values if found else ()
        return cast("Scores", block_of("scores", f"{detector}/{stream}", values))

    def store_episodes(self, mine: str, episodes: Sequence[EpisodeRow]) -> None:
        """Keep episodes; one of an id known replaces it."""
        with self._lock:
            points = [_episode_line(mine, e, self._time_of(mine, e)) for e in episodes]
            self._influx.write(points)

    def _time_of(self, mine: str, episode: EpisodeRow) -> int:
        """The time under which an episode is kept: that of its start when it was stored first."""
        known = self._episode_times.get((mine, episode.id))
        if known is None:
            where = f"mine = {literal(tag(mine))} AND id = {literal(tag(episode.id))}"
            told = f"SELECT document FROM episodes WHERE {where} ORDER BY time DESC LIMIT 1"
            (found,) = self._query([told])
            known = int(found[0].values[0][0]) if found else _ns(episode.start)
            self._episode_times[mine, episode.id] = known
        return known

    def episodes(self, mine: str | None, start: float, end: float) -> list[tuple[str, EpisodeRow]]:
        """Episodes that share time with a stretch, by start."""
        bounds = np.clip([start, end], -1e10, 1e10)  # InfluxQL has no exponents
        where = f'"end" >= {bounds[0]:.6f} AND start < {bounds[1]:.6f}'
        if mine is not None:
            where += f" AND mine = {literal(tag(mine))}"
        told = f"SELECT {_EPISODE} FROM episodes WHERE {where} GROUP BY mine, id"
        (found,) = self._query([told])
        rows = [
            (name_of(rows.tags["mine"]), _episode(name_of(rows.tags["id"]), rows.values[0]))
            for rows in found
        ]
        return sorted(rows, key=lambda row: (row[1].start, row[0], row[1].id))

    def drop_before(self, kind: str, time: float) -> None:
        """Let go of what ends before ``time``."""
        with self._lock:
            if kind != "episodes":
                self._influx.delete(kind, _ns(time), {})
                self._influx.delete("journal", self._clock() - _KEPT, {})
                return
            for mine, episode in self.episodes(None, -np.inf, np.inf):
                if episode.closed and episode.end < time:
                    self._influx.delete(
                        "episodes", _ns(time), {"mine": tag(mine), "id": tag(episode.id)}
                    )
                    self._episode_times.pop((mine, episode.id), None)

    def close(self) -> None:
        """Let go of the connections."""
        self._influx.close()


def _stretches(time: F64) -> list[tuple[int, int]]:
    """First and last of times in ns, apart where they pause: one that is far off is by itself."""
    known = np.sort(time[np.isfinite(time)])
    if not len(known):
        return []
    steps = np.diff(known)
    pause = max(_PAUSE_S, 10 * float(np.median(steps))) if len(steps) > 2 else _PAUSE_S
    after = np.flatnonzero(steps > pause)
    firsts, lasts = known[np.r_[0, after + 1]], known[np.r_[after, len(known) - 1]]
    return list(zip(stamps(firsts), stamps(lasts), strict=True))


def _ns(time_s: float) -> int:
    """A time in s as ns, within what InfluxDB can compare."""
    if not abs(time_s) < 4e9:
        return _MOST if time_s > 0 else _LEAST
    bound: F64 = np.array([time_s])
    return stamps(bound)[0]


def _finite(number: float) -> float:
    return float(np.clip(number, -1e300, 1e300))


def _statement(
    kind: str, mine: str, stream: str | None, first: int, before: int, more: str = ""
) -> str:
    """The rows of a stream, or of all of a mine, by stream."""
    where = f"mine = {literal(tag(mine))}{more} AND time >= {first} AND time < {before}"
    if stream is not None:
        where += f" AND stream = {literal(tag(stream))}"
    return f"SELECT {FIELDS[kind]} FROM {kind} WHERE {where} GROUP BY stream ORDER BY time"


def _key(rows: Rows) -> tuple[str, str]:
    return name_of(rows.tags["mine"]), name_of(rows.tags["stream"])


def _episode_line(mine: str, episode: EpisodeRow, at: int) -> str:
    document = json.dumps(dict(episode.document), sort_keys=True)
    texts = {"detector": episode.detector, "stream": episode.stream, "document": document}
    numbers = {"start": episode.start, "end": episode.end, "peak": _finite(episode.peak)}
    fields: Iterable[str] = [
        *(f"{name}={quoted(text)}" for name, text in texts.items()),
        *(f"{name}={float(number)!r}" for name, number in numbers.items() if number == number),
        f"closed={'t' if episode.closed else 'f'}",
    ]
    head = f"episodes,mine={escaped(tag(mine))},id={escaped(tag(episode.id))}"
    return f"{head} {','.join(fields)} {at}"


def _episode(name: str, row: Sequence[Any]) -> EpisodeRow:
    _, detector, stream, start, end, closed, peak, document = row
    reached = float("nan") if peak is None else float(peak)
    known = json.loads(document)
    return EpisodeRow(name, detector, stream, float(start), float(end), closed, reached, known)
