"""Timelines and curves: everything at its place, nothing outside, blind stretches drawn."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from detector.apps.report.cameras import Camera, cameras
from detector.apps.report.charts import POINTS, chart
from detector.apps.report.clock import ticks
from detector.apps.report.schema import Blind, Coverage, Input, Report, Series
from detector.apps.report.texts import Texts
from detector.apps.report.timeline import NARROWEST, Track, tracks
from tests.apps.report.making import episode

T = Texts("en")


def of(report: Report, name: str) -> list[Track]:
    return tracks(next(c for c in cameras(report) if c.name == name), T)


def lanes(track: Track) -> dict[str, list[str]]:
    return {lane.detector: [bar.kind for bar in lane.bars] for lane in track.lanes}


def test_files_of_one_camera_share_the_wall_clock(report: Report) -> None:
    (track,) = of(report, "main-shaft")
    first, second = track.files
    assert (first.x, first.x + first.width) == pytest.approx((0.0, 100 * 30 / 65), abs=0.01)
    assert (second.x, second.x + second.width) == pytest.approx((100 * 35 / 65, 100.0), abs=0.01)
    gap = next(lane for lane in track.lanes if lane.detector == "recording_gap").bars[0]
    assert gap.x == pytest.approx(first.width, abs=0.01)
    assert gap.width == pytest.approx(100 * 5 / 65, abs=0.01)
    assert track.ticks[0].label == "14:00"
    assert track.caption == "2026-01-02, wall clock, UTC+08:00"


def test_an_episode_of_a_later_file_is_drawn_where_it_was(report: Report) -> None:
    (track,) = of(report, "main-shaft")
    black = next(lane for lane in track.lanes if lane.detector == "uninformative_frame").bars[0]
    assert (black.x, black.width) == pytest.approx((100 * 60 / 65, 100 * 5 / 65), abs=0.01)


def test_without_a_clock_every_file_has_its_own_axis() -> None:
    inputs = [Input(path=f"{n}/a.mp4", stream="a", status="ok", duration_s=60) for n in "xy"]
    made = tracks(cameras(Report(version="0", config_digest="", inputs=inputs))[0], T)
    assert [track.files[0].x for track in made] == [0.0, 0.0]
    assert [track.caption[-7:] for track in made] == ["x/a.mp4", "y/a.mp4"]


def test_blind_stretches_and_other_showings_are_drawn(report: Report) -> None:
    assert lanes(of(report, "fan-room")[0])["frozen_frame"] == ["blind"]
    assert lanes(of(report, "副井口")[0]) == {
        "replayed_video": ["ghost", "replayed_video"],
        "duplicated_video": ["ghost"],
    }


def test_blind_time_of_unknown_place_is_told(report: Report) -> None:
    lane = next(x for x in of(report, "fan-room")[0].lanes if x.detector == "replayed_video")
    assert "51.0\u00a0s" in lane.note


def test_files_with_trouble_are_marked(report: Report) -> None:
    assert [b.kind for b in of(report, "gate (copy)")[0].files] == ["unreadable"]
    assert [b.kind for b in of(report, "locker")[0].files] == ["partial"]


def test_a_clock_with_and_one_without_zone_do_not_meet() -> None:
    starts = ["2026-01-02T14:00:00+08:00", "2026-01-02T15:00:00"]
    inputs = [
        Input(path=f"{i}.mp4", stream="a", status="ok", duration_s=60, start=s)
        for i, s in enumerate(starts)
    ]
    made = tracks(cameras(Report(version="0", config_digest="", inputs=inputs))[0], T)
    assert [len(track.files) for track in made] == [1, 1]


@given(st.floats(0, 5000), st.floats(0, 5000), st.floats(0.1, 5000))
def test_no_bar_leaves_its_axis_or_vanishes(start: float, more: float, length: float) -> None:
    odd = episode(Path(), "frozen_frame", "a", "a.mp4", (start, start + more))
    made = Camera(
        name="a",
        number=1,
        inputs=(Input(path="a.mp4", stream="a", status="ok", duration_s=length),),
        coverage=(
            Coverage(
                detector="frozen_frame",
                stream="a",
                judged_s=0,
                blind_s=more,
                blind=[Blind(path="a.mp4", start_s=start, end_s=start + more, why="dark")],
            ),
        ),
        findings=(),
        showings=(),
    )
    assert odd.end_s >= odd.start_s
    for bar in tracks(made, T)[0].lanes[0].bars if more else []:
        assert bar.width >= NARROWEST
        assert bar.x >= 0
        assert bar.x + bar.width <= 100.001


@given(st.floats(0.2, 1e7), st.floats(0, 1e6))
def test_ticks_are_few_ordered_and_on_the_axis(length: float, start: float) -> None:
    made = ticks(start, start + length)
    assert len(made) <= 9
    places = [tick.x for tick in made]
    assert places == sorted(places)
    assert all(-0.01 <= x <= 100.01 for x in places)


def test_ticks_stand_at_round_times_of_the_clock() -> None:
    zero = datetime.fromisoformat("2026-01-02T23:58:40")
    assert [t.label for t in ticks(0, 240, zero)][:4] == [
        "23:59:00",
        "23:59:30",
        "01-03",
        "00:00:30",
    ]


def test_a_long_curve_is_thinned_without_losing_its_extremes() -> None:
    value = [0.5] * 10000
    value[1234], value[7777] = 1.0, 0.0
    made = chart(Series(time_s=list(range(10000)), value=value), full=(0, 1))
    assert made is not None
    heights = [float(point.split(",")[1]) for point in made.lines[0].split()]
    assert len(heights) <= POINTS + 2
    assert (min(heights), max(heights)) == (0.0, 100.0)


def test_a_peak_after_a_long_rest_begins_where_the_rest_ends() -> None:
    value = [0.0] * 10000
    value[5003:5008] = [1.0] * 5
    made = chart(Series(time_s=list(range(10000)), value=value), full=(0, 1))
    assert made is not None
    points = [p.split(",") for p in made.lines[0].split()]
    at = next(i for i, (_, y) in enumerate(points) if float(y) < 100)
    assert float(points[at][0]) - float(points[at - 1][0]) <= 1000 / (POINTS / 4)


def test_every_finding_of_a_curve_is_shaded() -> None:
    made = chart(Series(time_s=[0, 50, 100], value=[1, 2, 1]), inside=[(10, 20), (50, 75)])
    assert made is not None and made.inside == [(10.0, 10.0), (50.0, 25.0)]


def test_a_curve_with_a_hole_is_drawn_with_a_hole() -> None:
    made = chart(Series(time_s=[0, 1, 2, 3, 4], value=[1, 2, None, 2, 1]), threshold=1.5)
    assert made is not None
    assert len(made.lines) == 2
    assert made.threshold_y == 25.0


@pytest.mark.parametrize("value", [[], [1.0], [None, None]])
def test_no_curve_of_nothing(value: list[float | None]) -> None:
    assert chart(Series(time_s=list(range(len(value))), value=value)) is None
    assert chart(None) is None


@example(values=[0.0, 0.0], threshold=5e-324)
@example(values=[1e20, 1e20], threshold=1e20)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30), st.floats(-1e6, 1e6))
def test_levels_are_few_and_hold_the_curve(values: list[float], threshold: float) -> None:
    made = chart(Series(time_s=list(range(len(values))), value=values), threshold=threshold)
    assert made is not None
    assert 2 <= len(made.levels) <= 6
    assert made.threshold_y is not None
    assert 0 <= made.threshold_y <= 100
