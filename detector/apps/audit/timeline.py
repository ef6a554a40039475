"""Recordings of one camera on one timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from detector.core.observation import Frames, Segment, Views
from detector.edge.packets import Packets
from detector.edge.task import Status
from detector.signals.time_stamps import holes


@dataclass(frozen=True)
class Recording:
    """One recording, or a file of readings for one of its streams, as it was read.

    ``start`` s: where it lies on its camera's timeline (Unix where ``wall``, else 0). ``end`` s:
    where it should end by its name, None where that is not known.
    """

    path: Path
    shown: str
    stream: str
    sha256: str | None
    status: Status
    reason: str | None
    wall: bool = False
    start: float = 0.0
    end: float | None = None
    duration_s: float | None = None
    pictures: int | None = None
    frames: Frames | None = None
    views: Views | None = None
    packets: Packets | None = None
    coarse: bool = False
    kind: Literal["video", "readings"] = "video"

    def observations(self) -> list[Frames | Views]:
        """What it holds, on the camera's timeline."""
        return [
            replace(block, stream=self.stream, time=block.time + self.start)
            for block in (self.views, self.frames)
            if block is not None and len(block)
        ]

    def segment(self) -> Segment | None:
        """What names and times say of it; None where nothing was read."""
        if self.duration_s is None:
            return None
        return Segment(
            stream=self.stream,
            path=self.shown,
            start=self.start if self.wall else float("nan"),
            end=self.end if self.end is not None else float("nan"),
            duration=self.duration_s,
            holes=self._holes(),
        )

    def _holes(self) -> tuple[tuple[float, float], ...]:
        return holes(self.packets.time) if self.packets is not None else ()

    def footage(self) -> list[tuple[float, float]]:
        """Stretches [start, end] (s from its first picture) it holds: all of it but its holes."""
        edges = [0.0, *(t for hole in self._holes() for t in hole), self.duration_s or 0.0]
        return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]

    def wall_clock(self, at_s: float) -> str | None:
        """ISO 8601 of an instant ``at_s`` s into the recording, None where the clock is unknown."""
        if not self.wall:
            return None
        return datetime.fromtimestamp(self.start + at_s, UTC).isoformat(timespec="milliseconds")


class Timelines:
    """Finds the recording that shows an instant of a camera's timeline."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._by_stream: dict[str, list[Recording]] = {}
        for recording in sorted(recordings, key=lambda r: (r.start, r.shown)):
            if recording.duration_s is not None:
                self._by_stream.setdefault(recording.stream, []).append(recording)

    def at(self, stream: str, time: float) -> Recording | None:
        """The recording that shows ``time`` s: the last that began by then, else the first."""
        recordings = self._by_stream.get(stream, [])
        begun = [r for r in recordings if r.start <= time + 0.25]
        return begun[-1] if begun else (recordings[0] if recordings else None)

    def sensors(self) -> frozenset[str]:
        """The streams that are readings."""
        return frozenset(s for s, rs in self._by_stream.items() if rs[0].kind == "readings")

    def cameras(self) -> frozenset[str]:
        """The streams that are pictures."""
        return frozenset(self._by_stream) - self.sensors()

    def recordings(self, stream: str) -> list[Recording]:
        """The recordings of a stream, in order."""
        return self._by_stream.get(stream, [])

    def end(self, stream: str) -> float:
        """Where a stream's last recording ends, s."""
        return max(r.start + (r.duration_s or 0.0) for r in self._by_stream[stream])
