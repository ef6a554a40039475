"""Observations to scores to episodes, and what happens when a detector fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.episode import Threshold
from detector.core.observation import Tick
from detector.core.score import Evidence, Scores
from detector.pipeline import Pipeline, Watch, joined, judge

THRESHOLD = Threshold(raise_at=4.0, clear_at=1.0, hold_s=1.0, unit="s", severity="warning")


def scores(
    time: Sequence[float], value: Sequence[float], stream: str = "a", why: str = "dark"
) -> Scores:
    values = np.array(value, dtype=np.float64)
    blind = np.isnan(values)
    times = np.array(time, dtype=np.float64)
    reason = np.where(blind, 0, -1).astype(np.int8)
    return Scores("steady", stream, "s", times, values, times, reason, (why,))


@dataclass
class Steady:
    """Scores every tick 5, or fails at a moment of its life."""

    name: ClassVar[str] = "steady"
    unit: ClassVar[str] = "s"

    fails: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)

    def learn(self, observation: Observation) -> None:
        self._live("learn", observation.stream)

    def update(self, observation: Observation) -> list[Scores]:
        self._live("update", observation.stream)
        assert isinstance(observation, Tick)
        return [scores([observation.time], [5.0], observation.stream)]

    def finish(self) -> list[Scores]:
        self._live("finish", "")
        return []

    def _live(self, moment: str, stream: str) -> None:
        self.seen.append((moment, stream))
        if moment == self.fails:
            raise ValueError(f"no {moment} today")


def run(*watches: Watch) -> Pipeline:
    pipeline = Pipeline(list(watches), {"steady": THRESHOLD, "other": THRESHOLD})
    ticks = [Tick(stream, float(i)) for i in range(4) for stream in ("a", "b")]
    for tick in ticks:
        pipeline.learn(tick)
    for tick in ticks:
        pipeline.feed(tick)
    pipeline.finish()
    return pipeline


def test_a_watch_sees_its_own_streams_only_learning_first() -> None:
    one, both = Steady(), Steady()
    run(Watch("steady", ("a",), one), Watch("steady", ("a", "b"), both))
    assert one.seen == [("learn", "a")] * 4 + [("update", "a")] * 4 + [("finish", "")]
    assert [s for _, s in both.seen] == ["a", "b"] * 8 + [""]


def test_scores_of_blocks_are_judged_as_one() -> None:
    pipeline = run(Watch("steady", ("a",), Steady()))
    (episode,) = pipeline.episodes()
    assert (episode.start, episode.end, episode.until_end) == (0.0, 3.0, True)
    assert len(pipeline.scores) == 1


def test_a_detector_that_fails_is_taken_out_and_the_others_go_on() -> None:
    for moment in ("learn", "update", "finish"):
        broken, sound = Steady(fails=moment), Steady()
        pipeline = run(Watch("other", ("b", "a"), broken), Watch("steady", ("a", "b"), sound))
        (failure,) = pipeline.failures
        assert (failure.detector, failure.streams) == ("other", ("b", "a"))
        assert failure.error == f"ValueError: no {moment} today"
        assert [m for m, _ in broken.seen].count(moment) == 1
        assert sound.seen[-1] == ("finish", "")
        assert {e.stream for e in pipeline.episodes()} == {"a", "b"}


def test_what_a_failed_detector_said_before_still_counts() -> None:
    pipeline = run(Watch("steady", ("a",), Steady(fails="finish")))
    assert len(pipeline.failures) == 1
    assert len(pipeline.episodes()) == 1


def test_each_detector_is_judged_by_its_own_threshold() -> None:
    high = Threshold(raise_at=9.0, clear_at=1.0, hold_s=1.0, unit="s", severity="warning")
    assert judge([scores([0, 1], [5, 5])], {"steady": high}) == []
    assert len(judge([scores([0, 1], [5, 5])], {"steady": THRESHOLD})) == 1


def test_joined_keeps_streams_and_comparisons_apart() -> None:
    with_b = scores([0, 1, 2], [0, 5, 5])
    with_c = scores([0, 1, 2], [5, 0, 0])
    later = scores([3, 4], [0, np.nan], why="still")
    alien = scores([3, 4], [0, 0], stream="b")
    told = joined([with_b, with_c, later, alien])
    assert [(s.stream, s.time.tolist()) for s in told] == [
        ("a", [0, 1, 2, 3, 4]),
        ("a", [0, 1, 2]),
        ("b", [3, 4]),
    ]
    assert told[0].reasons == ("dark", "still") and told[0].why.tolist() == [-1, -1, -1, -1, 1]
    assert [s.time.tolist() for s in joined(told)] == [s.time.tolist() for s in told]


def test_evidence_that_comes_after_its_rows_is_kept_with_them() -> None:
    rows, late = scores([0, 1, 2], [0, 5, 5]), scores([], [])
    closing = Scores(**{**vars(late), "evidence": (Evidence(1, 2, "black"),)})
    (episode,) = judge([rows, closing], {"steady": THRESHOLD})
    assert episode.evidence is not None and episode.evidence.kind == "black"
