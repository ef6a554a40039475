"""Matching what was found with what is true."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core.accuracy import (
    Expected,
    Finding,
    Showing,
    judge,
    overlap_s,
    right,
    turned,
    union_s,
)

HOLD = Expected("frozen_frame", "hold", "a", 10.0, 18.0)
COPY = Expected("duplicated_video", "copy", "b", 5.0, 25.0, Showing("a", 2.0, 3.0))
LOOP = Expected("replayed_video", "loop", "a", 10.0, 30.0, Showing("a", 5.0, 5.0), period_s=5.0)

spans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=8)


def _found(start_s: float, end_s: float, detector: str = "frozen_frame") -> Finding:
    return Finding(detector, "a", start_s, end_s)


def _copy(stream: str, other: str, start_s: float, lag_s: float, length_s: float = 15.0) -> Finding:
    showing = Showing(other, start_s - lag_s, lag_s)
    return Finding("duplicated_video", stream, start_s, start_s + length_s, showing)


def test_half_of_a_stretch_is_enough_and_less_is_not() -> None:
    (enough,) = judge([HOLD], [_found(14.0, 18.0)]).verdicts
    (less,) = judge([HOLD], [_found(14.1, 18.0)]).verdicts
    assert enough.recalled
    assert not less.recalled
    assert less.start_error_s is None


def test_errors_are_signed_and_delay_counts_from_the_true_start() -> None:
    crossed = Finding("frozen_frame", "a", 10.5, 17.8, crossed_s=15.0)
    (verdict,) = judge([HOLD], [crossed]).verdicts
    assert verdict.start_error_s == pytest.approx(0.5)
    assert verdict.end_error_s == pytest.approx(-0.2)
    assert verdict.delay_s == pytest.approx(5.0)


def test_pieces_add_up_but_do_not_count_twice() -> None:
    (verdict,) = judge([HOLD], [_found(10.0, 12.0), _found(11.0, 13.0)]).verdicts
    assert verdict.found_share == pytest.approx(3 / 8)
    (verdict,) = judge([HOLD], [_found(10.0, 12.0), _found(13.0, 15.5)]).verdicts
    assert verdict.recalled
    assert verdict.end_error_s == pytest.approx(-2.5)


def test_another_stream_or_detector_does_not_recall() -> None:
    elsewhere = Finding("frozen_frame", "b", 10.0, 18.0)
    other = _found(10.0, 18.0, "moved_camera")
    result = judge([HOLD], [elsewhere, other])
    assert not result.verdicts[0].recalled
    assert result.other_name == (other,)
    assert result.false == (elsewhere,)


def test_a_finding_mostly_outside_what_is_true_is_false() -> None:
    long = _found(0.0, 26.0, "moved_camera")
    just = _found(9.0, 19.0, "moved_camera")
    result = judge([HOLD], [long, just])
    assert result.false == (long,)
    assert result.other_name == (just,)


def test_what_need_not_be_found_may_be_and_explains_nothing_else() -> None:
    maybe = Expected("moved_camera", "footage", "a", 0.0, 1e6, must=False)
    moved, frozen = _found(3.0, 9.0, "moved_camera"), _found(3.0, 9.0)
    result = judge([maybe], [moved, frozen])
    assert result.verdicts == ()
    assert result.false == (frozen,)
    assert result.other_name == ()


def test_a_copy_is_right_from_either_side() -> None:
    told = _copy("b", "a", 7.0, 3.2)
    from_other_side = turned(told)
    assert from_other_side is not None
    assert from_other_side.stream == "a"
    for finding in (told, from_other_side):
        seen = right(finding, COPY)
        assert seen is not None
        assert (seen.stream, seen.start_s, seen.end_s) == ("b", 7.0, 22.0)


@pytest.mark.parametrize(
    "wrong",
    [_copy("b", "c", 5.0, 3.0), _copy("b", "a", 5.0, 4.5), _copy("b", "a", 5.0, -3.0)],
    ids=["pair", "lag", "sign"],
)
def test_a_wrong_pair_or_lag_is_false(wrong: Finding) -> None:
    result = judge([COPY], [wrong])
    assert not result.verdicts[0].recalled
    assert result.false == (wrong,)


def test_a_copy_explains_no_other_detector() -> None:
    frozen = Finding("frozen_frame", "b", 6.0, 20.0)
    assert judge([COPY], [frozen]).false == (frozen,)


def test_any_lag_is_right_where_it_is_not_known() -> None:
    anyhow = Expected("duplicated_video", "copy", "b", 5.0, 25.0, Showing("a", 0.0, math.nan))
    assert right(_copy("b", "a", 5.0, 17.0), anyhow) is not None
    assert right(_copy("b", "c", 5.0, 17.0), anyhow) is None


@pytest.mark.parametrize(("lag_s", "fits"), [(5.0, True), (15.4, True), (7.5, False), (0.5, False)])
def test_a_loop_repeats_at_every_multiple_of_its_period(lag_s: float, fits: bool) -> None:
    told = Finding("replayed_video", "a", 10.0, 30.0, Showing("a", 10.0 - lag_s, lag_s))
    assert (right(told, LOOP) is not None) == fits


def test_a_replay_without_its_other_showing_is_not_right() -> None:
    assert right(Finding("replayed_video", "a", 10.0, 30.0), LOOP) is None


@given(spans)
def test_union_counts_every_second_once(pieces: list[tuple[int, int]]) -> None:
    stretches = [(float(start), float(start + length)) for start, length in pieces]
    seconds = {s for start, length in pieces for s in range(start, start + length)}
    assert union_s(stretches) == pytest.approx(len(seconds))


@given(st.tuples(st.floats(0, 50), st.floats(0, 20)), st.tuples(st.floats(0, 50), st.floats(0, 20)))
def test_overlap_is_symmetric_and_bounded(a: tuple[float, float], b: tuple[float, float]) -> None:
    one, two = _found(a[0], a[0] + a[1]), _found(b[0], b[0] + b[1])
    shared_s = overlap_s(one, two)
    assert shared_s == overlap_s(two, one)
    assert 0 <= shared_s <= min(a[1], b[1]) + 1e-9
