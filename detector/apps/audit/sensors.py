"""Files of readings on their way through an audit: streams, devices, what the report says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from detector.apps.audit.distribution import distribution
from detector.apps.audit.timeline import Recording
from detector.apps.report import schema
from detector.config import Configuration
from detector.core.episode import Episode
from detector.core.observation import Device, Readings, Tick
from detector.edge.inputs import printable, sha256
from detector.edge.readings import ReadingsFile, read_readings

#: Points of a plotted stretch of readings, and of a curve of a verdict; beyond, each bucket keeps
#: its first, lowest, highest and last.
_POINTS, _MORE_POINTS = 400, 1200
#: Local time is told by the zone's standard time: a summer's hour does not matter to day and night.
_A_WINTER_DAY = datetime(2026, 1, 15, 12)  # noqa: DTZ001 - local to whatever the zone is


@dataclass(frozen=True)
class SensorFile:
    """A file of readings as it was read, and the names its streams have in the audit."""

    file: ReadingsFile
    digest: str | None
    names: dict[str, str]

    @property
    def shown(self) -> str:
        """Its path as it can be shown."""
        return printable(self.file.path)

    def observations(self) -> Iterator[Readings]:
        """Its readings, by stream, in order of arrival."""
        for name, readings in self.file.streams.items():
            yield replace(readings, stream=self.names[name])

    def ticks(self) -> Iterator[Tick]:
        """Until when time passed on its streams: the latest time in the file."""
        _, end = self.file.span()
        for name in self.file.streams:
            yield Tick(self.names[name], end)

    def recordings(self) -> list[Recording]:
        """It on the timeline of each of its streams; the clock is the readings' own."""
        start, end = self.file.span()
        return [
            Recording(
                path=self.file.path,
                shown=self.shown,
                stream=self.names[name],
                sha256=self.digest,
                status=self.file.status,
                reason=None,
                wall=True,
                start=start,
                duration_s=max(end - start, 0.0),
                kind="readings",
            )
            for name in self.file.streams
        ]

    def input(self) -> schema.Input:
        """It as the report names it."""
        known = self.recordings()
        return schema.Input(
            path=self.shown,
            sha256=self.digest,
            kind="readings",
            stream=known[0].stream if len(known) == 1 else None,
            status=self.file.status,
            reason="; ".join(self.file.reasons) or None,
            start=known[0].wall_clock(0.0) if known else None,
            duration_s=known[0].duration_s if known else None,
            frames=self.file.rows,
        )


def read_sensors(
    paths: Sequence[Path], configuration: Configuration, taken: frozenset[str]
) -> list[SensorFile]:
    """Read files of readings; ``taken`` are the cameras' names.

    A stream is its column. Where several files have a column of that name, it is one stream where
    the site names it, or where all such files have all columns in common, several of them, and
    follow each other; else each file's is a stream of its own, told apart by the file's stem.
    """
    files = [read_readings(path) for path in paths]
    digests = [_digest(path) for path in paths]
    known = {stream.name for stream in configuration.site.streams}
    result = []
    for number, (file, digest) in enumerate(zip(files, digests, strict=True)):
        continues = _continues(file, [f for i, f in enumerate(files) if i != number])
        names = {
            name: name
            if name not in taken and (name in known or continues)
            else f"{printable(Path(file.path.stem))}:{name}"
            for name in file.streams
        }
        result.append(SensorFile(file, digest, names))
    return sorted(result, key=lambda s: (s.file.span()[0], s.shown))


def _digest(path: Path) -> str | None:
    try:
        return sha256(path)
    except OSError:
        return None


def _continues(file: ReadingsFile, others: Sequence[ReadingsFile]) -> bool:
    """Whether files that share columns with this one are further stretches of the same streams."""
    start, end = file.span()
    for other in others:
        if not file.streams.keys() & other.streams.keys():
            continue
        first, last = other.span()
        apart = first > end or start > last
        if not apart or len(file.streams) < 2 or other.streams.keys() != file.streams.keys():
            return False
    return True


