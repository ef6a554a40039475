"""The stored scores that a threshold is tuned on, and how they look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detector.apps.serve.desks import Desks
from detector.apps.tune.cutting import Hot, hot
from detector.apps.tune.labels import Label, labels_of
from detector.core.episode import Threshold
from detector.core.score import F64, Scores
from detector.edge.series import Series

#: Part of ``clear_at`` down to which a curve reaches.
_REACH = 0.25


@dataclass(frozen=True)
class Wanted:
    """What to tune on: a detector's scores of a mine from ``start`` to ``end`` s, of one stream or,
    with None, of all of the mine: a threshold is the same for all of them."""

    mine: str
    detector: str
    start: float
    end: float
    stream: str | None = None


@dataclass
class Material:
    """Scores by stream, those that have any, and what people said in that time."""

    wanted: Wanted
    scores: Sequence[Scores]
    labels: Sequence[Label]
    _rows: tuple[float, list[Hot]] | None = field(default=None, repr=False)

    def rows(self, *thresholds: Threshold) -> list[Hot]:
        """What can be part of an episode under any of the thresholds, and of lower ones besides."""
        level = min(t.clear_at for t in thresholds)
        if self._rows is None or self._rows[0] > level:
            level = min(level, _REACH * thresholds[0].clear_at)
            self._rows = level, [hot(s, level) for s in self.scores]
        return self._rows[1]

    def count(self) -> int:
        """Rows there are."""
        return sum(len(s.time) for s in self.scores)


def names_of(series: Series, desks: Desks, mine: str) -> list[str]:
    """What scores of a mine may be of: its streams and its shafts."""
    streams = [state.stream for state in series.streams() if state.mine == mine]
    shafts = {desks[mine].shaft(stream) for stream in streams} - {""}
    return list(dict.fromkeys([*streams, *sorted(shafts)]))


def loaded(
    series: Series,
    wanted: Wanted,
    names: Sequence[str],
    alerts: Callable[[], Sequence[Mapping[str, Any]]],
) -> Material:
    """Read the scores of ``names``, and of ``alerts`` what counts. StoreUnavailable."""
    chosen = [n for n in names if wanted.stream in (None, n)]
    span = wanted.start, wanted.end
    found = [series.scores(wanted.mine, wanted.detector, name, *span) for name in chosen]
    kept = [s for s in found if len(s.time)]
    labels = labels_of(alerts(), wanted.mine, wanted.detector, *span)
    own = [label for label in labels if wanted.stream in (None, label.stream)]
    return Material(wanted, kept, own)


def drawn(material: Material, points: int) -> tuple[F64, F64, F64]:
    """Times at equal distances, ``points`` at most and no more than the scores' steps allow; the
    highest score of all streams around each, NaN where there is none; and the part of the streams
    there that are blind."""
    span = material.wanted.end - material.wanted.start
    steps = [float(np.median(np.diff(s.time))) for s in material.scores if len(s.time) > 1]
    if steps and max(steps) > 0:  # no bucket between two scores stays empty
        points = max(min(points, int(span / (1.5 * max(steps)))), 2)
    edges = np.linspace(material.wanted.start, material.wanted.end, points + 1)
    top = np.full(points, -np.inf)
    blind, count = np.zeros(points), np.zeros(points)
    for scores in material.scores:
        place = np.clip(np.searchsorted(scores.time, edges), 0, len(scores.time))
        rows = np.diff(place)
        filled = rows > 0
        if not filled.any():
            continue
        value = np.where(np.isnan(scores.value), -np.inf, scores.value)[: place[-1]]
        unseen = (scores.why[: place[-1]] >= 0).astype(np.int64)
        first = place[:-1][filled]
        top[filled] = np.maximum(top[filled], np.maximum.reduceat(value, first))
        blind[filled] += np.add.reduceat(unseen, first) / rows[filled]
        count += filled
    shown = np.where(np.isfinite(top), top, np.nan)
    return (edges[:-1] + edges[1:]) / 2, shown, blind / np.maximum(count, 1)
