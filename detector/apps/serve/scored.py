"""Scores kept in the store as they are judged: only what is new or has become another.

A judgement looks back over days, again and again. Of its scores those hours are stored that differ
from what was stored of them last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.apps.serve.judging import Outcome
from detector.core.score import Scores, highest
from detector.edge.series import Series

#: Seconds of scores that are compared, and stored, together.
HOUR_S = 3600.0
#: Seconds between two storings of the same scores at least, and how many are stored at once.
_EVERY_S, _MOST = 10.0, 200
_MIXES = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)

Marks = NDArray[np.uint64]


class Place(NamedTuple):
    """What scores are of."""

    mine: str
    detector: str
    stream: str


@dataclass(frozen=True)
class _Known:
    """``hours`` and a ``mark`` of each, rising, as they were stored; when that was, s."""

    hours: NDArray[np.int64]
    marks: Marks
    stored: float = -np.inf


class Scored:
    """The scores that wait to be stored. What is lost with the process is judged again."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._known: dict[Place, _Known] = {}
        self._waiting: dict[Place, tuple[list[Scores], float]] = {}

    def take(self, outcome: Outcome) -> None:
        """Have the scores of a judgement stored. Of streams that were cut off only the newer half
        counts, as it was judged with what was before it."""
        of: dict[str, list[Scores]] = {}
        for scores in outcome.scores:
            of.setdefault(scores.stream, []).append(scores)
        cuts = outcome.since
        for stream, each in of.items():
            since = cuts.get(stream, max(cuts.values(), default=-np.inf))
            sure = since + 0.5 * (outcome.task.now - since) if np.isfinite(since) else -np.inf
            place = Place(outcome.task.mine, outcome.task.detector, stream)
            self._waiting[place] = each, sure

    def save(self, now: float, most: int | None = None) -> int:
        """Store what has waited long enough, ``most`` of it; how many scores were."""
        due = []
        for place in self._waiting:
            known = self._known.get(place)
            if known is None or now >= known.stored + _EVERY_S:
                due.append(place)
            if len(due) == (most or _MOST):
                break
        changed: dict[str, list[Scores]] = {}
        told: dict[Place, _Known] = {}
        for place in due:
            each, sure = self._waiting[place]
            new, told[place] = self._changed(place, highest(each), sure)
            changed.setdefault(place.mine, []).extend(new)
        for mine, scores in changed.items():
            if scores:
                self._series.store_scores(mine, scores)
        for place in due:
            del self._waiting[place]
            self._known[place] = _Known(told[place].hours, told[place].marks, now)
        return len(due)

    def _changed(self, place: Place, scores: Scores, sure: float) -> tuple[list[Scores], _Known]:
        """The stretches that are to be stored, and what will be known then."""
        hours, marks = hours_of(scores)
        known = self._known.get(place)
        new = np.ones(len(hours), dtype=bool)
        if known is not None and len(known.hours):
            at = np.minimum(np.searchsorted(known.hours, hours), len(known.hours) - 1)
            new = (known.hours[at] != hours) | (known.marks[at] != marks)
        if sure > -np.inf and (known is not None or self._stored(place, sure)):
            new &= hours * HOUR_S >= sure
        edges = np.searchsorted(scores.time, np.stack([hours, hours + 1])[:, new] * HOUR_S)
        return [_rows(scores, slice(*span)) for span in edges.T.tolist()], _Known(hours, marks)

    def _stored(self, place: Place, until: float) -> bool:
        """Whether there is anything of it from before."""
        found = self._series.scores(*place, until - 24 * HOUR_S, until)
        return len(found.time) > 0


def hours_of(scores: Scores) -> tuple[NDArray[np.int64], Marks]:
    """The hours that scores are of (since 1970), rising, and a number that tells what they say."""
    if not len(scores.time):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64)
    hour = np.floor(scores.time / HOUR_S).astype(np.int64)
    first = np.flatnonzero(np.append(True, hour[1:] != hour[:-1]))
    columns = np.stack([scores.time, scores.value, scores.since])
    bits = np.ascontiguousarray(columns).view(np.uint64) * _MIXES[:, None]
    bits ^= bits >> np.uint64(29)
    mixed = np.add.reduce(bits * _MIXES[1], axis=0) + scores.why.astype(np.uint64)
    return hour[first], np.add.reduceat(mixed, first)


def _rows(scores: Scores, which: slice) -> Scores:
    """Those rows, in arrays of their own: the others need not be kept."""
    return Scores(
        detector=scores.detector,
        stream=scores.stream,
        unit=scores.unit,
        time=scores.time[which].copy(),
        value=scores.value[which].copy(),
        since=scores.since[which].copy(),
        why=scores.why[which].copy(),
        reasons=scores.reasons,
    )
