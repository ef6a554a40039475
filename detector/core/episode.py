"""Episodes: scores folded by a threshold with hysteresis."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from detector.core.score import Evidence, Scores


@dataclass(frozen=True)
class Threshold:
    """Cuts a score into episodes: opened at ``raise_at``, kept while the score is at or above
    ``clear_at`` or returns to it within ``hold_s`` seconds. ``unit`` is the score's."""

    raise_at: float
    clear_at: float
    hold_s: float
    unit: str
    severity: str


@dataclass(frozen=True)
class Episode:
    """A stretch [start, end] (s on the stream's timeline) where a score crossed its threshold."""

    detector: str
    stream: str
    start: float
    end: float
    peak: float
    unit: str
    threshold: float
    until_end: bool
    evidence: Evidence | None = None


def _best_evidence(evidence: tuple[Evidence, ...], start: float, end: float) -> Evidence | None:
    overlap = [(min(e.end, end) - max(e.start, start), i) for i, e in enumerate(evidence)]
    shared = [(o, -i) for o, i in overlap if o >= 0]
    return evidence[-max(shared)[1]] if shared else None


def fold(scores: Scores, threshold: Threshold) -> list[Episode]:
    """Fold scores into episodes, oldest first.

    An episode starts at ``since`` of the row that crossed ``raise_at`` and ends at the last row at
    or above ``clear_at``. Blind rows (NaN) neither open nor keep an episode.
    """
    if not np.any(scores.value >= threshold.raise_at):
        return []
    episodes: list[Episode] = []
    current: Episode | None = None
    last_time = float(scores.time[-1]) if len(scores.time) else 0.0
    for time, value, since in zip(scores.time, scores.value, scores.since, strict=True):
        if current is not None and value >= threshold.clear_at:
            if since > current.end + threshold.hold_s and value < threshold.raise_at:
                episodes.append(current)
                current = None
            elif since > current.end + threshold.hold_s:
                episodes.append(current)
                current = _opened(scores, threshold, time, value, since)
            else:
                current = replace(current, end=float(time), peak=max(current.peak, float(value)))
        elif current is None and value >= threshold.raise_at:
            current = _opened(scores, threshold, time, value, since)
        elif current is not None and time > current.end + threshold.hold_s:
            episodes.append(current)
            current = None
    if current is not None:
        episodes.append(replace(current, until_end=current.end >= last_time))
    return [replace(e, evidence=_best_evidence(scores.evidence, e.start, e.end)) for e in episodes]


def _opened(
    scores: Scores, threshold: Threshold, time: float, value: float, since: float
) -> Episode:
    return Episode(
        detector=scores.detector,
        stream=scores.stream,
        start=float(min(since, time)),
        end=float(time),
        peak=float(value),
        unit=scores.unit,
        threshold=threshold.raise_at,
        until_end=False,
    )


def blind_stretches(scores: Scores) -> dict[str, float]:
    """Blind seconds per reason; a row stands for the time since the row before it."""
    if not len(scores.time):
        return {}
    seconds = np.diff(scores.time, prepend=scores.time[0])
    return {
        reason: float(seconds[scores.why == i].sum())
        for i, reason in enumerate(scores.reasons)
        if np.any(scores.why == i)
    }
