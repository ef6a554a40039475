"""Coverage: what was judged, what was not, and that both add up to what was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.apps.audit.coverage import NO_READINGS, UNDECODED, coverage_of
from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.report.schema import Coverage
from detector.core.score import Scores
from detector.detectors import VIDEO
from detector.detectors.repetition import UNSEEN
from detector.edge.packets import Packets
from detector.pipeline import Failure

F64 = np.ndarray[tuple[int], np.dtype[np.float64]]
DARK = "too dark"


def packets(time: F64) -> Packets:
    key = np.ones(len(time), dtype=bool)
    return Packets(time, np.ones(len(time), dtype=np.int32), key, 64, 64, "h264", float(time[-1]))


def recorded(time: F64, path: str = "a.mp4", **more: Any) -> Recording:
    """A recording whose pictures are at ``time``."""
    return Recording(
        path=Path(path),
        shown=path,
        stream="shaft",
        sha256=None,
        status="ok",
        reason=None,
        duration_s=float(time[-1]),
        packets=packets(time),
        **more,
    )


def scores(time: F64, blind: tuple[float, float] = (np.inf, np.inf)) -> Scores:
    dark = (time > blind[0]) & (time <= blind[1])
    value = np.where(dark, np.nan, 0.0)
    why = np.where(dark, 0, -1).astype(np.int8)
    return Scores("frozen_frame", "shaft", "s", time, value, time, why, (DARK,))


def told(score: Scores, *recordings: Recording) -> Coverage:
    covered = coverage_of([score], Timelines(recordings), [])
    (one,) = [c for c in covered if c.detector == score.detector]
    assert sum(b.end_s - b.start_s for b in one.blind) == pytest.approx(one.blind_s)
    assert (one.blind_why is None) == (one.blind_s == 0)
    return one


def steps(start: float, end: float, step: float = 0.04) -> F64:
    return np.round(np.arange(start, end + step / 2, step), 6)


def test_what_is_judged_and_blind_adds_up_from_the_first_picture_to_the_last() -> None:
    one = told(scores(steps(0.5, 59.0, 0.5), blind=(10, 20)), recorded(steps(0, 60)))
    assert one.judged_s == pytest.approx(50)
    assert one.blind_s == pytest.approx(10)
    (blind,) = one.blind
    assert (blind.start_s, blind.end_s, blind.why) == pytest.approx((10, 20, DARK))


def test_rows_far_apart_leave_the_pictures_between_them_unseen() -> None:
    """Coarsely read: a look at 0 to 10 s, another at 100 to 110 s of 130 s."""
    looks = np.concatenate([steps(0, 10), steps(100, 110)])
    one = told(scores(looks), recorded(steps(0, 130), coarse=True))
    assert one.judged_s == pytest.approx(20) and one.blind_s == pytest.approx(110)
    assert one.blind_why == UNSEEN
    assert [(b.start_s, b.end_s) for b in one.blind] == [(10, 100), (110, 130)]


def test_pictures_far_apart_that_were_all_seen_are_judged() -> None:
    sparse = steps(0, 300, 10)
    assert told(scores(sparse), recorded(sparse)).judged_s == pytest.approx(300)
    every_other = told(scores(sparse[::2]), recorded(sparse))
    assert every_other.blind_s == pytest.approx(300) and every_other.blind_why == UNDECODED


def test_what_is_left_out_adds_to_what_a_detector_says_of_itself() -> None:
    one = told(scores(steps(0, 50), blind=(40, 50)), recorded(steps(0, 80)))
    assert one.judged_s == pytest.approx(40)
    assert one.blind_why == f"{UNDECODED}; {DARK}"


def test_holes_are_neither_judged_nor_blind() -> None:
    """40 s of pictures in a recording of 60 s."""
    time = np.concatenate([steps(0, 20), steps(40, 60)])
    one = told(scores(time), recorded(time))
    assert (one.judged_s, one.blind_s) == pytest.approx((40, 0))
    through = told(scores(steps(0, 60, 4)), recorded(time))
    assert (through.judged_s, through.blind_s) == pytest.approx((40, 0))


def test_gaps_between_files_are_neither_judged_nor_blind() -> None:
    first = recorded(steps(0, 20), wall=True, start=1000.0)
    second = recorded(steps(0, 30), "b.mp4", wall=True, start=1100.0)
    time = np.concatenate([steps(1000, 1020), steps(1100, 1130)])
    one = told(scores(time, blind=(1010, 1105)), first, second)
    assert one.judged_s == pytest.approx(35) and one.blind_s == pytest.approx(15)
    assert [b.path for b in one.blind] == ["a.mp4", "b.mp4"]
    assert [t for b in one.blind for t in (b.start_s, b.end_s)] == pytest.approx([10, 20, 0, 5])


def test_every_detector_of_pictures_is_told_even_where_it_never_scored() -> None:
    covered = coverage_of([], Timelines([recorded(steps(0, 60))]), [])
    assert {c.detector for c in covered} == VIDEO
    assert {(c.judged_s, c.blind_s, c.blind_why) for c in covered} == {(0, 60, UNDECODED)}


def test_a_detector_that_failed_judged_nothing() -> None:
    time = np.concatenate([steps(0, 20), steps(40, 60)])
    failure = Failure("frozen_frame", ("shaft",), "KeyError: 1")
    covered = coverage_of([scores(time)], Timelines([recorded(time)]), [failure])
    (one,) = [c for c in covered if c.detector == "frozen_frame"]
    assert (one.judged_s, one.blind_s) == pytest.approx((0, 40))
    assert one.blind_why == "the check failed: KeyError: 1"
    assert {b.why for b in one.blind} == {one.blind_why}


def test_readings_are_judged_however_far_apart_but_not_where_they_have_ended() -> None:
    file = replace(recorded(steps(0, 3600, 60)), kind="readings", packets=None)
    reported = told(scores(steps(0, 1800, 60)[:-10]), file)
    assert reported.judged_s == pytest.approx(1200)
    assert reported.blind_s == pytest.approx(2400) and reported.blind_why == NO_READINGS
    assert told(scores(np.array([0.0, 60, 120, 2000, 3600])), file).judged_s == 3600
