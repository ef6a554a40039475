"""The motion of a stream, and how a copy may show it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core.observation import STEP_S, TILES, U8, Frames
from detector.signals.change import tile_means
from detector.signals.motion import Disguise, Motion, crops, motion_of, nothing
from tests import naive


def frames(time: list[float], seconds: list[float], seed: int = 0) -> Frames:
    count = len(time)
    random = np.random.default_rng(seed)
    return Frames(
        stream="shaft",
        time=np.array(time, dtype=np.float64),
        seconds=np.array(seconds, dtype=np.float32),
        pictures=np.ones(count, dtype=np.int32),
        motion=random.integers(-127, 128, (count, *TILES), dtype=np.int8),
        stir=np.zeros((count, *TILES), dtype=np.uint8),
        coded=np.zeros(count, dtype=np.int32),
    )


def compare(block: Frames) -> Motion:
    quick, slow = motion_of(block), naive.motion(block)
    assert quick.step.tolist() == list(slow)
    if slow:
        np.testing.assert_allclose(quick.change, list(slow.values()), rtol=1e-4, atol=1e-4)
    return quick


def test_every_step_of_a_steady_stream() -> None:
    time = [0.16 + i * STEP_S for i in range(30)]
    motion = compare(frames(time, [0.0] + [STEP_S] * 29))
    assert motion.step.tolist() == list(range(1, 30))
    assert motion.change.dtype == np.float32 and motion.change.shape == (29, 144)
    energy = [float((row.astype(np.float64) ** 2).sum()) for row in motion.change]
    np.testing.assert_allclose(motion.energy, energy, rtol=1e-5)


def test_a_gap_has_no_steps() -> None:
    motion = compare(frames([0.0, 0.2, 0.4, 60.0, 60.2, 60.4], [0, 0.2, 0.2, 0, 0.2, 0.2]))
    assert motion.step.tolist() == [1, 2, 301, 302]


def test_a_low_frame_rate_is_spread_over_the_steps_between() -> None:
    """One picture a second: each change fills five steps with a fifth of it."""
    motion = compare(frames([0.0, 1.0, 2.0, 3.0], [0, 1.0, 1.0, 1.0]))
    assert motion.step.tolist() == list(range(1, 16))
    np.testing.assert_array_equal(motion.change[1], motion.change[2])


def test_a_change_over_too_long_says_nothing() -> None:
    assert compare(frames([0.0, 5.0, 10.0, 10.2], [0, 5.0, 5.0, 0.2])).step.tolist() == [51]


def test_nothing_and_a_single_row() -> None:
    assert len(compare(frames([], []))) == 0
    assert len(compare(frames([3.0], [0.0]))) == 0
    assert len(compare(frames([3.0], [0.2]))) == 1
    assert nothing().change.shape == (0, 144)


@given(st.lists(st.sampled_from([0.0, 0.04, 0.2, 0.25, 0.5, 1.0, 1.8, 3.0]), max_size=12))
def test_any_rhythm(gaps: list[float]) -> None:
    time = list(np.cumsum(gaps))
    cut = [g if i and g else 0.0 for i, g in enumerate(gaps)]
    compare(frames(time, cut, len(gaps)))


def test_wall_clock_times_make_the_same_motion() -> None:
    time = [i * STEP_S for i in range(20)]
    epoch = 1_767_225_600.0
    here = motion_of(frames(time, [0.0] + [STEP_S] * 19))
    there = motion_of(frames([epoch + t for t in time], [0.0] + [STEP_S] * 19))
    assert (there.step - here.step).tolist() == [round(epoch / STEP_S)] * 19
    np.testing.assert_array_equal(here.change, there.change)


def painted(tiles: np.typing.NDArray[np.float32]) -> U8:
    """A picture, 20 x 20 pixels a tile, of which each tile is evenly grey."""
    return np.repeat(np.repeat(tiles, 20, axis=0), 20, axis=1).astype(np.uint8)


DISGUISES = [
    Disguise(),
    Disguise(mirrored=True),
    Disguise(0.9, 0.05, 0.05),
    Disguise(0.9, 0.1, 0.0, mirrored=True),
    Disguise(0.8, 0.0, 0.2),
    Disguise(0.5, 0.25, 0.5, mirrored=True),
]


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_is_what_cutting_and_mirroring_the_picture_does(disguise: Disguise) -> None:
    tiles = np.random.default_rng(4).integers(0, 256, TILES).astype(np.float32)
    picture = painted(tiles)
    height, width = picture.shape
    top, left = round(disguise.top * height), round(disguise.left * width)
    tall, wide = round(disguise.keep * height), round(disguise.keep * width)
    part = picture[top : top + tall, left : left + wide]
    part = part[:, ::-1] if disguise.mirrored else part
    shown = disguise.apply(tiles.reshape(1, -1))
    assert shown.shape == (1, 144) and shown.dtype == np.float32
    np.testing.assert_allclose(shown.reshape(TILES), naive.tile_means(part), atol=0.01)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_disguise_fits_what_a_real_picture_shows(disguise: Disguise) -> None:
    """Of a picture that is not even within its tiles: nearly."""
    rough = np.random.default_rng(5).normal(128, 60, (12, 20)).astype(np.float32)
    large = cv2.resize(rough, (1280, 720), interpolation=cv2.INTER_CUBIC)
    picture = np.asarray(large, dtype=np.float32)
    top, left = round(disguise.top * 720), round(disguise.left * 1280)
    part = picture[top : top + round(disguise.keep * 720), left:][:, : round(disguise.keep * 1280)]
    part = part[:, ::-1] if disguise.mirrored else part
    seen = tile_means(np.ascontiguousarray(part)).ravel()
    expected = disguise.apply(tile_means(picture).reshape(1, -1)).ravel()
    assert np.corrcoef(seen, expected)[0, 1] > (0.8 if disguise.keep >= 0.8 else 0.6)


def test_crops_are_the_whole_the_middle_and_the_corners_plain_and_mirrored() -> None:
    made = crops(0.9)
    assert len(made) == len(set(made)) == 12
    assert made[0] == Disguise() and Disguise(mirrored=True) in made
    for one in made:
        assert 0 <= one.left <= 1 - one.keep + 1e-9 and 0 <= one.top <= 1 - one.keep + 1e-9
