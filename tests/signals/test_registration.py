"""Shift, turn and zoom between two small pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detector.core.observation import F32, U8
from detector.signals.change import layout
from detector.signals.registration import Motion, outline_agreement, register
from tests.signals.test_view import painted

LARGE = (960, 600)
SHOWN = (640, 400)
ASPECT = SHOWN[0] / SHOWN[1]


def camera(right: float = 0.0, down: float = 0.0, degrees: float = 0.0, zoom: float = 1.0) -> U8:
    """What a camera shows of a wall when its picture's content lies so much aside."""
    wall = cv2.resize(painted(5, (480, 300)), LARGE, interpolation=cv2.INTER_LINEAR)
    centre = ((LARGE[0] - 1) / 2, (LARGE[1] - 1) / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, -degrees, zoom), dtype=np.float64)
    matrix[0, 2] += right * SHOWN[0] - (LARGE[0] - SHOWN[0]) / 2
    matrix[1, 2] += down * SHOWN[0] - (LARGE[1] - SHOWN[1]) / 2
    return np.asarray(cv2.warpAffine(wall, matrix, SHOWN), dtype=np.uint8)


def small(picture: U8) -> F32:
    return layout(picture).astype(np.float32)


@pytest.mark.parametrize(
    ("right", "down", "degrees", "zoom"),
    [
        (0.03, 0.0, 0.0, 1.0),
        (-0.2, 0.05, 0.0, 1.0),
        (0.0, 0.0, 3.0, 1.0),
        (0.0, 0.0, -15.0, 1.0),
        (0.0, 0.0, 0.0, 1.05),
        (0.0, 0.0, 0.0, 1.4),
        (0.0, 0.0, 0.0, 0.8),
        (0.05, -0.03, 5.0, 1.1),
    ],
)
def test_a_move_is_measured(right: float, down: float, degrees: float, zoom: float) -> None:
    motion = register(small(camera()), small(camera(right, down, degrees, zoom)), ASPECT)
    assert motion.right == pytest.approx(right, abs=0.01)
    assert motion.down == pytest.approx(down, abs=0.01)
    assert motion.degrees == pytest.approx(degrees, abs=0.7)
    assert motion.zoom == pytest.approx(zoom, abs=0.015)
    assert motion.after > 0.6
    assert motion.after > motion.before


def test_in_place_whatever_the_light() -> None:
    dark = (camera() * 0.3 + 10).astype(np.uint8)
    motion = register(small(camera()), small(dark), ASPECT)
    assert motion.displacement(ASPECT) < 0.003
    assert motion.before > 0.8


def test_another_scene_does_not_fit() -> None:
    other = cv2.resize(painted(9, (480, 300)), SHOWN, interpolation=cv2.INTER_LINEAR)
    motion = register(small(camera()), small(np.asarray(other, dtype=np.uint8)), ASPECT)
    assert motion.after < 0.3


def test_pictures_without_anything_and_inputs_untouched() -> None:
    grey: F32 = np.full((72, 128), 100, dtype=np.float32)
    one = small(camera())
    kept = one.copy()
    assert register(grey, grey, ASPECT).after <= 0.0 + 1e-6
    register(one, grey, ASPECT)
    np.testing.assert_array_equal(one, kept)


def test_the_same_twice() -> None:
    pair = small(camera()), small(camera(0.1, 0.0, 4.0, 1.1))
    assert register(*pair, ASPECT) == register(*pair, ASPECT)


def test_displacement_is_the_mean_way_of_the_picture() -> None:
    assert Motion(0.03, 0.04, 0.0, 1.0, 0, 0, 1).displacement(1.6) == pytest.approx(0.05)
    assert Motion(0.0, 0.0, 3.0, 1.0, 0, 0, 1).displacement(1.6) == pytest.approx(0.018, abs=0.003)
    assert Motion(0.0, 0.0, 0.0, 1.0, 0, 0, 1).displacement(1.6) == 0.0


def test_outlines_stay_when_the_light_comes_from_elsewhere() -> None:
    one = small(camera())
    ramp = np.linspace(0.1, 1.0, 128, dtype=np.float32)[None, :]
    other = cv2.resize(painted(9, (480, 300)), SHOWN, interpolation=cv2.INTER_LINEAR)
    assert outline_agreement(one, 255 - one) > 0.9
    assert outline_agreement(one, one * ramp) > 0.6
    assert outline_agreement(one, small(camera(0.1))) < 0.3
    assert outline_agreement(one, small(np.asarray(other, dtype=np.uint8))) < 0.3
    assert outline_agreement(one, np.zeros_like(one)) == 0.0
