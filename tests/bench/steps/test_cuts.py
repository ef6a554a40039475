"""Trimmed, joined, resampled clips, with gaps, and their events."""

from pathlib import Path

import numpy as np
import pytest

from detector.bench.clip import Clip
from detector.bench.steps import Black, Drop, Fps, Gap, Hold, Join, Repeat, Replay, Still, Trim
from detector.bench.tamper import tampered
from detector.core.errors import TrueshaftError


def test_trim_cuts_pictures_and_events(clip: Clip) -> None:
    cut = tampered(clip, [Hold(start_s=1, seconds=2), Trim(start_s=2, seconds=1.5)])
    assert cut.times_s[0] == 0
    assert np.array_equal(cut.picture(12), clip.picture(32))
    assert (cut.events[0].start_s, cut.events[0].end_s) == pytest.approx((0.0, 1.0))


def test_trim_drops_a_replay_whose_earlier_showing_is_gone(clip: Clip) -> None:
    replay = Replay(start_s=2.5, seconds=1, from_s=0.5)
    assert not tampered(clip, [replay, Trim(start_s=1.6)]).events
    (event,) = tampered(clip, [replay, Trim(start_s=1.0)]).events
    assert (event.start_s, event.end_s) == pytest.approx((2.0, 2.5))
    assert event.other is not None
    assert (event.other.start_s, event.other.lag_s) == pytest.approx((0.0, 2.0))


def test_join_moves_events_along(clip: Clip, recording: Path) -> None:
    join = Join(path=recording, seconds=0.5, before=True)
    joined = tampered(clip, [Black(start_s=1, seconds=1), join])
    assert joined.duration_s == pytest.approx(4.5)
    assert joined.events[0].start_s == pytest.approx(1.5)
    assert joined.picture(17).max() == 0
    assert set(joined.shown_of[:5]) == {"gallery"}


def test_still_is_still_but_never_the_same(clip: Clip) -> None:
    still = tampered(clip, [Still(at_s=1, seconds=3, sigma=2)])
    pictures = np.stack([still.picture(k) for k in range(30)]).astype(np.float64)
    assert len(still) == 30
    assert not still.events
    assert pictures.std(axis=0).mean() == pytest.approx(2, abs=0.2)
    assert np.abs(pictures.mean(axis=0) - clip.picture(10)).mean() < 0.5


def test_an_inserted_still_stands_between(clip: Clip) -> None:
    still = tampered(clip, [Still(at_s=1, seconds=1, insert=True)])
    assert len(still) == 50
    assert np.array_equal(still.picture(20), clip.picture(10))


def test_a_gap_jumps_in_time_or_closes(clip: Clip) -> None:
    jumped = tampered(clip, [Gap(start_s=1, seconds=2)])
    assert np.diff(jumped.times_s).max() == pytest.approx(2.1)
    assert (jumped.events[0].start_s, jumped.events[0].end_s) == pytest.approx((1.0, 3.0))
    closed = tampered(clip, [Gap(start_s=1, seconds=2, closed=True)])
    assert np.diff(closed.times_s).max() == pytest.approx(0.1)
    assert closed.events[0].end_s == pytest.approx(1.0)
    assert np.array_equal(closed.picture(10), clip.picture(30))
    with pytest.raises(TrueshaftError):
        tampered(clip, [Gap(start_s=3, seconds=9)])


def test_repeats_are_short_and_as_many_as_asked(clip: Clip) -> None:
    repeated = tampered(clip, [Repeat(share=0.3, longest=3)], seed=2)
    index = np.rint(repeated.shown_s * 10).astype(int)
    runs = np.bincount(index)
    assert runs.max() <= 3
    assert 0.1 < np.mean(np.diff(index) == 0) < 0.5


def test_dropped_pictures_leave_times_as_they_are(clip: Clip) -> None:
    dropped = tampered(clip, [Drop(share=0.3)], seed=1)
    assert 20 < len(dropped) < 36
    assert np.allclose(dropped.shown_s, dropped.times_s)


@pytest.mark.parametrize(("rate", "count"), [(2, 8), (25, 100)])
def test_fps_shows_the_last_picture_taken(clip: Clip, rate: float, count: int) -> None:
    changed = tampered(clip, [Fps(rate=rate)])
    assert len(changed) == count
    late_s = changed.times_s - changed.shown_s
    assert late_s.min() > -1e-6
    assert late_s.max() < 0.1
