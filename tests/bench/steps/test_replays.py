"""Held, looped and replayed pictures."""

import numpy as np
import pytest

from detector.bench.clip import OWN, Clip, Event, Other
from detector.bench.steps import Clock, Hold, HoldRegion, Loop, Replay, Spinner
from detector.bench.tamper import tampered
from detector.core.errors import TrueshaftError


def test_a_hold_shows_one_picture_and_only_there(clip: Clip) -> None:
    held = tampered(clip, [Hold(start_s=1, seconds=1)])
    assert len(held) == len(clip)
    assert all(np.array_equal(held.picture(k), clip.picture(10)) for k in range(10, 20))
    assert np.array_equal(held.picture(20), clip.picture(20))
    assert not np.array_equal(held.picture(20), held.picture(19))
    assert held.events == (Event("frozen_frame", "hold", 1.0, 2.0),)


def test_a_hold_without_length_lasts_to_the_end(clip: Clip) -> None:
    held = tampered(clip, [Hold(start_s=3)])
    assert held.events[0].end_s == pytest.approx(4.0)
    assert np.array_equal(held.picture(39), held.picture(30))


def test_an_inserted_hold_goes_on_where_it_stopped(clip: Clip) -> None:
    held = tampered(clip, [Hold(start_s=1, seconds=2, insert=True)])
    assert held.duration_s == pytest.approx(5.9)
    assert (held.events[0].start_s, held.events[0].end_s) == pytest.approx((1.0, 3.0))
    assert np.array_equal(held.picture(29), clip.picture(10))
    assert np.array_equal(held.picture(30), clip.picture(11))


def test_a_clock_ticks_over_a_hold_and_nothing_else_changes(clip: Clip) -> None:
    held = tampered(clip, [Hold(start_s=1, seconds=3), Clock(place="top-left", height=0.15)])
    changed = held.picture(15) != held.picture(25)
    assert changed.any()
    assert not changed[40:].any()
    assert np.array_equal(held.picture(11), held.picture(18))


def test_a_spinner_turns_over_a_hold(clip: Clip) -> None:
    held = tampered(clip, [Hold(start_s=1), Spinner(per_s=5)])
    assert len({held.picture(k).tobytes() for k in range(10, 20)}) == 5


def test_a_loop_repeats_at_its_period_to_the_end(clip: Clip) -> None:
    looped = tampered(clip, [Loop(start_s=0.5, period_s=0.8)])
    assert len(looped) == len(clip)
    for k in range(13, 40):
        assert np.array_equal(looped.picture(k), looped.picture(k - 8))
    (event,) = looped.events
    assert (event.detector, event.kind) == ("replayed_video", "loop")
    assert (event.start_s, event.end_s) == pytest.approx((1.3, 4.0))
    assert event.other is not None
    assert event.other.lag_s == pytest.approx(0.8)
    assert event.other.start_s == pytest.approx(event.start_s - 0.8)


def test_counted_repetitions_end_and_may_outlast_the_clip(clip: Clip) -> None:
    short = tampered(clip, [Loop(start_s=0, period_s=1, repetitions=2)])
    assert np.array_equal(short.picture(25), clip.picture(5))
    assert np.array_equal(short.picture(30), clip.picture(30))
    long = tampered(clip, [Loop(start_s=3, period_s=1, repetitions=5)])
    assert long.duration_s == pytest.approx(9.0)
    assert np.all(np.diff(long.times_s) > 0)


def test_a_replay_overwrites_with_the_past(clip: Clip) -> None:
    replayed = tampered(clip, [Replay(start_s=2.5, seconds=1, from_s=0.5)])
    assert all(np.array_equal(replayed.picture(k), clip.picture(k - 20)) for k in range(25, 35))
    assert np.array_equal(replayed.picture(35), clip.picture(35))
    assert replayed.events[0].other == Other(OWN, 0.5, 1.5, 2.0)


@pytest.mark.parametrize(
    ("start_s", "from_s", "at"), [(3.0, 0.5, (3.0, 0.5)), (0.5, 3.0, (4.0, 0.5))]
)
def test_an_inserted_replay_names_the_later_showing(
    clip: Clip, start_s: float, from_s: float, at: tuple[float, float]
) -> None:
    replayed = tampered(clip, [Replay(start_s=start_s, seconds=1, from_s=from_s, insert=True)])
    (event,) = replayed.events
    assert event.other is not None
    assert (event.start_s, event.other.start_s) == pytest.approx(at)
    lag = round(event.other.lag_s * 10)
    first = round(event.start_s * 10)
    for k in range(first, first + 10):
        assert np.array_equal(replayed.picture(k), replayed.picture(k - lag))


def test_a_replay_of_itself_is_refused(clip: Clip) -> None:
    with pytest.raises(TrueshaftError):
        tampered(clip, [Replay(start_s=1, seconds=1, from_s=0.5)])


def test_a_held_region_leaves_the_rest_live(clip: Clip) -> None:
    held = tampered(clip, [HoldRegion(start_s=1, left=0.5, top=0, width=0.5, height=1)])
    same = held.picture(20) == held.picture(30)
    assert same[:, 64:].all()
    assert same[:, :64].mean() < 0.5


def test_a_step_outside_the_clip_is_refused(clip: Clip) -> None:
    with pytest.raises(TrueshaftError):
        tampered(clip, [Hold(start_s=9)])
