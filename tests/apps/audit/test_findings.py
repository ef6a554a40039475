"""Coverage: what was judged, what was not, and that both add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detector.apps.audit.findings import coverage_of
from detector.apps.audit.timeline import Recording, Timelines
from detector.core.score import Scores


def scores(detector: str, time: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Scores:
    why = np.full(len(time), -1, dtype=np.int8)
    return Scores(detector, "shaft", "s", time, np.zeros(len(time)), time, why)


@pytest.mark.parametrize(
    ("detector", "judged", "blind"), [("frozen_frame", 20, 90), ("recording_gap", 20, 0)]
)
def test_pictures_between_rows_far_apart_are_blind(
    detector: str, judged: float, blind: float
) -> None:
    time = np.concatenate([np.linspace(0, 10, 51), np.linspace(100, 110, 51)])
    recording = Recording(
        path=Path("a.mp4"),
        shown="a.mp4",
        stream="shaft",
        sha256=None,
        status="ok",
        reason=None,
        duration_s=110.0,
    )
    (told,) = coverage_of([scores(detector, time)], Timelines([recording]), [])
    assert told.judged_s == pytest.approx(judged)
    assert told.blind_s == pytest.approx(blind)
    assert (told.blind_why is None) == (blind == 0)
