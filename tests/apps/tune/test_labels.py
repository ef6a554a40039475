"""What people said of an alert counts for the checks that it says something of."""

from __future__ import annotations

import pytest

from detector.apps.tune.labels import CONFIRMS, UNFOUNDS, labels_of, opinion_of
from detector.core.alert import DISPOSITIONS
from detector.detectors import CATALOGUE


def test_only_dispositions_and_checks_that_there_are_are_named() -> None:
    for table in (CONFIRMS, UNFOUNDS):
        assert set(table) <= set(DISPOSITIONS)
        for detectors in table.values():
            assert detectors is None or detectors <= set(CATALOGUE)


@pytest.mark.parametrize(
    ("disposition", "detector", "opinion"),
    [
        ("suspected_illegal_production", "scaled_signal", "confirmed"),
        ("occlusion_or_angle", "uninformative_frame", "confirmed"),
        ("occlusion_or_angle", "frozen_frame", "unfounded"),
        ("occlusion_or_angle", "copied_signal", "undecided"),
        ("offline", "silence", "confirmed"),
        ("offline", "inconsistent_production", "undecided"),
        ("person_entering", "inconsistent_shaft", "confirmed"),
        ("person_entering", "frozen_frame", "undecided"),
        ("calibration", "spike", "unfounded"),
        ("dispatcher_absent", "silence", "undecided"),
        ("other", "silence", "undecided"),
        (None, "silence", "undecided"),
    ],
)
def test_what_follows_for_a_threshold(disposition: str | None, detector: str, opinion: str) -> None:
    assert opinion_of(disposition, detector) == opinion


def test_one_disposition_says_different_things_of_the_checks_of_an_alert() -> None:
    episodes = [
        {"detector": d, "stream": "main", "start_s": 1.0, "end_s": 2.0, "evidence": None}
        for d in ("frozen_frame", "uninformative_frame")
    ]
    alert = {"id": "a", "mine": "m", "disposition": "occlusion_or_angle", "episodes": episodes}
    told = {
        d: labels_of([alert], "m", d, 0.0, 9.0) for d in ("frozen_frame", "uninformative_frame")
    }
    assert [label.opinion for label in told["frozen_frame"]] == ["unfounded"]
    assert [label.opinion for label in told["uninformative_frame"]] == ["confirmed"]
    assert not told["frozen_frame"][0].alone