def devices(streams: Sequence[str], configuration: Configuration) -> list[Device]:
    """What the site says of each stream's device; ``other`` of those it does not name."""
    site = configuration.site
    status = site.mine.status if site.mine else ""
    zone = ZoneInfo(site.recordings.timezone).utcoffset(_A_WINTER_DAY)
    zone_s = zone.total_seconds() if zone else 0.0
    named = {s.name: s for s in site.streams}
    cameras = {c.name: c for c in site.cameras}
    result = []
    for stream in streams:
        told, camera = named.get(stream), cameras.get(stream)
        if told is None:
            kind, shaft = ("camera", camera.shaft) if camera else ("other", "")
            where = camera.location if camera else ""
            device = Device(stream, kind=kind, location=where, shaft=shaft)
        else:
            low, high = told.range or (np.nan, np.nan)
            device = Device(
                stream,
                kind=told.kind,
                role=told.role or "",
                resolution=_or_nan(told.resolution),
                low=low,
                high=high,
                alarm_at=_or_nan(told.alarm_at),
                period_s=_or_nan(told.period_s),
                calibrating=_or_nan(told.calibrating),
                location=told.location,
                shaft=told.shaft,
            )
        result.append(replace(device, mine_status=status, zone_s=zone_s))
    return result


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


class Observed(Protocol):
    """What holds readings."""

    def observations(self) -> Iterable[Readings]:
        """Its readings."""


class Plots:
    """Stretches of readings for the report: of an episode, and of what it is compared with."""

    def __init__(self, sensors: Sequence[Observed]) -> None:
        blocks: dict[str, list[Readings]] = {}
        for sensor in sensors:
            for readings in sensor.observations():
                blocks.setdefault(readings.stream, []).append(readings)
        self._time = {s: np.concatenate([b.time for b in bs]) for s, bs in blocks.items()}
        self._value = {s: np.concatenate([b.value for b in bs]) for s, bs in blocks.items()}

    def of(self, episode: Episode, offset: float) -> dict[str, schema.Series | schema.Distribution]:
        """The episode's stretch, as long again on either side, and the other one at the same lag;
        where values were kept below a limit, how they are distributed.

        Times count as the episode's ``start_s`` does: from ``offset`` s.
        """
        around = max(episode.end - episode.start, 60.0)
        start, end = episode.start - around, episode.end + around
        found: dict[str, schema.Series | schema.Distribution | None] = {
            "readings": self._cut(episode.stream, start, end, offset)
        }
        if episode.evidence is not None and episode.stream in self._time:
            time = self._time[episode.stream]
            inside = (time >= episode.start) & (time <= episode.end)
            value, figures = self._value[episode.stream], episode.evidence.figures
            found["distribution"] = distribution(value, inside, figures)
        other = episode.evidence.other if episode.evidence else None
        if other is not None:
            lag = other.lag
            found["other_readings"] = self._cut(other.stream, start - lag, end - lag, offset - lag)
        return {name: series for name, series in found.items() if series is not None}

    def between(self, stream: str, start: float, end: float) -> schema.Series | None:
        """A stream's readings from ``start`` to ``end`` s, thinned; None of fewer than two."""
        return self._cut(stream, start, end, 0.0, _MORE_POINTS)

    def _cut(
        self, stream: str, start: float, end: float, offset: float, points: int = _POINTS
    ) -> schema.Series | None:
        if stream not in self._time:
            return None
        time, value = self._time[stream], self._value[stream]
        use = (time >= start) & (time <= end) & np.isfinite(value)
        order = np.argsort(time[use], kind="stable")
        kept = _thinned(value[use][order], points)
        if len(kept) < 2:
            return None
        time, value = time[use][order][kept] - offset, value[use][order][kept]
        return schema.Series(time_s=time.tolist(), value=value.tolist())


def _thinned(value: np.ndarray[tuple[int], np.dtype[np.float64]], points: int) -> list[int]:
    """Rows to keep: all, or what a line chart needs of each bucket."""
    if len(value) <= points:
        return list(range(len(value)))
    buckets = np.array_split(np.arange(len(value)), points // 4)
    ends = {int(b[pick(value[b])]) for b in buckets for pick in (np.argmin, np.argmax)}
    return sorted(ends | {int(b[i]) for b in buckets for i in (0, -1)})
