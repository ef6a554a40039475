"""Whether two small pictures show the same place."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from detector.signals.resemblance import F32, resemblance


def place(seed: int, built: bool = True) -> F32:
    """A wall with a texture of its own; what is built before it is the same in all."""
    random = np.random.default_rng(seed)
    picture = np.full((72, 128), 90.0, np.float32)
    for cells, depth in ((9, 14.0), (18, 10.0), (36, 7.0)):
        coarse = random.standard_normal((cells, 2 * cells)).astype(np.float32)
        picture += depth * np.asarray(cv2.resize(coarse, (128, 72), interpolation=cv2.INTER_CUBIC))
    if built:
        picture[:58, 48:52] = picture[:58, 76:80] = 40
        picture[:58, 52:76] = 20
        picture[6:58:9, 50:78] = 70
    return np.clip(picture, 0, 255)


_CORNER = np.add.outer(np.arange(72), np.arange(128)) < 30
DISGUISES: dict[str, Callable[[F32], F32]] = {
    "as it is": lambda p: p,
    "cropped": lambda p: np.asarray(cv2.resize(p[4:69, 12:], (128, 72)), np.float32),
    "darker": lambda p: np.asarray(255 * (p / 255) ** 1.6, np.float32),
    "blurred": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 1.2), np.float32),
    "under a logo": lambda p: np.where(_CORNER, np.float32(220), p),
}


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_copy_resembles_its_original(disguise: str, mirrored: bool) -> None:
    original = place(1)
    copy = DISGUISES[disguise](original)
    found = resemblance(copy[:, ::-1] if mirrored else copy, original, mirrored)
    assert found.agreement > 0.75
    assert found.structure > 0.5


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_the_same_thing_built_elsewhere_does_not(seed: int) -> None:
    assert resemblance(place(1), place(seed)).agreement < 0.6
    assert resemblance(place(1, built=False), place(seed, built=False)).agreement < 0.3


def test_a_flooded_picture_has_no_structure() -> None:
    flooded = np.full((72, 128), 254.0)
    assert resemblance(flooded, flooded).structure == 0.0
    assert resemblance(flooded, place(1)).structure < 0.1
