"""What the report says first: one line, what stands against it, and counts by kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from detector.apps.report import sentences
from detector.apps.report.cameras import Camera, Finding
from detector.apps.report.schema import Report
from detector.apps.report.texts import Texts, visible

#: Names listed in a sentence before "and so many more".
NAMED = 4

Tone = Literal["found", "doubt", "clean"]


@dataclass(frozen=True)
class Count:
    """Findings of one kind."""

    detector: str
    letter: str
    title: str
    findings: str
    where: str


@dataclass(frozen=True)
class Verdict:
    """``tone`` is ``clean`` only where everything was read, judged and found without fault."""

    tone: Tone
    headline: str
    lines: list[str]
    counts: list[Count]


def verdict(report: Report, cameras: list[Camera], t: Texts) -> Verdict:
    """The verdict over all cameras."""
    doubts = list(_doubts(report, cameras, t))
    tone: Tone = "found" if report.episodes else "doubt" if doubts or not cameras else "clean"
    lines = [*_audited(report, cameras, t), *doubts]
    if tone == "clean":
        lines.append(t("verdict.clean_more"))
    return Verdict(tone, _headline(report, cameras, doubts, t), lines, _counts(cameras, t))


def _headline(report: Report, cameras: list[Camera], doubts: list[str], t: Texts) -> str:
    if report.episodes:
        found, total = sum(1 for c in cameras if c.involved), of_cameras(len(cameras), cameras, t)
        return t.count("verdict.found", len(report.episodes), found=found, total=total)
    if not any(c.recorded_s for c in cameras):
        return t("verdict.nothing")
    if not doubts:
        return t("verdict.clean")
    unread = any(c.state in {"unread", "partial"} for c in cameras)
    unread = unread or report.interrupted or bool(report.not_audited)
    return t("verdict.unread" if unread else "verdict.blind")


def of_cameras(n: int, cameras: list[Camera], t: Texts) -> str:
    """``n`` cameras, or streams where some are none."""
    noun = "noun.stream" if any(c.sensor for c in cameras) else "noun.camera"
    return t.count(noun, n)


def _audited(report: Report, cameras: list[Camera], t: Texts) -> Iterator[str]:
    files = t.count("noun.file", sum(i.status != "unreadable" for i in report.inputs))
    duration = t.duration(sum(c.recorded_s for c in cameras))
    names = of_cameras(sum(1 for c in cameras if c.recorded_s), cameras, t)
    yield t("verdict.audited", files=files, cameras=names, duration=duration)
    if span := _period(report, t):
        key = "verdict.period_clock" if span[2] else "verdict.period"
        yield t(key, start=span[0], end=span[1], clock=span[2])


def _doubts(report: Report, cameras: list[Camera], t: Texts) -> Iterator[str]:
    if report.interrupted:
        yield t("verdict.interrupted")
    by_status = defaultdict(list)
    for i in report.inputs:
        by_status[i.status].append(i.path)
    for key, paths in (
        ("verdict.unreadable", by_status["unreadable"]),
        ("verdict.partial", by_status["partial"]),
        ("verdict.not_audited", [n.path for n in report.not_audited]),
    ):
        if paths:
            yield t(key, files=_named(paths, t))
    unjudged = sum(1 for c in cameras if c.recorded_s and not any(k.judged_s for k in c.coverage))
    blind = sum(1 for c in cameras if c.blind and any(k.judged_s for k in c.coverage))
    if unjudged:
        yield t("verdict.unjudged", cameras=of_cameras(unjudged, cameras, t))
    if blind:
        yield t("verdict.blind_line", cameras=of_cameras(blind, cameras, t))


def _named(paths: list[str], t: Texts) -> str:
    if len(paths) > NAMED:
        return t.count("noun.file", len(paths))
    return t.names([visible(path) for path in paths])


def _counts(cameras: list[Camera], t: Texts) -> list[Count]:
    kinds: dict[tuple[str, str], list[tuple[Camera, Finding]]] = defaultdict(list)
    for camera in cameras:
        for finding in camera.findings:
            kind = (finding.episode.detector, sentences.title(finding.episode, t))
            kinds[kind].append((camera, finding))
    return [
        Count(
            detector=detector,
            letter=sentences.letter(detector, t),
            title=title,
            findings=str(len(found)),
            where=t(
                "verdict.cameras_short",
                cameras=of_cameras(len(_involved(found)), cameras, t),
                duration=t.duration(sum(f.episode.end_s - f.episode.start_s for _, f in found)),
            ),
        )
        for (detector, title), found in sorted(kinds.items(), key=lambda k: (-len(k[1]), k[0]))
    ]


def _involved(found: list[tuple[Camera, Finding]]) -> set[str]:
    own = {camera.name for camera, _ in found}
    return own | {f.episode.other.stream for _, f in found if f.episode.other is not None}


def _period(report: Report, t: Texts) -> tuple[str, str, str] | None:
    """From when to when was recorded, and by the clock of which zone, where all recordings tell by
    the same kind of clock."""
    times = [(t.wall(i.start), i.duration_s) for i in report.inputs if i.duration_s]
    known = [(s, s + timedelta(seconds=length or 0)) for s, length in times if s is not None]
    if not known or len(known) < len(times) or len({s.tzinfo is None for s, _ in known}) > 1:
        return None
    first, last = min(s for s, _ in known), max(e for _, e in known)
    return f"{first:%Y-%m-%d %H:%M:%S}", f"{last:%Y-%m-%d %H:%M:%S}", str(first.tzinfo or "")
