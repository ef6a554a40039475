"""What the truth says of copies."""

from pathlib import Path

import pytest

from detector.bench.clip import Clip
from detector.bench.steps import Black, Flip, Fps, Hold, Loop, Step, Trim
from detector.bench.tamper import tampered
from detector.bench.truth import SCHEMA, Truth, shared, truth_of, truth_path


def _truth(clip: Clip, stream: str, steps: list[Step]) -> Truth:
    return truth_of(tampered(clip, steps), stream, "source", 0, (), {})


def test_the_lag_is_own_start_minus_the_others(clip: Clip) -> None:
    truth = _truth(clip, "copy", [Trim(start_s=1.5), Flip(), Fps(rate=25)])
    (event,) = truth.events
    assert event.detector == "duplicated_video"
    assert event.other is not None
    assert event.other.stream == clip.shown_of[0]
    assert event.other.lag_s == pytest.approx(-1.5, abs=0.1)
    assert event.start_s - event.other.start_s == pytest.approx(event.other.lag_s)


def test_what_is_black_or_held_is_no_copy(clip: Clip) -> None:
    truth = _truth(clip, "copy", [Hold(start_s=1, seconds=1), Black(start_s=3, seconds=1)])
    copied = [(e.start_s, e.end_s) for e in truth.shown]
    assert copied == [pytest.approx((0, 1.1)), pytest.approx((2, 3))]


def test_events_among_streams_leave_out_what_nobody_sees(clip: Clip) -> None:
    truth = _truth(clip, "copy", [Loop(start_s=0, period_s=1)])
    assert {e.detector for e in truth.among({"copy"})} == {"replayed_video"}
    assert {e.detector for e in truth.among({str(clip.shown_of[0])})} == {"duplicated_video"}


def test_two_copies_of_one_source_share_what_both_show(clip: Clip) -> None:
    one, two = _truth(clip, "one", [Trim(start_s=1)]), _truth(clip, "two", [Trim(seconds=3)])
    (event,) = shared(one, two)
    assert (event.start_s, event.end_s) == pytest.approx((0, 2))
    assert event.other is not None
    assert event.other.stream == "two"
    assert (event.other.start_s, event.other.lag_s) == pytest.approx((1, -1))


def test_the_truth_reads_as_written(clip: Clip, tmp_path: Path) -> None:
    truth = _truth(clip, "copy", [Loop(start_s=0, period_s=1)])
    path = truth_path(tmp_path / "copy.mp4")
    assert path.name == "copy.mp4.truth.json"
    truth.write(path)
    assert Truth.read(path) == truth
    assert path.read_text(encoding="utf-8").startswith('{\n "schema": "' + SCHEMA)
