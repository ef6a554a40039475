"""Observations to scores to episodes: the same for audit, live service and tuning. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from detector.core.detector import Detector, Observation
from detector.core.episode import Episode, Threshold, fold
from detector.core.score import Scores, merged


@dataclass(frozen=True)
class Watch:
    """A detector bound to streams: to one, or, across streams, to several."""

    name: str
    streams: tuple[str, ...]
    detector: Detector


@dataclass(frozen=True)
class Failure:
    """A detector failed: its streams are blind from there on and engineers must know."""

    detector: str
    streams: tuple[str, ...]
    error: str


@dataclass
class Pipeline:
    """Watches, and the thresholds that judge their scores.

    A watch whose detector fails is taken out and its failure kept; the others go on.
    """

    watches: list[Watch]
    thresholds: Mapping[str, Threshold]
    scores: list[Scores] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over: set[int] = set()
        self._bound: dict[str, list[Watch]] = {}
        for watch in self.watches:
            for stream in watch.streams:
                self._bound.setdefault(stream, []).append(watch)

    def learn(self, observation: Observation) -> None:
        """Show an observation to the detectors of its stream as an example of how it is."""
        for watch in self._going(self._bound.get(observation.stream, ())):
            self._guarded(watch, partial(watch.detector.learn, observation))

    def feed(self, observation: Observation) -> None:
        """Score an observation with the detectors of its stream."""
        for watch in self._going(self._bound.get(observation.stream, ())):
            self._guarded(watch, partial(watch.detector.update, observation))

    def finish(self) -> None:
        """Score what detectors still had pending."""
        for watch in self._going(self.watches):
            self._guarded(watch, watch.detector.finish)
            self._over.add(id(watch))
        self.scores = joined(self.scores)

    def stop(self, why: str) -> None:
        """Give up the watches that have not finished: their streams are blind, and why."""
        self.failures += [Failure(w.name, w.streams, why) for w in self._going(self.watches)]
        self._over = {id(watch) for watch in self.watches}
        self.scores = joined(self.scores)

    def episodes(self) -> list[Episode]:
        """All scores judged by the thresholds in force."""
        return judge(self.scores, self.thresholds)

    def _guarded(self, watch: Watch, work: Callable[[], Sequence[Scores] | None]) -> None:
        try:
            self.scores += work() or ()
        except Exception as error:  # noqa: BLE001 - a broken check must be seen, not end the others
            told = f"{type(error).__name__}: {error}"
            self.failures.append(Failure(watch.name, watch.streams, told))
            self._over.add(id(watch))

    def _going(self, watches: Sequence[Watch]) -> Iterator[Watch]:
        """Those that have neither failed nor finished."""
        return (watch for watch in watches if id(watch) not in self._over)


def judge(scores: Iterable[Scores], thresholds: Mapping[str, Threshold]) -> list[Episode]:
    """Fold scores into episodes, each detector's by its threshold.

    Scores of one detector and stream that came in several blocks are one score.
    """
    return [e for s in joined(scores) for e in fold(s, thresholds[s.detector])]


def joined(scores: Iterable[Scores]) -> list[Scores]:
    """Scores of one detector and stream as one where each block begins after the one before.

    Scores over the same times (a stream compared with several others) stay apart.
    """
    blocks: dict[tuple[str, str], list[list[Scores]]] = {}
    for score in scores:
        known = blocks.setdefault((score.detector, score.stream), [])
        for block in known:
            if _follows(block, score):
                block.append(score)
                break
        else:
            known.append([score])
    return [merged(block) for known in blocks.values() for block in known]


def _follows(block: Sequence[Scores], score: Scores) -> bool:
    last = next((s.time[-1] for s in reversed(block) if len(s.time)), -np.inf)
    return not len(score.time) or bool(last < score.time[0])
