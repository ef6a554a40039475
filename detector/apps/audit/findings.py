"""Episodes and scores to the report: where in which file, coverage, evidence, stills."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from detector.apps.audit.coverage import LINK_S
from detector.apps.audit.sensors import Plots
from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.report import schema, sentences
from detector.apps.report.texts import Texts
from detector.core.episode import Episode, Threshold
from detector.core.score import Evidence

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
    episode = _to_the_end(episode, timelines)
    offset = recording.start
    start_s, end_s = episode.start - offset, episode.end - offset
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


def _to_the_end(episode: Episode, timelines: Timelines) -> Episode:
    """An episode of pictures that ran until they ended reaches to their end, a little after its
    last row; further on nothing was seen that would tell. A last reading is an end by itself."""
    if not episode.until_end or episode.stream not in timelines.cameras():
        return episode
    rest = timelines.end(episode.stream) - episode.end
    if rest > LINK_S:
        return replace(episode, until_end=False)
    return replace(episode, end=episode.end + max(rest, 0.0))


def _severity(threshold: Threshold) -> Any:
    return threshold.severity


def _other(episode: Episode, timelines: Timelines) -> schema.Other | None:
    showing = episode.evidence.other if episode.evidence else None
    if showing is None:
        return None
    start = episode.start - showing.lag
    recording = timelines.at(showing.stream, start)
    assert recording is not None
    end = min(episode.end - showing.lag, max(timelines.end(showing.stream), start))
    start_s, end_s = start - recording.start, end - recording.start
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
