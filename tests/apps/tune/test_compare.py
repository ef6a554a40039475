"""What a threshold changes, told of a score with three bumps of which two were disposed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.apps.tune.compare import compare
from detector.apps.tune.curve import curve, suggestion
from detector.apps.tune.cutting import hot
from detector.apps.tune.labels import Label, labels_of
from detector.core.episode import Threshold
from detector.core.score import Scores

NOW = Threshold(4.0, 2.0, 0.0, "s", "warning")


def bumps(*peaks: float, stream: str = "a", blind: slice | None = None) -> Scores:
    """A bump of 100 s in every 1,000 s, in steps of 1 s; in it the score rises to its peak."""
    value = np.zeros(1000 * len(peaks))
    for number, peak in enumerate(peaks):
        value[1000 * number + 500 : 1000 * number + 600] = np.linspace(peak / 100, peak, 100)
    time = np.arange(len(value), dtype=np.float64)
    why = np.full(len(value), -1, dtype=np.int8)
    if blind is not None:
        value[blind], why[blind] = np.nan, 0
    since = np.where(value > 0, time // 1000 * 1000 + 500, time)
    return Scores("flat_signal", stream, "s", time, value, since, why, ("gone",))


def label(
    number: int, opinion: str, stream: str = "a", alert: str = "", alone: bool = True
) -> Label:
    start = 1000.0 * number + 550
    return Label(alert or f"{stream}{number}", stream, start, start + 50, opinion, alone)  # type: ignore[arg-type]


def changed(raise_at: float) -> Threshold:
    return Threshold(raise_at, raise_at / 2, 0.0, "s", "warning")


def test_a_higher_threshold_loses_what_was_lower() -> None:
    rows = [hot(bumps(5, 8, 20), 1.0)]
    told = compare(rows, NOW, changed(10.0), [label(0, "unfounded"), label(1, "confirmed")])
    assert [(s.start // 1000, s.opinion) for s in told.lost.first(9)] == [
        (0, "unfounded"),
        (1, "confirmed"),
    ]
    assert len(told.gained) == 0 and (told.before.episodes, told.after.episodes) == (3, 1)
    assert told.alerts == {"unfounded": 1, "confirmed": 1} and told.removed == 2
    assert (told.before.recall, told.after.recall) == (1.0, 0.0)
    assert (told.before.unfounded, told.before.undecided) == (1, 1)


def test_a_lower_threshold_gains_and_is_sooner() -> None:
    rows = [hot(bumps(3, 20), 0.5)]
    told = compare(rows, NOW, changed(2.0), [label(1, "confirmed")])
    assert [s.start // 1000 for s in told.gained.first(9)] == [0.0] and len(told.lost) == 0
    assert told.before.delay_s == 0.0  # it was above before the stretch that was labelled
    early = [Label("x", "a", 1500.0, 1600.0, "confirmed")]
    told = compare(rows, NOW, changed(2.0), early)
    assert told.before.delay_s is not None and told.after.delay_s is not None
    assert told.after.delay_s < told.before.delay_s <= 21


def test_an_episode_that_only_grows_is_neither() -> None:
    told = compare([hot(bumps(9), 0.5)], NOW, changed(2.0), [])
    assert len(told.gained) == 0 and len(told.lost) == 0 and told.alerts == {}


def test_an_alert_stays_while_any_part_of_it_does() -> None:
    rows = [hot(bumps(5, 20), 1.0), hot(bumps(5, 5, stream="b"), 1.0)]
    joint = [label(0, "unfounded", alert="x"), label(1, "unfounded", alert="x")]
    others = [label(0, "unfounded", "b", "y", alone=False), label(1, "undecided", "b", "z")]
    told = compare(rows, NOW, changed(10.0), [*joint, *others])
    assert len(told.lost) == 3 and told.alerts == {"undecided": 1}


def test_days_are_those_that_were_judged() -> None:
    rows = [hot(bumps(5, 5, blind=slice(0, 1000)), 1.0)]
    told = compare(rows, NOW, NOW, [label(1, "unfounded")])
    assert told.before.days == pytest.approx(1000 / 86400, rel=0.01)
    assert told.before.false_per_day == pytest.approx(86.4, rel=0.01)


def test_the_suggestion_parts_what_was_confirmed_from_what_was_not() -> None:
    rows = [hot(bumps(5, 6, 7, 16, 20), 0.5)]
    labels = [label(0, "unfounded"), label(2, "unfounded"), label(3, "confirmed")]
    points = curve(rows, NOW, labels)
    assert [p.raise_at for p in points] == sorted(p.raise_at for p in points)
    told = suggestion(points, NOW.raise_at)
    assert told is not None and 7 < told.raise_at <= 16
    assert (told.low, told.high) == (7.0, 16.0)
    recall = [p.effect.recall for p in points]
    assert recall[0] == 1.0 and recall[-1] == 0.0


def test_without_anything_confirmed_nothing_is_suggested() -> None:
    points = curve([hot(bumps(5, 6), 0.5)], NOW, [label(0, "unfounded")])
    assert suggestion(points, NOW.raise_at) is None


def test_the_suggestion_does_not_ask_for_what_nobody_has_judged() -> None:
    rows = [hot(bumps(1.5, 1.6, 1.7, 20), 0.1)]
    told = suggestion(curve(rows, NOW, [label(3, "confirmed")]), NOW.raise_at)
    assert told is not None and told.raise_at > 1.7


def test_labels_come_from_alerts() -> None:
    def episode(detector: str, start: float, **more: object) -> dict[str, Any]:
        return {"detector": detector, "stream": "a", "start_s": start, "end_s": start + 9, **more}

    gone = {"evidence": {"withdrawn": True}}
    alerts: list[dict[str, Any]] = [
        {
            "id": "x",
            "mine": "1",
            "disposition": "maintenance",
            "episodes": [
                episode("spike", 100),
                episode("spike", 50, **gone),
                episode("spike", 900),
            ],
        },
        {"id": "y", "mine": "2", "disposition": None, "episodes": [episode("spike", 100)]},
        {
            "id": "z",
            "mine": "1",
            "disposition": "offline",
            "episodes": [episode("spike", 101), episode("silence", 100)],
        },
    ]
    found = labels_of(alerts, "1", "spike", 0, 500)
    told = [(f.alert, f.start, f.opinion, f.alone) for f in found]
    assert told == [("x", 100, "unfounded", True), ("z", 101, "undecided", False)]
    found = labels_of(alerts, "1", "silence", 0, 500)  # what was offline was silent, not a spike
    told = [(f.alert, f.start, f.opinion, f.alone) for f in found]
    assert told == [("z", 100, "confirmed", False)]
