"""Coverage: the seconds of each recording that each detector judged, and those it could not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.report import schema
from detector.core.score import Scores
from detector.detectors import VIDEO
from detector.detectors.repetition import UNSEEN
from detector.pipeline import Failure

F64 = NDArray[np.float64]

#: A row stands for the time since the row before it, but not for longer than this where pictures
#: lie in between, s.
LINK_S = 5.0
#: Readings end where the stretch up to the end of their file lasts so many usual distances.
_SILENT_TIMES = 5.0
UNDECODED = "no picture was decoded here"
NO_READINGS = "there are no readings here"


def coverage_of(
    scores: Iterable[Scores], timelines: Timelines, failures: Sequence[Failure]
) -> list[schema.Coverage]:
    """Judged and blind seconds per detector and stream.

    They add up to what the stream's recordings hold, holes excluded. Every detector of pictures is
    told of every camera, even where it never came to a score.
    """
    seen: dict[tuple[str, str], schema.Coverage] = {}
    for score in scores:
        if (score.detector, score.stream) not in seen:
            seen[score.detector, score.stream] = _coverage(score, timelines)
    for camera in timelines.cameras():
        for detector in VIDEO:
            if (detector, camera) not in seen:
                seen[detector, camera] = _coverage(_silent(detector, camera), timelines)
    for failure in failures:
        for stream in failure.streams:
            unjudged = _coverage(_silent(failure.detector, stream), timelines)
            why = f"the check failed: {failure.error}"
            blind = [b.model_copy(update={"why": why}) for b in unjudged.blind]
            update = {"blind_why": why, "blind": blind}
            seen[failure.detector, stream] = unjudged.model_copy(update=update)
    return list(seen.values())


def _silent(detector: str, stream: str) -> Scores:
    """Scores of a detector that said nothing."""
    none = np.zeros(0)
    return Scores(detector, stream, "s", none, none, none, np.zeros(0, dtype=np.int8))


def _coverage(score: Scores, timelines: Timelines) -> schema.Coverage:
    judged_s, blind = 0.0, []
    for recording in timelines.recordings(score.stream):
        offset = recording.start
        for start, end in recording.footage():
            for reason, a, b in _stretches(score, recording, offset + start, offset + end):
                if reason is None:
                    judged_s += b - a
                else:
                    blind.append(
                        schema.Blind(
                            path=recording.shown, start_s=a - offset, end_s=b - offset, why=reason
                        )
                    )
    seconds: dict[str, float] = {}
    for stretch in blind:
        seconds[stretch.why] = seconds.get(stretch.why, 0.0) + stretch.end_s - stretch.start_s
    return schema.Coverage(
        detector=score.detector,
        stream=score.stream,
        judged_s=judged_s,
        blind_s=sum(seconds.values()),
        blind_why="; ".join(sorted(seconds, key=lambda r: -seconds[r])) or None,
        blind=blind,
    )


def _stretches(
    score: Scores, recording: Recording, start: float, end: float
) -> list[tuple[str | None, float, float]]:
    """[start, end] s of a recording, cut by why it was not judged; None where it was."""
    unseen = _unseen_why(recording)
    reasons = (*score.reasons, unseen)
    use = np.flatnonzero((score.time >= start - 1e-6) & (score.time <= end + 1e-6))
    if not len(use):
        return [(unseen, start, end)]
    use = use[np.argsort(score.time[use], kind="stable")]
    edges = np.concatenate([[start], np.clip(score.time[use], start, end), [end]])
    cause = np.where(np.isnan(score.value[use]), score.why[use], len(reasons)).astype(np.intp)
    cause = np.append(cause, cause[-1])
    cause[_unseen(edges, recording)] = len(reasons) - 1
    cause = cause[np.diff(edges) > 0]
    edges = np.unique(edges)
    found = []
    for number, group in groupby(range(len(cause)), key=lambda i: int(cause[i])):
        rows = list(group)
        reason = None if number == len(reasons) else reasons[number]
        found.append((reason, float(edges[rows[0]]), float(edges[rows[-1] + 1])))
    return found


def _unseen_why(recording: Recording) -> str:
    if recording.kind == "readings":
        return NO_READINGS
    return UNSEEN if recording.coarse else UNDECODED


def _unseen(edges: F64, recording: Recording) -> NDArray[np.bool_]:
    """Which of the stretches between ``edges`` (n + 1,) s nothing was seen of, bool (n,)."""
    seconds = np.diff(edges)
    if recording.kind == "readings":
        usual = float(np.median(seconds[1:-1])) if len(seconds) > 2 else 0.0
        silent = seconds > max(LINK_S, _SILENT_TIMES * usual)
        silent[1:-1] = False
        return np.asarray(silent)
    long = seconds > LINK_S
    if recording.packets is None:
        return np.asarray(long)
    pictures = np.sort(recording.packets.time) + recording.start
    first = np.searchsorted(pictures, edges[:-1] + 1e-3)
    last = np.searchsorted(pictures, edges[1:] - 1e-3)
    return np.asarray(long & (last > first))
