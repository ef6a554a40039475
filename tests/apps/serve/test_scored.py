"""Scores in the store are those of the audit, and only what changes is written."""

from __future__ import annotations

import numpy as np

from detector.apps.serve.judging import Outcome, Task
from detector.apps.serve.scored import HOUR_S, Scored
from detector.bench.falsify import HoldValue
from detector.core.episode import fold
from detector.core.score import Scores
from tests.apps.serve.conftest import MINE, Bencher
from tests.detectors.sensors import tampered

DAY_S = 86400.0


class Counting:
    """A store of scores that counts the rows it is given."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.old = 0

    def store_scores(self, mine: str, scores: list[Scores]) -> None:
        self.rows.append(sum(len(s.time) for s in scores))

    def scores(self, *_: object) -> Scores:
        return scores(self.old)


def scores(count: int, last: float = 0.0) -> Scores:
    time = np.arange(count, dtype=np.float64) * 60.0
    value = np.zeros(count)
    value[-1:] = last
    return Scores("spike", "a", "s", time, value, time, np.full(count, -1, dtype=np.int8))


def outcome(told: Scores, since: float | None = None) -> Outcome:
    task = Task("1", "spike", ("a",), float(told.time[-1]))
    return Outcome(task, [], [told], [], 0.0, {} if since is None else {"a": since})


def test_only_what_changed_is_stored_and_not_all_the_time() -> None:
    store = Counting()
    scored = Scored(store)  # type: ignore[arg-type]
    scored.take(outcome(scores(600)))
    assert scored.save(0.0) == 1 and store.rows == [600]
    scored.take(outcome(scores(601)))
    assert scored.save(5.0) == 0
    scored.take(outcome(scores(602)))
    assert scored.save(11.0) == 1 and store.rows == [600, 2]
    scored.take(outcome(scores(602)))
    assert scored.save(30.0) == 1 and store.rows == [600, 2]
    scored.take(outcome(scores(602, last=5.0)))
    assert scored.save(50.0) == 1 and store.rows == [600, 2, 2]


def test_what_was_cut_off_does_not_replace_what_was_judged_of_more() -> None:
    store = Counting()
    store.old = 1
    scored = Scored(store)  # type: ignore[arg-type]
    scored.take(outcome(scores(600), since=0.0))
    scored.save(0.0)
    assert store.rows == [300]
    store = Counting()
    scored = Scored(store)  # type: ignore[arg-type]
    scored.take(outcome(scores(600), since=0.0))
    scored.save(0.0)
    assert store.rows == [600]


def test_stored_scores_fold_into_the_episodes(bench: Bencher) -> None:
    one = bench()
    held = HoldValue(stream="methane", start_s=2.5 * DAY_S, seconds=6 * HOUR_S)
    one.store(tampered(held))
    one.settle()
    one.clock.now += 60
    one.judge.cycle()
    threshold = one.desks.main.thresholds["flat_signal"]
    found = one.series.scores(MINE, "flat_signal", "methane", -np.inf, np.inf)
    folded = [(round(e.start), round(e.end)) for e in fold(found, threshold)]
    told = [e for e in one.episodes() if (e.detector, e.stream) == ("flat_signal", "methane")]
    assert folded and folded == [(round(e.start), round(e.end)) for e in told]
