"""Holes in the times of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detector.edge.packets import read_packets
from detector.signals.time_stamps import holes, holes_between


def test_a_hole_is_found_between_pictures_in_any_order() -> None:
    time = np.concatenate([np.arange(0, 8, 0.04), np.arange(12, 20, 0.04)])
    shuffled = np.random.default_rng(1).permutation(time)
    assert np.asarray(holes(shuffled)) == pytest.approx(np.array([[7.96, 12.0]]))


def test_a_varying_rate_is_no_hole() -> None:
    random = np.random.default_rng(2)
    assert holes(np.cumsum(random.choice([0.04, 0.08, 0.4], 2000))) == ()
    assert holes(np.arange(0, 600, 5.0)) == ()


def test_nothing_and_one_picture_have_no_holes() -> None:
    assert holes(np.empty(0)) == ()
    assert holes(np.array([3.0, np.nan])) == ()


def test_rows_that_follow_on_nothing_open_no_hole() -> None:
    time = np.r_[np.arange(0.2, 5, 0.2), np.arange(60.2, 65, 0.2)]
    seconds = np.full(len(time), 0.2)
    seconds[time > 60] = np.r_[0.0, np.full(np.sum(time > 60) - 1, 0.2)]
    assert holes_between(time, seconds) == ()
    seconds[np.argmax(time > 60)] = 55.4
    assert len(holes_between(time, seconds)) == 1


@pytest.mark.parametrize("name", ["traffic_camera_vfr.mp4", "tree.avi", "vtest.avi"])
def test_real_recordings_have_no_holes(video: Callable[[str], Path], name: str) -> None:
    assert holes(read_packets(video(name)).time) == ()
