"""Moved cameras, and a vehicle that moves none."""

from pathlib import Path

import numpy as np
import pytest

from detector.bench.clip import Clip
from detector.bench.steps import Elsewhere, Rotate, Shift, Step, Truck, Zoom
from detector.bench.tamper import tampered


def test_a_shift_shows_two_windows_of_the_larger_picture(clip: Clip) -> None:
    shifted = tampered(clip, [Shift(start_s=2, seconds=1, amount=0.25, ramp_s=0)])
    wide = shifted.size[0]
    assert wide == 102
    assert np.array_equal(shifted.picture(10), clip.picture(10)[:, :wide])
    assert np.array_equal(shifted.picture(25), clip.picture(25)[:, -wide:])
    assert np.array_equal(shifted.picture(35), clip.picture(35)[:, :wide])
    assert (shifted.events[0].detector, shifted.events[0].kind) == ("moved_camera", "shift")
    assert (shifted.events[0].start_s, shifted.events[0].end_s) == pytest.approx((2.0, 3.0))


@pytest.mark.parametrize(
    "move", [Rotate(start_s=2, degrees=12), Zoom(start_s=2), Zoom(start_s=2, factor=0.6)]
)
def test_a_move_brings_no_border_in(clip: Clip, move: Step) -> None:
    bright = clip.drawn(lambda _, picture: np.maximum(picture, 60))
    moved = tampered(bright, [move])
    for k in (10, 30):
        assert moved.picture(k).shape == (moved.size[1], moved.size[0], 3)
        assert moved.picture(k).min() >= 60
    assert moved.events[0].end_s == pytest.approx(4.0)


def test_elsewhere_is_other_footage(clip: Clip, recording: Path) -> None:
    moved = tampered(clip, [Elsewhere(start_s=1, path=recording, from_s=1, seconds=1)])
    assert len(moved) == len(clip)
    assert set(moved.shown_of[10:20]) == {"gallery"}
    assert np.allclose(moved.shown_s[10:20], np.arange(10, 20) / 10)
    assert np.array_equal(moved.picture(25), clip.picture(25))


def test_a_truck_hides_most_and_leaves(clip: Clip) -> None:
    passed = tampered(clip, [Truck(start_s=0.5, seconds=3, fill=0.9)])
    hidden = [float((passed.picture(k) != clip.picture(k)).mean()) for k in range(40)]
    assert max(hidden) > 0.7
    assert hidden[2] == hidden[38] == 0
    assert not passed.events
