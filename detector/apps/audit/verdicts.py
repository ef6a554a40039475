"""Episodes of a shaft's cameras and streams to a verdict, with the figure that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from detector.apps.audit.sensors import Plots
from detector.apps.audit.shafts import Shaft, shafts_of
from detector.apps.audit.timeline import Recording
from detector.apps.report import cases, schema
from detector.apps.report.texts import Texts, wall
from detector.config.site import Site
from detector.core.verdict import Claim, Verdict, verdict_of
from detector.signals.liveliness import liveliness

#: Curves of a figure at most, and what is worth showing besides what was found.
_CURVES = 6
_WORTH = ("hoist", "belt_scale", "count", "power", "methane")
#: Points of a curve at most.
_POINTS = 400
#: Length of what is shown before and after the recordings or findings, in parts of theirs.
_AROUND = {True: 1.0, False: 0.1}
#: What a verdict of each kind is about: it holds since the first of these.
_LEADING = {k: {k} for k in ("signals", "picture", "readings", "faults")} | {
    "picture_and_signals": {"picture_and_signals", "signals", "picture"}
}


@dataclass(frozen=True)
class Timed:
    """An episode of the report and when it was, s on its stream's timeline."""

    episode: schema.Episode
    start: float
    end: float

    def claim(self) -> Claim:
        """It as evidence."""
        e = self.episode
        named = str(e.evidence.figures.get("signal", "")).split(", ")
        parts = e.evidence.figures if e.evidence.kind == "undeclared" else {}
        other = e.other.stream if e.other else ""
        rests = frozenset({*named, *parts}) - {"", "highest"}
        kind = e.evidence.kind or ""
        return Claim(e.id, e.detector, kind, e.stream, self.start, self.end, other, rests)


def verdicts_of(
    timed: Sequence[Timed],
    site: Site,
    recordings: Sequence[Recording],
    streams: Sequence[str],
    plots: Plots,
) -> list[schema.Verdict]:
    """A verdict per shaft with findings, and one of the mine for what belongs to no shaft; none
    where no configuration says what belongs together. A mine with one shaft is one."""
    cameras = sorted({r.stream for r in recordings})
    shafts = shafts_of(site, cameras, streams)
    if not shafts and site.mine is None:
        return []
    if len(shafts) == 1:
        shafts = [Shaft(shafts[0].name, tuple(cameras), tuple(streams))]
    told = []
    for shaft in [*shafts, _rest(shafts, cameras, streams)]:
        members = {*shaft.cameras, *shaft.streams}
        own = [t for t in timed if t.episode.stream in members]
        verdict = verdict_of([t.claim() for t in own])
        if verdict is not None:
            told.append(_told(verdict, shaft, own, site, recordings, plots))
    return told


def _rest(shafts: Sequence[Shaft], cameras: Sequence[str], streams: Sequence[str]) -> Shaft:
    taken = {name for s in shafts for name in (*s.cameras, *s.streams)}
    left = (tuple(n for n in names if n not in taken) for names in (cameras, streams))
    return Shaft("", *left)


def _told(
    verdict: Verdict,
    shaft: Shaft,
    timed: Sequence[Timed],
    site: Site,
    recordings: Sequence[Recording],
    plots: Plots,
) -> schema.Verdict:
    by_id = {t.episode.id: t for t in timed}
    counted = [by_id[c.identity] for c in verdict.claims]
    telling = [by_id[c.identity] for c in verdict.claims if c.family != "faults"] or counted
    leading = [by_id[c.identity] for c in verdict.claims if c.family in _LEADING[verdict.kind]]
    clocked = [t for t in leading if t.episode.start] or leading
    first = min(clocked, key=lambda t: t.start)
    films = [r for r in recordings if r.stream in shaft.cameras and r.frames is not None]
    start, end = _span(counted, films)
    known = first.episode.start is not None
    curves = _curves(shaft, counted, films, site, plots, (start, end))
    result = schema.Verdict(
        shaft=shaft.name or None,
        kind=verdict.kind,
        sure=verdict.sure,
        independent=verdict.independent,
        since=first.episode.start,
        since_s=first.episode.start_s,
        summary="-",
        episodes=[c.identity for c in verdict.claims],
        repeats=[schema.Repeat(id=a, of=b) for a, b in verdict.repeats],
        benign=cases.benign_of([t.episode for t in telling]),
        zero=datetime.fromtimestamp(start, UTC).isoformat() if known else None,
        start_s=0.0 if known else start,
        end_s=end - start if known else end,
        curves=[_moved(c, start) for c in curves] if known else curves,
    )
    texts = Texts("en", ZoneInfo(site.recordings.timezone))
    summary = cases.sentence(result, [t.episode for t in counted], texts)
    return result.model_copy(update={"summary": summary})


