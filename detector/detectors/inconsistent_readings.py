"""inconsistent_readings: what the streams of a site report does not go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import all_blind
from detector.signals.relations import LASTING, RelationsModel, Unexpected, unexpected
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, without_faults

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.intp]

#: Streams that are named of a contradiction at most.
_NAMED = 5

UNFITTED = "no model of the site's normal relations is given: trueshaft fit makes one"
UNLEARNED = "this stream is not among those whose relations were learned"
LEFT = "the site as a whole has left what was learned"
LACKING = "readings of too many streams are missing"


@dataclass(frozen=True)
class InconsistentReadingsParameters:
    """Parameters of :class:`InconsistentReadings`.

    * ``gap_rows``: rows (of the model) within the usual that do not part what lasts;
    * ``shared``: part of what the most contradicting stream contradicts by, from which on another
      one is named beside it (0..1).
    """

    gap_rows: int = LASTING
    shared: float = 0.2


class InconsistentReadings:
    """How improbable the joint readings of a site are under its normal relations.

    ``trueshaft fit`` learns what each stream is expected to report, given all others now and a row
    before and its own past: tanks rise by what flows into them, a pump that runs has a flow. Score:
    how far the stream is from that, averaged over the last 12 rows, in times of what 999 of 1000
    averages of readings that were not learned from do not exceed; 1 is the edge of the usual. Of
    streams that contradict each other at one time, the one that does so most, or without which the
    rest goes together, is scored with the most of all, the others up to 1: one finding that names
    them. It begins and ends with the first and last single row beyond the usual. Blind without a
    model, for streams that are not in it, and where most streams are missing, or are beyond all
    that was learned by half its range at once. Misses falsifications that keep the relations.
    """

    name: ClassVar[str] = "inconsistent_readings"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: InconsistentReadingsParameters | None = None) -> None:
        self.parameters = parameters or InconsistentReadingsParameters()
        self._store = SeriesStore()
        self._model: RelationsModel | None = None

    def know(self, model: RelationsModel | None) -> None:
        """Take the site's model."""
        self._model = model

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: see :meth:`know`."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are judged together at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge the site; every stream is told of."""
        names, model = self._store.streams(), self._model
        every = {n: without_faults(self._store.series(n), self._store.device(n)) for n in names}
        if model is None:
            return [self._blind(n, every[n].time, UNFITTED) for n in names]
        learned = {n: s for n, s in every.items() if n in model.streams and len(s)}
        told = unexpected(model, learned)
        why = np.where(told.left, 0, np.where(told.known, -1, 1)).astype(np.int8)
        value, since, evidence = self._judged(told, why < 0, model, learned)
        result = []
        for name in names:
            if name not in learned:
                result.append(self._blind(name, every[name].time, UNLEARNED))
                continue
            column = model.streams.index(name)
            missing = np.where(np.isnan(value[:, column]) & (why < 0), np.int8(1), why)
            result.append(
                Scores(
                    *(self.name, name, self.unit, told.time, value[:, column], since[:, column]),
                    *(missing, (LEFT, LACKING), tuple(evidence.get(name, ()))),
                )
            )
        return result

    def _blind(self, stream: str, time: F64, why: str) -> Scores:
        return all_blind(self.name, stream, self.unit, time, why)

    def _judged(
        self,
        told: Unexpected,
        judged: Bools,
        model: RelationsModel,
        series: Mapping[str, Series],
    ) -> tuple[F64, F64, dict[str, list[Evidence]]]:
        """Values and times since when (n, streams), and evidence by stream."""
        streams = model.streams
        value = np.where(judged[:, None], np.minimum(told.ratio, 1.0), np.nan)
        since = np.repeat(told.time[:, None], len(streams), axis=1)
        joint = np.nanmax(np.where(judged[:, None], told.ratio, 0.0), axis=1, initial=0.0)
        evidence: dict[str, list[Evidence]] = {}
        for first, last in _closed(joint > 1.0, judged, self.parameters.gap_rows):
            part = slice(first, last + 1)
            beyond = _beyond(told.ratio[part])
            order = np.argsort(-beyond, kind="stable")
            named = order[beyond[order] >= self.parameters.shared * beyond.max()][:_NAMED]
            named = _blamed(named, told.time[part], model, series)
            begin, end = _trimmed(told.now[:, named], first, last)
            rows, most = slice(first, max(end, first) + 1), int(named[0])
            value[rows, most] = np.maximum(joint[rows], 1.0)
            since[rows, most] = told.time[begin]
            start, until = float(told.time[begin]), float(told.time[end])
            off = np.nanmedian(told.off[begin : end + 1][:, most]) if end >= begin else 0.0
            figures = {
                "off": round(float(off), 4),
                "lasted_s": round(until - start, 1),
                "contradicts": ", ".join(streams[i] for i in named[1:]),
            }
            found = Evidence(start, until, "contradiction", figures)
            evidence.setdefault(streams[most], []).append(found)
        return value, since, evidence


def _beyond(ratio: F64) -> F64:
    """How much each stream (rows, streams) was beyond the usual in all."""
    return np.asarray(np.nansum(np.maximum(ratio - 1.0, 0.0), axis=0))


def _blamed(named: Rows, time: F64, model: RelationsModel, series: Mapping[str, Series]) -> Rows:
    """Streams that contradict each other: first the one that does so most, or one without which
    less than half of the contradiction is left that is left without that: what one stream reports
    wrongly, others seem to contradict."""
    start, end = float(time[0]) - LASTING * model.step_s, float(time[-1])
    cut = {n: s.between(start, end) for n, s in series.items()}
    left = []
    for one in named:
        others = {n: s for n, s in cut.items() if n != model.streams[one]}
        ratio = unexpected(model, others, looser=np.inf).ratio
        left.append(float(np.nansum(np.maximum(ratio - 1.0, 0.0))))
    best = int(np.argmin(left))
    first = best if left[best] < left[0] / 2 else 0
    return np.concatenate([named[first : first + 1], np.delete(named, first)])


def _closed(beyond: Bools, judged: Bools, gap: int) -> list[tuple[int, int]]:
    """Runs of rows beyond the usual, joined over gaps of at most so many rows, all judged."""
    joined: list[tuple[int, int]] = []
    for first, last in runs(beyond):
        before = joined[-1] if joined else None
        if before and first - before[1] - 1 <= gap and judged[before[1] : first].all():
            joined[-1] = (before[0], last)
        else:
            joined.append((first, last))
    return joined


def _trimmed(now: F64, first: int, last: int) -> tuple[int, int]:
    """First and last row in which one of these streams (n, k) is beyond the usual by itself: an
    average goes up after what it is of began, and goes down after it has ended."""
    start = max(first - LASTING + 1, 0)
    rows = np.flatnonzero(np.nanmax(now[start : last + 1], axis=1, initial=0.0) > 1.0)
    if not len(rows):
        return first, last
    return start + int(rows[0]), start + int(rows[-1])
