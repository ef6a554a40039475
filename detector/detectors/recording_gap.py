"""recording_gap: seconds that recordings of a camera lack, or hold twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.observation import F64, Frames, Segment, Views
from detector.core.score import Evidence, Scores
from detector.signals.time_stamps import holes_between

#: Rows of a recording that was judged lie this far apart, s.
_ROW_S = 4.0
ON_DEMAND = "the recorder records on demand: gaps are usual"


@dataclass(frozen=True)
class RecordingGapParameters:
    """Parameters of :class:`RecordingGap`.

    * ``habit_files``: from so many neighbouring files on, what they usually lack or overlap is the
      recorder's habit and taken off;
    * ``demand_s``: where that varies by more than this and mostly footage lacks, the recorder
      records on demand, s;
    * ``demand_holes``: as does one with so many holes in a single recording;
    * ``minute_s``: names that only tell the minute are this vague, s.
    """

    habit_files: int = 5
    demand_s: float = 2.0
    demand_holes: int = 8
    minute_s: float = 60.0


class RecordingGap:
    """What names and metadata say of recordings, against what they hold.

    Score: seconds. Kinds: "missing" between two recordings, "overlap" of two, "shorter" or "longer"
    than its own times say, and "jump" of the time stamps inside a recording, far longer than its
    pictures are usually apart. A gap closed by moving what follows up leaves no trace in the times.
    Where no wall-clock time is known only jumps are judged. Blind for recorders that record on
    demand. All scores come when the streams have ended.
    """

    name: ClassVar[str] = "recording_gap"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: RecordingGapParameters | None = None) -> None:
        self.parameters = parameters or RecordingGapParameters()
        self._cameras: dict[str, _Camera] = {}

    def learn(self, observation: Observation) -> None:
        """Nothing to learn: all recordings are looked at together."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep what recordings say, and when their pictures were."""
        if isinstance(observation, Segment | Frames | Views):
            self._cameras.setdefault(observation.stream, _Camera()).add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Compare the recordings of every camera."""
        return [
            _scored(stream, camera, self.parameters)
            for stream, camera in sorted(self._cameras.items())
        ]


@dataclass
class _Camera:
    """Recordings of one camera; times of pictures where no recording tells its own holes."""

    segments: list[Segment] = field(default_factory=list)
    frames: list[tuple[F64, F64]] = field(default_factory=list)
    views: list[F64] = field(default_factory=list)

    def add(self, observation: Segment | Frames | Views) -> None:
        if isinstance(observation, Segment):
            if observation not in self.segments:
                self.segments.append(observation)
        elif isinstance(observation, Frames):
            self.frames.append((observation.time, observation.seconds.astype(np.float64)))
        else:
            self.views.append(observation.time)

    def span(self) -> tuple[float, float] | None:
        """First and last time of any picture, s."""
        times = [time for time, _ in self.frames] + self.views
        ends = [(float(time.min()), float(time.max())) for time in times if len(time)]
        return (min(a for a, _ in ends), max(b for _, b in ends)) if ends else None

    def holes(self) -> list[tuple[float, float]]:
        """Holes in its timeline."""
        told = [
            (base + start, base + end)
            for s in self.segments
            for base in [0.0 if np.isnan(s.start) else s.start]
            for start, end in s.holes
        ]
        if not self.segments and self.frames:
            time, seconds = (np.concatenate(column) for column in zip(*self.frames, strict=True))
            told += holes_between(time, seconds)
        elif not self.segments and self.views:
            time = np.unique(np.concatenate(self.views))
            told += holes_between(time[1:], np.diff(time))
        return sorted(set(told))


@dataclass(frozen=True)
class _Finding:
    start: float
    end: float
    kind: str
    value: float
    figures: dict[str, Any]


def _scored(stream: str, camera: _Camera, limits: RecordingGapParameters) -> Scores:
    timed = sorted(
        (s for s in camera.segments if np.isfinite(s.start) and np.isfinite(s.duration)),
        key=lambda s: (s.start, s.path),
    )
    found, on_demand = _between(timed, limits)
    found += _inside(timed, limits)
    jumps = camera.holes()
    if len(jumps) < limits.demand_holes:
        found += [_Finding(a, b, "jump", b - a, {"jump_s": round(b - a, 2)}) for a, b in jumps]
    blind = ON_DEMAND if on_demand or len(jumps) >= limits.demand_holes else None
    rows = _coverage(camera, timed, blind)
    rows += [(f.end, 0, f.value, f.start, None) for f in found]
    rows.sort(key=lambda row: row[:2])
    reasons = tuple(dict.fromkeys(row[4] for row in rows if row[4] is not None))
    return Scores(
        detector=RecordingGap.name,
        stream=stream,
        unit=RecordingGap.unit,
        time=np.array([row[0] for row in rows], dtype=np.float64),
        value=np.array([row[2] for row in rows], dtype=np.float64),
        since=np.array([row[3] for row in rows], dtype=np.float64),
        why=np.array([-1 if r[4] is None else reasons.index(r[4]) for r in rows], dtype=np.int8),
        reasons=reasons,
        evidence=tuple(_evidence(stream, f) for f in sorted(found, key=lambda f: f.end)),
    )


_Row = tuple[float, int, float, float, str | None]


def _coverage(camera: _Camera, timed: Sequence[Segment], blind: str | None) -> list[_Row]:
    """Rows all along every recording: judged, or blind."""
    spans = [(s.start, s.start + s.duration) for s in timed]
    if not spans:
        spans = [(0.0, s.duration) for s in camera.segments if np.isfinite(s.duration)]
        span = camera.span()
        if not spans and span is not None:
            spans = [span]
    value = 0.0 if blind is None else np.nan
    return [
        (float(time), 1, value, float(time), blind)
        for start, end in spans
        for time in (*np.arange(start, end, _ROW_S), end)
    ]


def _between(
    timed: Sequence[Segment], limits: RecordingGapParameters
) -> tuple[list[_Finding], bool]:
    """What lacks or is held twice between recordings, and whether that is how it is recorded."""
    until, pairs = -np.inf, []
    for i, segment in enumerate(timed):
        if i:
            pairs.append((until, segment, segment.start - until))
        until = max(until, _declared_end(segment))
    lacking = np.array([gap for _, _, gap in pairs])
    usual, spread = _habit(lacking, limits)
    vague = _vague(timed, spread, limits)
    on_demand = not vague and spread > limits.demand_s and usual > limits.demand_s
    found = []
    for i, (end, segment, gap) in enumerate(pairs):
        paths = {"before": timed[i].path, "after": segment.path}
        value = abs(gap - usual) - vague
        if value <= 0 or (gap > 0 and on_demand):
            continue
        if gap > 0:
            figures = {"missing_s": round(gap, 2), **paths}
            found.append(_Finding(end, segment.start, "missing", value, figures))
        elif gap < 0:
            last = min(end, _declared_end(segment))
            figures = {"overlap_s": round(last - segment.start, 2), **paths}
            value = min(value, last - segment.start)
            found.append(_Finding(segment.start, last, "overlap", value, figures))
    return found, on_demand


def _inside(timed: Sequence[Segment], limits: RecordingGapParameters) -> list[_Finding]:
    """Recordings that hold less or more than their times say."""
    declared = [s for s in timed if np.isfinite(s.end)]
    lacking = np.array([s.end - s.start - s.duration for s in declared])
    usual, spread = _habit(lacking, limits)
    vague = _vague(declared, spread, limits)
    found = []
    for segment, lack in zip(declared, lacking, strict=True):
        value = abs(float(lack) - usual) - vague
        if value <= 0:
            continue
        held = segment.start + segment.duration
        kind = "shorter" if lack > 0 else "longer"
        figures = {
            "declared_s": round(segment.end - segment.start, 2),
            "held_s": round(segment.duration, 2),
            "path": segment.path,
        }
        ends = sorted((held, segment.end))
        found.append(_Finding(ends[0], ends[1], kind, min(value, ends[1] - ends[0]), figures))
    return found


def _declared_end(segment: Segment) -> float:
    if np.isfinite(segment.end):
        return segment.end
    return segment.start + segment.duration


def _habit(lacking: F64, limits: RecordingGapParameters) -> tuple[float, float]:
    """What recordings usually lack (median, s) and by how much that varies; 0 for a few of them."""
    if len(lacking) < limits.habit_files:
        return 0.0, 0.0
    usual = float(np.median(lacking))
    return usual, float(np.median(np.abs(lacking - usual)))


def _vague(segments: Sequence[Segment], spread: float, limits: RecordingGapParameters) -> float:
    """Seconds by which names are vague: a minute where all tell whole minutes and none fits."""
    whole = all(s.start % limits.minute_s == 0 for s in segments)
    return limits.minute_s if whole and 2.0 < spread < limits.minute_s else 0.0


def _evidence(stream: str, found: _Finding) -> Evidence:
    stills = (("before", stream, found.start), ("after", stream, found.end))
    if found.kind == "overlap":
        stills = (("during", stream, found.start), ("after", stream, found.end))
    return Evidence(found.start, found.end, found.kind, found.figures, stills=stills)
