"""recording_gap: files against their times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detector.core.episode import Episode, Threshold, blind_stretches, fold
from detector.core.observation import Frames, Segment
from detector.core.score import Scores
from detector.detectors.recording_gap import ON_DEMAND, RecordingGap

UNKNOWN = float("nan")
THRESHOLD = Threshold(raise_at=2.0, clear_at=1.0, hold_s=0.0, unit="s", severity="warning")


def segment(start: float, duration: float, end: float = UNKNOWN, **more: Any) -> Segment:
    return Segment("shaft", f"{start:g}.mp4", start, end, duration, **more)


def scored(*segments: Segment | Frames) -> Scores:
    detector = RecordingGap()
    for one in segments:
        assert detector.update(one) == []
    (scores,) = detector.finish()
    return scores


def found(*segments: Segment | Frames) -> list[tuple[str, float, float]]:
    return [_told(e) for e in fold(scored(*segments), THRESHOLD)]


def _told(episode: Episode) -> tuple[str, float, float]:
    assert episode.evidence is not None
    return episode.evidence.kind, episode.start, episode.end


def test_files_that_follow_on_each_other_are_quiet() -> None:
    files = [segment(600.0 * i, 599.6 + 0.3 * (i % 3), 600.0 * (i + 1)) for i in range(8)]
    assert found(*files) == []
    assert blind_stretches(scored(*files)) == {}


def test_a_missing_stretch_lies_between_two_files() -> None:
    assert found(segment(0, 60), segment(90, 60)) == [("missing", 60, 90)]
    assert found(segment(90, 60), segment(0, 60)) == [("missing", 60, 90)]


def test_overlapping_files() -> None:
    assert found(segment(0, 60, 60), segment(54, 60, 114)) == [("overlap", 54, 60)]


def test_a_file_inside_another_does_not_hide_a_gap() -> None:
    files = (segment(0, 60), segment(20, 10), segment(70, 10))
    assert found(*files) == [("overlap", 20, 30), ("missing", 60, 70)]


def test_content_shorter_and_longer_than_declared() -> None:
    assert found(segment(0, 60, 75)) == [("shorter", 60, 75)]
    assert found(segment(0, 75, 60)) == [("longer", 60, 75)]


def test_a_short_file_is_told_once() -> None:
    assert found(segment(0, 40, 60), segment(60, 60, 120)) == [("shorter", 40, 60)]


def test_usual_overlap_of_a_recorder_is_its_habit() -> None:
    files = [segment(60.0 * i, 65) for i in range(9)]
    assert found(*files) == []
    late = [segment(60.0 * i + 30 * (i > 4), 65) for i in range(9)]
    assert found(*late) == [("missing", 305, 330)]


def test_a_recorder_on_demand_is_blind_for_gaps() -> None:
    starts = np.cumsum([0, 90, 300, 75, 1000, 480, 130])
    scores = scored(*[segment(float(s), 30) for s in starts])
    assert fold(scores, THRESHOLD) == []
    assert set(blind_stretches(scores)) == {ON_DEMAND}


def test_names_that_tell_minutes_only_are_vague() -> None:
    starts = np.cumsum([0, 660, 600, 600, 660, 600, 660])
    assert found(*[segment(float(s), 622.0) for s in starts]) == []


def test_a_jump_inside_a_recording_is_seen_without_a_clock() -> None:
    scores = scored(segment(UNKNOWN, 30, holes=((8.0, 12.0),)))
    (episode,) = fold(scores, THRESHOLD)
    assert _told(episode) == ("jump", 8.0, 12.0)
    assert episode.peak == pytest.approx(4.0)
    assert blind_stretches(scores) == {}


def test_many_jumps_are_how_it_records() -> None:
    holes = tuple((30.0 * i, 30.0 * i + 12) for i in range(1, 12))
    assert found(segment(UNKNOWN, 400, holes=holes)) == []


def test_jumps_are_seen_in_rows_of_pictures_too() -> None:
    time = np.r_[np.arange(0.2, 10, 0.2), np.arange(16, 20, 0.2)]
    seconds = np.diff(time, prepend=time[0])
    frames = Frames(
        stream="shaft",
        time=time,
        seconds=seconds.astype(np.float32),
        pictures=np.full(len(time), 5, dtype=np.int32),
        motion=np.zeros((len(time), 9, 16), dtype=np.int8),
        stir=np.zeros((len(time), 9, 16), dtype=np.uint8),
        coded=np.zeros(len(time), dtype=np.int32),
    )
    halves = [frames.rows(slice(0, 30)), frames.rows(slice(30, None))]
    assert found(*halves) == found(frames)
    ((kind, start, end),) = found(frames)
    assert kind == "jump"
    assert [start, end] == pytest.approx([9.8, 16.0])


def test_nothing_known_gives_nothing() -> None:
    assert RecordingGap().finish() == []
    assert found(segment(UNKNOWN, 0.0)) == []


def test_the_same_file_twice_is_one() -> None:
    assert found(segment(0, 60), segment(0, 60)) == []
