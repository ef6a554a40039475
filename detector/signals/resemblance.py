"""Whether two small pictures show the same place, whatever their light, crop or mirroring."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.core.observation import LAYOUT

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

#: Parts of the original's width and height that a cropped copy may show.
KEPT = (1.0, 0.95, 0.9, 0.85)
#: Part of the picture's middle that is looked for in the other.
_MIDDLE = 0.7
#: Standard deviation (pixels of the small picture) of the light that is taken away.
_LIGHT = 4.0


def resemblance(copy: U8, original: U8, mirrored: bool = False) -> float:
    """How well the middle of ``copy`` (72, 128) is found in ``original``: the highest correlation
    of what is left without the light, over crops and shifts (-1..1)."""
    rows, columns = LAYOUT
    shown = _details(copy[:, ::-1] if mirrored else copy)
    top, left = round(rows * (1 - _MIDDLE) / 2), round(columns * (1 - _MIDDLE) / 2)
    middle = shown[top : rows - top, left : columns - left]
    best = -1.0
    for keep in KEPT:
        size = (round(columns / keep), round(rows / keep))
        larger = _details(cv2.resize(original, size, interpolation=cv2.INTER_AREA).astype(np.uint8))
        found = cv2.matchTemplate(larger, middle, cv2.TM_CCOEFF_NORMED)
        best = max(best, float(np.nan_to_num(found, nan=-1.0).max()))
    return best


def _details(picture: U8) -> F32:
    """The picture without its light, every region brought to a like contrast."""
    plain = picture.astype(np.float32)
    rest = plain - cv2.GaussianBlur(plain, (0, 0), _LIGHT)
    size = np.sqrt(cv2.GaussianBlur(rest * rest, (0, 0), 2 * _LIGHT))
    return np.asarray(rest / (size + 2.0), dtype=np.float32)
