"""A camera's timeline as geometry: files, episodes and blind stretches along one axis, in %."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from detector.apps.report import sentences
from detector.apps.report.cameras import Camera, Finding
from detector.apps.report.clock import Tick, ticks
from detector.apps.report.schema import Coverage, Input
from detector.apps.report.texts import Texts, offset, visible

#: No bar is narrower than this (%), so that it can be seen and selected.
NARROWEST = 0.8
#: A bar at least this wide (%) has room for its letter on a narrow screen too.
ROOM = 5.0


@dataclass(frozen=True)
class Bar:
    """A stretch from ``x`` to ``x + width`` (%); ``kind`` is what it is drawn as."""

    x: float
    width: float
    kind: str
    title: str
    href: str = ""
    letter: str = ""


@dataclass
class Lane:
    """The row of one check."""

    detector: str
    letter: str
    name: str
    bars: list[Bar] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Track:
    """Files on one time axis, with a lane per check that has something to show."""

    files: list[Bar]
    lanes: list[Lane]
    ticks: list[Tick]
    caption: str


@dataclass(frozen=True)
class _Axis:
    """Where files begin (s) on an axis of ``length_s``; ``zero`` is the wall clock at its 0."""

    starts: dict[str, float]
    length_s: float
    zero: datetime | None
    inputs: tuple[Input, ...]

    def bar(self, path: str, start_s: float, end_s: float) -> tuple[float, float] | None:
        """(x, width) in %, or None where it is not on this axis."""
        if path not in self.starts or not self.length_s:
            return None
        at = 100 * (self.starts[path] + start_s) / self.length_s
        to = 100 * (self.starts[path] + end_s) / self.length_s
        at, to = min(max(at, 0.0), 100.0), min(max(to, 0.0), 100.0)
        width = max(to - at, NARROWEST)
        return round(min(at, 100 - width), 3), round(width, 3)


def tracks(camera: Camera, t: Texts) -> list[Track]:
    """The timelines of a camera: one by the wall clock, or one per file where that is unknown."""
    axes = list(_axes(camera, t))
    return [_track(camera, axis, t, alone=len(axes) == 1) for axis in axes]


def _axes(camera: Camera, t: Texts) -> Iterator[_Axis]:
    known = [(t.wall(i.start), i) for i in camera.inputs if i.duration_s]
    aware = any(start is not None and start.tzinfo for start, _ in known)
    timed = [(s, i) for s, i in known if s is not None and bool(s.tzinfo) == aware]
    if timed:
        zero = min(s for s, _ in timed)
        starts = {i.path: (s - zero).total_seconds() for s, i in timed}
        yield _axis(camera, starts, zero, [i for _, i in timed])
    for i in camera.inputs:
        if all(i is not other for _, other in timed):
            yield _axis(camera, {i.path: 0.0}, None, [i])


def _axis(
    camera: Camera, starts: dict[str, float], zero: datetime | None, inputs: list[Input]
) -> _Axis:
    ends = [starts[i.path] + (i.duration_s or 0.0) for i in inputs]
    found = [f.episode for f in camera.findings if f.episode.path in starts]
    ends += [starts[e.path] + e.end_s for e in found]
    return _Axis(starts, max(ends), zero, tuple(inputs))


def _track(camera: Camera, axis: _Axis, t: Texts, *, alone: bool) -> Track:
    lanes: dict[str, Lane] = {}

    def lane(detector: str) -> Lane:
        name, letter = sentences.detector_name(detector, t), sentences.letter(detector, t)
        return lanes.setdefault(detector, Lane(detector, letter, name))

    for coverage in camera.coverage:
        for bar in _blind(coverage, axis, t):
            lane(coverage.detector).bars.append(bar)
        if alone and coverage.blind_s and not coverage.blind:
            duration = t.duration(coverage.blind_s)
            lane(coverage.detector).note = t("timeline.blind_somewhere", duration=duration)
    for finding in camera.showings:
        _append(lane(finding.episode.detector), _ghost(finding, axis, t))
    for finding in camera.findings:
        _append(lane(finding.episode.detector), _found(finding, axis, t))
    shown = [
        lanes[d] for d in sorted(lanes, key=_catalogue_order) if lanes[d].bars or lanes[d].note
    ]
    return Track(
        files=[bar for i in axis.inputs for bar in _file(i, axis, t)],
        lanes=shown,
        ticks=ticks(0.0, axis.length_s, axis.zero),
        caption=_caption(axis, t),
    )


def _append(lane: Lane, bar: Bar | None) -> None:
    if bar is not None:
        lane.bars.append(bar)


def _catalogue_order(detector: str) -> tuple[int, str]:
    order = [
        *("frozen_frame", "replayed_video", "duplicated_video"),
        *("uninformative_frame", "moved_camera", "recording_gap"),
    ]
    return (order.index(detector) if detector in order else len(order), detector)


def _caption(axis: _Axis, t: Texts) -> str:
    if not axis.length_s:
        return ""
    if axis.zero is None:
        return t("timeline.axis_offset", file=visible(axis.inputs[0].path))
    zone = axis.zero.strftime("%Z") if axis.zero.tzinfo else t("timeline.zone_unknown")
    days = f"{axis.zero:%Y-%m-%d}"
    return f"{days}, " + t("timeline.axis_clock", zone=zone)


def _file(i: Input, axis: _Axis, t: Texts) -> Iterator[Bar]:
    why = visible(i.reason or t("blind.why_unknown"))
    name, duration = visible(i.path), t.duration(i.duration_s or 0.0)
    if i.status == "unreadable" or not i.duration_s:
        title = t("timeline.unreadable", file=name, why=why)
        place = axis.bar(i.path, 0.0, i.duration_s or axis.length_s) or (0.0, 100.0)
        yield Bar(*place, "unreadable", title)
    elif found := axis.bar(i.path, 0.0, i.duration_s):
        partial = i.status == "partial"
        key = "timeline.recorded_partial" if partial else "timeline.recorded"
        title = t(key, file=name, duration=duration, why=why)
        yield Bar(*found, "partial" if partial else "file", title)


def _blind(coverage: Coverage, axis: _Axis, t: Texts) -> Iterator[Bar]:
    for b in coverage.blind:
        if place := axis.bar(b.path, b.start_s, b.end_s):
            title = t(
                "timeline.blind",
                name=sentences.detector_name(coverage.detector, t),
                when=t("span.dash", start=offset(b.start_s), end=offset(b.end_s)),
                duration=t.duration(b.end_s - b.start_s),
                why=sentences.reason(b.why, t),
            )
            yield Bar(*place, "blind", title)


def _found(finding: Finding, axis: _Axis, t: Texts) -> Bar | None:
    e = finding.episode
    place = axis.bar(e.path, e.start_s, e.end_s)
    if place is None:
        return None
    title = t(
        "timeline.found",
        name=sentences.title(e, t),
        number=finding.number,
        when=sentences.when(e, t),
        duration=t.duration(e.end_s - e.start_s),
    )
    letter = sentences.letter(e.detector, t) if place[1] >= ROOM else ""
    return Bar(*place, e.detector, title, f"#{finding.anchor}", letter)


def _ghost(finding: Finding, axis: _Axis, t: Texts) -> Bar | None:
    other = finding.episode.other
    place = axis.bar(other.path, other.start_s, other.end_s) if other else None
    if other is None or place is None:
        return None
    when = sentences.span_dash(other, t)
    title = t("timeline.ghost", number=finding.number, when=when)
    return Bar(*place, "ghost", title, f"#{finding.anchor}")
