"""Times run forward whatever the stamps say."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from detector.edge.clock import Clock

Stamps = list[tuple[int | None, int | None]]


def times(stamps: Stamps) -> tuple[list[float], list[str]]:
    faults: list[str] = []
    clock = Clock(0.001, 0.1, faults.append)
    told = []
    for pts, dts in stamps:
        frame = VideoFrame(16, 16, "gray")
        frame.pts, frame.dts, frame.time_base = pts, dts, Fraction(1, 1000)
        told.append(round(clock.time(frame), 6))
    return told, faults


def test_presentation_stamps_rule() -> None:
    assert times([(500, 300), (600, 400), (750, 500)]) == ([0.0, 0.1, 0.25], [])


def test_decoding_stamps_stand_in_where_presentation_stamps_zigzag() -> None:
    told, faults = times([(1, 0), (3, 1), (2, 2), (5, 3), (4, 4), (6, 5)])
    assert told[0] == 0
    assert told[3:] == [0.003, 0.004, 0.005]
    assert faults == []


def test_the_nominal_rate_stands_in_where_there_are_none() -> None:
    told, faults = times([(None, None)] * 3)
    assert told == [0.0, 0.1, 0.2]
    assert set(faults) == {"time stamps are missing; the nominal frame rate stands in"}


def test_stamps_that_begin_late_join_the_rest() -> None:
    assert times([(None, None), (7000, None), (7100, None)])[0] == [0.0, 0.1, 0.2]


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-10_000, 10_000), st.none() | st.integers(-10_000, 10_000)
        ),
        min_size=1,
        max_size=30,
    )
)
def test_times_run_forward(stamps: Stamps) -> None:
    told, _ = times(stamps)
    assert all(after > before for before, after in pairwise(told))
