"""Scores to the store: each judgement's new rows, so that they can be judged again and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from detector.core.score import Scores, merged
from detector.edge.series import Series

#: Seconds between two writings of a watch's scores at least.
EVERY_S = 30.0


class Keeper:
    """Stores what of scores is later than what was stored of them."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._last: dict[tuple[str, str, str], float] = {}
        self._due: dict[tuple[str, str, str], float] = {}

    def take(self, mine: str, scores: Sequence[Scores], now: float) -> None:
        """Take up the scores of a judgement, at ``now`` s of a clock that never goes back."""
        blocks: dict[tuple[str, str], list[Scores]] = {}
        for block in scores:
            if now >= self._due.get((mine, block.detector, block.stream), -np.inf):
                blocks.setdefault((block.detector, block.stream), []).append(block)
        new = []
        for (detector, stream), parts in blocks.items():
            place = (mine, detector, stream)
            self._due[place] = now + EVERY_S
            block = _after(highest(parts), self._stored(place))
            if len(block.time):
                new.append(block)
                self._last[place] = float(block.time[-1])
        if new:
            self._series.store_scores(mine, new)

    def _stored(self, place: tuple[str, str, str]) -> float:
        if place not in self._last:
            known = self._series.scores(*place, -np.inf, np.inf).time
            self._last[place] = float(known[-1]) if len(known) else -np.inf
        return self._last[place]


def highest(blocks: Sequence[Scores]) -> Scores:
    """Scores of one detector and stream (at least one) over the same times as one: the highest of
    each time, blind only where all are."""
    whole = merged(blocks)
    rank = np.where(np.isnan(whole.value), -np.inf, whole.value)
    order = np.lexsort((rank, whole.time))
    last = np.append(np.diff(whole.time[order]) > 0, True) if len(order) else order
    return _rows(whole, order[last.astype(bool)])


def _after(scores: Scores, time: float) -> Scores:
    return _rows(scores, np.flatnonzero(scores.time > time))


def _rows(scores: Scores, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Scores:
    columns = {n: getattr(scores, n)[rows] for n in ("time", "value", "since", "why")}
    return replace(scores, **columns, evidence=())
