"""Change on tiles."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core.observation import LAYOUT, TILES, U8
from detector.signals import change
from tests import naive

SIZES = [(9, 16), (48, 48), (97, 131), (144, 176), (360, 640), (480, 853)]


def picture(size: tuple[int, int], seed: int = 0) -> U8:
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)


@pytest.mark.parametrize("size", SIZES)
def test_tile_means_are_area_weighted_means(size: tuple[int, int]) -> None:
    """To a tenth of a grey level; the quick way may mix neighbouring pixels at a tile's edge."""
    luma = picture(size)
    means = change.tile_means(luma.astype(np.float32))
    assert means.dtype == np.float32 and means.shape == TILES
    assert np.abs(means - naive.tile_means(luma)).max() < 0.01
    soft = cv2.GaussianBlur(luma, (0, 0), max(size) / 20).astype(np.uint8)
    assert np.abs(change.tile_means(soft) - naive.tile_means(soft)).mean() < 0.15


def test_tile_means_of_whole_pixels_are_exact_to_what_one_rounding_takes() -> None:
    luma = picture((360, 640))
    assert np.abs(change.tile_means(luma) - naive.tile_means(luma)).max() < 0.3


@pytest.mark.parametrize("size", SIZES)
def test_tile_means_of_one_tile_alone(size: tuple[int, int]) -> None:
    luma = np.full(size, 10, dtype=np.uint8)
    high, wide = size[0] // 9, size[1] // 16
    luma[3 * high : 4 * high, 5 * wide : 6 * wide] = 210
    brightest = np.unravel_index(np.argmax(change.tile_means(luma)), TILES)
    assert np.abs(np.array(brightest) - (3, 5)).max() <= 1


@given(st.floats(-62, 62, width=32))
def test_compand_round_trip(grey: float) -> None:
    """Off by at most half a step of the code: fine near nothing, coarse for large changes."""
    byte = int(change.compand(np.array([grey], dtype=np.float32))[0])
    assert abs(byte - naive.compand(grey)) <= 1
    back = float(change.expand(np.array([byte], dtype=np.int8))[0])
    assert back == pytest.approx(naive.expand(byte), abs=1e-5)
    assert abs(back - grey) <= abs(grey) ** 0.5 / 16 + 1 / 512


@given(st.floats(0, 250, width=32))
def test_compand_size_round_trip(grey: float) -> None:
    byte = change.compand_size(np.array([grey], dtype=np.float32))
    assert byte.dtype == np.uint8
    assert abs(float(change.expand(byte)[0]) - grey) <= grey**0.5 / 16 + 1 / 512


def test_compand_saturates_and_keeps_order() -> None:
    grey = np.array([-300, -1, -0.01, 0, 0.01, 1, 300], dtype=np.float32)
    companded = change.compand(grey)
    assert companded.dtype == np.int8
    assert companded.tolist() == [-127, -16, -2, 0, 2, 16, 127]
    assert change.compand_size(np.abs(grey)).tolist() == [255, 16, 2, 0, 2, 16, 255]


@pytest.mark.parametrize("size", [(20, 30), (48, 48)])
def test_high_pass_is_luma_less_its_neighbourhood(size: tuple[int, int]) -> None:
    luma = picture(size)
    fine = change.high_pass(luma)
    assert fine.dtype == np.int16
    for y, x in [(5, 5), (10, 17), (size[0] - 3, size[1] - 3)]:
        mean = luma[y - 2 : y + 3, x - 2 : x + 3].mean()
        assert abs(float(fine[y, x]) - (float(luma[y, x]) - mean)) <= 0.5 + 1e-6


def test_high_pass_does_not_see_light() -> None:
    luma = picture((90, 160)) // 2
    np.testing.assert_array_equal(change.high_pass(luma), change.high_pass(luma + np.uint8(60)))


def test_tile_size_is_the_mean_absolute_value() -> None:
    values = np.random.default_rng(1).normal(0, 5, (90, 160)).astype(np.int16)
    exact = naive.tile_means(np.abs(values))
    np.testing.assert_allclose(change.tile_size(values), exact, atol=0.1)
    assert change.tile_size(np.zeros((90, 160), np.int16)).max() == 0


def test_tile_size_keeps_fractions_of_a_grey_level() -> None:
    rng = np.random.default_rng(2)
    parts = [0.1, 0.2, 0.4, 0.8]
    sizes = [
        float(change.tile_size((rng.random((360, 640)) < part).astype(np.int16)).mean())
        for part in parts
    ]
    assert sizes == pytest.approx(parts, rel=0.15)


@pytest.mark.parametrize("size", SIZES)
def test_layout_is_a_small_picture(size: tuple[int, int]) -> None:
    small = change.layout(picture(size) // 4 + np.uint8(100))
    assert small.shape == LAYOUT and small.dtype == np.uint8
    assert small.min() >= 100 and small.max() < 164


@pytest.mark.parametrize("size", [(360, 640), (430, 770)])
def test_crispness_is_lost_by_defocus_and_blind_to_specks(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    edges = np.repeat(np.repeat(rng.integers(40, 200, (36, 64)), 12, 0), 12, 1).astype(np.uint8)
    luma = edges[: size[0], : size[1]].copy()
    sharp = change.crispness(change.high_pass(luma))
    blurred = np.asarray(cv2.GaussianBlur(luma, (0, 0), 4), dtype=np.uint8)
    assert np.median(change.crispness(change.high_pass(blurred))) < 0.4 * np.median(sharp)
    flat = np.full(size, 90, dtype=np.uint8)
    flat[size[0] // 2, size[1] // 2] = 255
    assert change.crispness(change.high_pass(flat)).max() == 0


@pytest.mark.parametrize("size", [(144, 256), (360, 640), (150, 300), (72, 128)])
def test_crispness_cell_by_cell(size: tuple[int, int]) -> None:
    height, width = size
    values = np.random.default_rng(4).integers(-90, 90, size).astype(np.int16)
    peaks = np.zeros(LAYOUT, dtype=np.uint8)
    for row in range(LAYOUT[0]):
        for column in range(LAYOUT[1]):
            top, bottom = row * height // LAYOUT[0], (row + 1) * height // LAYOUT[0]
            left, right = column * width // LAYOUT[1], (column + 1) * width // LAYOUT[1]
            peaks[row, column] = np.abs(values[top:bottom, left:right]).max()
    expected = [
        [np.sort(peaks[8 * y : 8 * y + 8, 8 * x : 8 * x + 8], axis=None)[57] for x in range(16)]
        for y in range(9)
    ]
    np.testing.assert_array_equal(change.crispness(values), expected)
