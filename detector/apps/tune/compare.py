"""What another threshold would change: episodes gained and lost, alerts removed, recall, delay."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detector.apps.tune.cutting import Cut, Hot, cut, overlapping
from detector.apps.tune.labels import Label, Opinion
from detector.core.episode import Threshold
from detector.core.score import F64

DAY_S = 86400.0
#: What an episode may have been found to be, from least to most.
OPINIONS: tuple[Opinion, ...] = ("undecided", "unfounded", "confirmed")


@dataclass(frozen=True)
class Span:
    """An episode under a threshold; ``start``, ``end`` s; ``opinion``: what it was found to be."""

    start: float
    end: float
    stream: str
    peak: float
    opinion: Opinion


@dataclass(frozen=True)
class Marked:
    """Episodes of one stream, and of each what it was found to be: its place in ``OPINIONS``."""

    cut: Cut
    opinion: NDArray[np.intp]

    def spans(self) -> Iterator[Span]:
        """One by one, in order of time."""
        for i in range(len(self.cut)):
            start, end, peak = (float(c[i]) for c in (self.cut.start, self.cut.end, self.cut.peak))
            yield Span(start, end, self.cut.stream, peak, OPINIONS[self.opinion[i]])


@dataclass(frozen=True)
class Change:
    """Episodes that came or went, by stream."""

    of: tuple[Marked, ...] = ()

    def __len__(self) -> int:
        return sum(len(one.cut) for one in self.of)

    def count(self, opinion: Opinion) -> int:
        """How many of them were found to be that."""
        return sum(int((one.opinion == OPINIONS.index(opinion)).sum()) for one in self.of)

    def first(self, most: int) -> list[Span]:
        """The first of them."""
        each = (one.spans() for one in self.of)
        whole = heapq.merge(*each, key=lambda span: span.start)
        return [span for span, _ in zip(whole, range(most), strict=False)]


@dataclass(frozen=True)
class Effect:
    """What a threshold finds, over ``days`` stream-days that were not blind.

    * ``episodes``, of which ``unfounded`` were disposed as nothing and ``undecided`` by nobody;
    * ``confirmed`` labels there are, of which ``found`` are;
    * ``delay_s``: median from the start of a confirmed one to the crossing, None where none.
    """

    episodes: int
    unfounded: int
    undecided: int
    confirmed: int
    found: int
    days: float
    delay_s: float | None

    @property
    def recall(self) -> float | None:
        """Part of the confirmed labels that is found; None where there are none."""
        return self.found / self.confirmed if self.confirmed else None

    @property
    def false_per_day(self) -> float:
        """Episodes known to be unfounded, a day of a stream."""
        return self.unfounded / self.days if self.days else 0.0

    @property
    def per_day(self) -> float:
        """Episodes a day of a stream."""
        return self.episodes / self.days if self.days else 0.0


@dataclass(frozen=True)
class Comparison:
    """Two thresholds over the same scores; ``gained`` and ``lost`` episodes, and the ``alerts``
    that there would not have been, by opinion."""

    before: Effect
    after: Effect
    gained: Change
    lost: Change
    alerts: Mapping[Opinion, int] = field(default_factory=dict)

    @property
    def removed(self) -> int:
        """Alerts that there would not have been."""
        return sum(self.alerts.values())


def compare(
    rows: Sequence[Hot], before: Threshold, after: Threshold, labels: Sequence[Label]
) -> Comparison:
    """Judge the same rows (one :class:`Hot` a stream, down to the lower ``clear_at``) twice.

    An episode is gained where none was at that time of that stream, lost where none is any more;
    one that only becomes longer or shorter is neither. An alert is removed where all that was part
    of it is lost, and it has no part of another check.
    """
    by_stream = _by_stream(labels)
    old = [_marked(cut(r, before), by_stream) for r in rows]
    new = [_marked(cut(r, after), by_stream) for r in rows]
    pairs = list(zip(old, new, strict=True))
    return Comparison(
        before=_effect(rows, old, by_stream),
        after=_effect(rows, new, by_stream),
        gained=Change(tuple(_apart(are, were) for were, are in pairs)),
        lost=Change(tuple(_apart(were, are) for were, are in pairs)),
        alerts=_removed(pairs, labels),
    )


def effect(rows: Sequence[Hot], threshold: Threshold, labels: Sequence[Label]) -> Effect:
    """What a threshold finds of what is labelled."""
    by_stream = _by_stream(labels)
    return _effect(rows, [_marked(cut(r, threshold), by_stream) for r in rows], by_stream)


def _effect(
    rows: Iterable[Hot], marked: Iterable[Marked], labels: Mapping[str, Sequence[Label]]
) -> Effect:
    counts = np.zeros(len(OPINIONS), dtype=np.intp)
    delays: list[F64] = []
    confirmed = found = 0
    for one in marked:
        counts += np.bincount(one.opinion, minlength=len(OPINIONS))
        start, end = _stretches(labels.get(one.cut.stream, ()), "confirmed")
        confirmed += len(start)
        told = overlapping(start, end, one.cut.start, one.cut.end)
        found += int(told.sum())
        first = np.searchsorted(one.cut.end, start[told])  # ends rise
        delays.append(np.maximum(one.cut.crossed[first] - start[told], 0.0))
    waited = np.concatenate([np.empty(0), *delays])
    return Effect(
        episodes=int(counts.sum()),
        unfounded=int(counts[1]),
        undecided=int(counts[0]),
        confirmed=confirmed,
        found=found,
        days=sum(r.judged_s for r in rows) / DAY_S,
        delay_s=float(np.median(waited)) if len(waited) else None,
    )


def _marked(one: Cut, labels: Mapping[str, Sequence[Label]]) -> Marked:
    """What each episode was found to be; confirmed counts more than unfounded."""
    opinion = np.zeros(len(one), dtype=np.intp)
    for place in (1, 2):
        opinion[one.meets(*_stretches(labels.get(one.stream, ()), OPINIONS[place]))] = place
    return Marked(one, opinion)


def _apart(these: Marked, those: Marked) -> Marked:
    """Those of ``these`` that share no time with any of ``those``."""
    alone = ~these.cut.meets(those.cut.start, those.cut.end)
    return Marked(these.cut.rows(alone), these.opinion[alone])


def _removed(pairs: Sequence[tuple[Marked, Marked]], labels: Sequence[Label]) -> dict[Opinion, int]:
    seen = {old.cut.stream: (old.cut, new.cut) for old, new in pairs}
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    stays = {label.alert for label in labels if label.stream not in seen or not label.alone}
    opinions = {label.alert: label.opinion for label in labels}
    for stream, own in _by_stream(labels).items():
        start = np.array([label.start for label in own])
        end = np.array([label.end for label in own])
        for found, counts in zip(seen.get(stream, ()), (before, after), strict=False):
            told = overlapping(start, end, found.start, found.end)
            counts.update(own[i].alert for i in np.flatnonzero(told))
    gone = [alert for alert in before if alert not in stays and not after[alert]]
    return dict(Counter(opinions[alert] for alert in gone))


def _stretches(labels: Sequence[Label], opinion: Opinion) -> tuple[F64, F64]:
    own = [label for label in labels if label.opinion == opinion]
    start = np.array([label.start for label in own], dtype=np.float64)
    return start, np.array([label.end for label in own], dtype=np.float64)


def _by_stream(labels: Iterable[Label]) -> dict[str, list[Label]]:
    found: dict[str, list[Label]] = {}
    for label in labels:
        found.setdefault(label.stream, []).append(label)
    return found
