"""Episodes and scores to the report: where in which file, coverage, evidence, stills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from detector.apps.audit.sensors import Plots
from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.report import schema, sentences
from detector.apps.report.texts import Texts
from detector.core.episode import Episode, Threshold
from detector.core.score import Evidence, Scores
from detector.detectors.repetition import UNSEEN
from detector.pipeline import Failure
from detector.signals.runs import runs

#: Rows further apart than this are not one stretch, s.
_LINK_S = 5.0
_LIFTED = ("similarity", "period_s", "repetitions", "flipped", "benign")


@dataclass
class Stills:
    """Pictures wanted for the evidence: (time in s, target) by recording."""

    folder: Path
    wanted: dict[Path, list[tuple[float, Path]]] = field(default_factory=dict)

    def want(self, recording: Recording, at_s: float, name: str) -> None:
        """Ask for the picture at ``at_s`` s of a recording."""
        self.wanted.setdefault(recording.path, []).append((at_s, self.folder / name))


def episode_of(
    episode: Episode,
    timelines: Timelines,
    threshold: Threshold,
    stills: Stills,
    plots: Plots,
    texts: Texts,
) -> schema.Episode:
    """An episode as the report shows it; its stills are asked for."""
    recording = timelines.at(episode.stream, episode.start)
    assert recording is not None
    offset = recording.start
    start_s, end_s = episode.start - offset, episode.end - offset
    last = timelines.at(episode.stream, episode.end)
    if episode.until_end and last is not None:
        end_s = max(end_s, last.start + (last.duration_s or 0.0) - offset)
    showing = episode.evidence.other if episode.evidence else None
    copied = showing.stream if showing else None
    identity = schema.episode_id(episode.detector, episode.stream, recording.shown, start_s, copied)
    shown = schema.Episode(
        id=identity,
        detector=episode.detector,
        stream=episode.stream,
        path=recording.shown,
        start_s=max(start_s, 0.0),
        end_s=end_s,
        start=recording.wall_clock(start_s),
        end=recording.wall_clock(end_s),
        until_end=episode.until_end,
        peak=episode.peak,
        unit=episode.unit,
        threshold=episode.threshold,
        severity=_severity(threshold),
        other=_other(episode, timelines),
        summary="-",
        evidence=_evidence(episode, identity, offset, timelines, stills, plots),
    )
    sentence, known = sentences.sentence(shown, texts)
    told = sentence if known else f"{episode.detector} on {episode.stream}"
    return shown.model_copy(update={"summary": told})


def _severity(threshold: Threshold) -> Any:
    return threshold.severity


def _other(episode: Episode, timelines: Timelines) -> schema.Other | None:
    showing = episode.evidence.other if episode.evidence else None
    if showing is None:
        return None
    start = episode.start - showing.lag
    recording = timelines.at(showing.stream, start)
    assert recording is not None
    start_s, end_s = start - recording.start, episode.end - showing.lag - recording.start
    own = timelines.at(episode.stream, episode.start)
    lag = showing.lag
    if own is not None and own.stream != recording.stream and not (own.wall and recording.wall):
        lag += recording.start - own.start
    return schema.Other(
        stream=showing.stream,
        path=recording.shown,
        start_s=start_s,
        end_s=end_s,
        lag_s=lag,
        start=recording.wall_clock(start_s),
        end=recording.wall_clock(end_s),
    )


def _evidence(
    episode: Episode,
    identity: str,
    offset: float,
    timelines: Timelines,
    stills: Stills,
    plots: Plots,
) -> schema.Evidence:
    evidence = episode.evidence
    plotted: dict[str, Any] = plots.of(episode, offset)
    if evidence is None:
        return schema.Evidence(**plotted)
    details = _still_details(evidence, identity, timelines, stills)
    figures = {k: v for k, v in evidence.figures.items() if k not in _LIFTED}
    lifted: dict[str, Any] = {k: evidence.figures[k] for k in _LIFTED[1:] if k in evidence.figures}
    similarity = evidence.figures.get("similarity")
    if similarity:
        times = [evidence.start - offset + i for i in range(len(similarity))]
        lifted["similarity"] = schema.Series(time_s=times, value=list(similarity))
    return schema.Evidence(
        kind=evidence.kind,
        stills=[d.path for d in details],
        still_details=details,
        figures=figures,
        **lifted,
        **plotted,
    )


def _still_details(
    evidence: Evidence, identity: str, timelines: Timelines, stills: Stills
) -> list[schema.Still]:
    details = []
    pair = -1
    for number, (label, stream, time) in enumerate(evidence.stills):
        recording = timelines.at(stream, time)
        if recording is None or recording.duration_s is None:
            continue
        at_s = time - recording.start
        if not -0.5 <= at_s <= recording.duration_s + 0.5 and label in ("before", "after"):
            continue
        pair += label == "own"
        name = f"{identity}-{number}.jpg"
        at_s = min(max(at_s, 0.0), recording.duration_s)
        stills.want(recording, at_s, name)
        details.append(
            schema.Still(
                path=f"evidence/{name}",
                at_s=at_s,
                label=label,  # type: ignore[arg-type]
                pair=pair if label in ("own", "other") else None,
                stream=stream,
            )
        )
    return details


def coverage_of(
    scores: Iterable[Scores], timelines: Timelines, failures: Sequence[Failure]
) -> list[schema.Coverage]:
    """Judged and blind seconds per detector and stream."""
    seen: dict[tuple[str, str], schema.Coverage] = {}
    for score in scores:
        key = (score.detector, score.stream)
        if key not in seen:
            seen[key] = _coverage(score, timelines)
    lengths = timelines.lengths()
    for failure in failures:
        for stream in failure.streams:
            seen[(failure.detector, stream)] = schema.Coverage(
                detector=failure.detector,
                stream=stream,
                judged_s=0.0,
                blind_s=lengths.get(stream, 0.0),
                blind_why=f"the check failed: {failure.error}",
            )
    return list(seen.values())


def _coverage(score: Scores, timelines: Timelines) -> schema.Coverage:
    steps = np.diff(score.time, prepend=score.time[:1])
    if score.stream not in timelines.sensors():
        steps = np.where(steps <= _LINK_S, steps, 0.0)
    blind = np.isnan(score.value)
    reasons: dict[str, float] = {}
    stretches = []
    for number, reason in enumerate(score.reasons):
        mask = blind & (score.why == number)
        if mask.any():
            reasons[reason] = float(steps[mask].sum())
            for first, last in runs(mask):
                start = float(score.time[max(first - 1, 0)])
                for recording, a, b in timelines.stretches(
                    score.stream, start, float(score.time[last])
                ):
                    stretches.append(
                        schema.Blind(path=recording.shown, start_s=a, end_s=b, why=reason)
                    )
    unseen = _unseen_s(score, timelines, float(steps.sum()))
    if unseen:
        reasons[UNSEEN] = reasons.get(UNSEEN, 0.0) + unseen
    why = "; ".join(sorted(reasons, key=lambda r: -reasons[r]))
    return schema.Coverage(
        detector=score.detector,
        stream=score.stream,
        judged_s=float(steps[~blind].sum()),
        blind_s=float(steps[blind].sum()) + unseen,
        blind_why=why or None,
        blind=stretches,
    )


def _unseen_s(score: Scores, timelines: Timelines, told_s: float) -> float:
    """Seconds of pictures between rows that lie far apart: neither judged nor said to be blind."""
    if score.stream in timelines.sensors() or score.detector == "recording_gap":
        return 0.0
    length = timelines.lengths().get(score.stream, 0.0)
    rest = length - told_s
    return rest if len(score.time) and rest > max(2 * _LINK_S, 0.05 * length) else 0.0