def _span(counted: Sequence[Timed], films: Sequence[Recording]) -> tuple[float, float]:
    """What the figure shows, s: around the recordings where picture and signals contradict each
    other, else around the findings."""
    shaft = any(t.episode.detector == "inconsistent_shaft" for t in counted)
    spans = [(t.start, t.end) for t in counted]
    if shaft and films:
        spans = [(r.start, r.start + (r.duration_s or 0.0)) for r in films]
    start, end = min(a for a, _ in spans), max(b for _, b in spans)
    around = _AROUND[shaft] * max(end - start, 60.0)
    return max(start - around, 0.0), end + around


def _curves(
    shaft: Shaft,
    counted: Sequence[Timed],
    films: Sequence[Recording],
    site: Site,
    plots: Plots,
    span: tuple[float, float],
) -> list[schema.Curve]:
    shown = [c for name in sorted({r.stream for r in films}) for c in _activity(name, films, span)]
    kinds: Mapping[str, str] = {s.name: s.kind for s in site.streams}
    units = {s.name: s.unit for s in site.streams}
    found = {t.episode.stream for t in counted}
    worth = [s for s in shaft.streams if s in found or kinds.get(s) in _WORTH]
    worth.sort(key=lambda s: (s not in found, _place(kinds.get(s, "")), s))
    for stream in worth:
        series = plots.between(stream, *span)
        flat = series is None or len(set(series.value)) < 2
        if series is not None and not (flat and stream not in found) and len(shown) < _CURVES:
            unit = units.get(stream, "")
            shown.append(schema.Curve(stream=stream, what="readings", unit=unit, series=series))
    return shown


def _place(kind: str) -> int:
    return _WORTH.index(kind) if kind in _WORTH else len(_WORTH)


def _activity(
    camera: str, films: Sequence[Recording], span: tuple[float, float]
) -> list[schema.Curve]:
    """How many parts of the camera's picture move, second by second or the most of longer bins."""
    time: list[float] = []
    value: list[float | None] = []
    for film in films:
        if film.stream != camera or film.frames is None or not len(film.frames):
            continue
        live = liveliness(film.frames)
        at = live.seconds() + film.start
        use = (at >= span[0]) & (at <= span[1])
        size = max(1, -(-int(use.sum()) // _POINTS))
        for a in range(0, int(use.sum()), size):
            time.append(float(at[use][a]))
            value.append(float(live.tiles[use][a : a + size].max()))
    if len(time) < 2:
        return []
    order = np.argsort(time, kind="stable")
    series = schema.Series(time_s=[time[i] for i in order], value=[value[i] for i in order])
    return [schema.Curve(stream=camera, what="activity", series=series)]


def _moved(curve: schema.Curve, by: float) -> schema.Curve:
    times = [t - by for t in curve.series.time_s]
    series = schema.Series(time_s=times, value=curve.series.value)
    return curve.model_copy(update={"series": series})


def timed(episode: schema.Episode, offset: float) -> Timed:
    """An episode of a file that begins at ``offset`` s of its stream's timeline."""
    start = wall(episode.start)
    at = start.timestamp() if start is not None else offset + episode.start_s
    return Timed(episode, at, at + episode.end_s - episode.start_s)
