"""Whether two small pictures show the same place, whatever their light, crop or mirroring."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.core.observation import LAYOUT

F32 = NDArray[np.float32]
Picture = NDArray[np.generic]

#: Parts of the original's width and height that a cropped copy may show.
KEPT = (1.0, 0.95, 0.9, 0.85)
#: Part of the picture's middle that is looked for in the other.
_MIDDLE = 0.7
#: Standard deviation (pixels of the small picture) of the light that is taken away.
_LIGHT = 4.0
#: Standard deviation (pixels) of the neighbourhood in which structure is compared.
_NEAR = 3.0
#: Grey levels of structure that count half.
_HALF = 2.0
#: Grey levels within which a row or column at the edge of a picture is a bar of one colour.
_FLAT = 6.0
#: Pixels and parts by which the place of a crop may be refined.
_REFINED_BY, _ZOOMED_BY = 6.0, 0.1


@dataclass(frozen=True)
class Resemblance:
    """How well two pictures agree, and on how much.

    ``agreement`` -1..1: mean correlation of their structure from place to place, weighted by how
    much there is; ``structure`` 0..1: the mean of these weights. Without structure (dark, flooded,
    a plain road) agreement says little.
    """

    agreement: float
    structure: float


def resemblance(one: Picture, other: Picture, mirrored: bool = False) -> Resemblance:
    """The better of how one (72, 128) shows a part of the other, and the other of the one.

    Large shapes are alike wherever the same things are built (a shaft, a gallery, a road), so every
    part of the picture counts alike, also its walls and ground.
    """
    a = one[:, ::-1] if mirrored else one
    shown = np.asarray(a, np.float32), np.asarray(other, np.float32)
    bare = _without_bars(shown[0]), _without_bars(shown[1])
    ways = [shown] if all(x is y for x, y in zip(shown, bare, strict=True)) else [shown, bare]
    found = [_shown_in(pair[i], pair[1 - i]) for pair in ways for i in (0, 1)]
    return max(found, key=lambda r: r.agreement)


def _without_bars(picture: F32) -> F32:
    """What is shown between flat bars at the edges, as large as the picture; or the same picture
    where there are none."""
    spans = []
    for axis in (1, 0):
        told = np.flatnonzero(np.ptp(picture, axis=axis) > _FLAT)
        whole = picture.shape[1 - axis]
        if len(told) == 0 or told[-1] + 1 - told[0] < whole / 2:
            return picture
        spans.append(slice(int(told[0]), int(told[-1]) + 1))
    inside = picture[spans[0], spans[1]]
    if inside.shape == picture.shape:
        return picture
    size = (LAYOUT[1], LAYOUT[0])
    return np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _shown_in(copy: F32, original: F32) -> Resemblance:
    placed, inside = _placed(copy, original)
    a, b = _details(copy), _details(placed)
    own, others, shared = (cv2.GaussianBlur(x, (0, 0), _NEAR) for x in (a * a, b * b, a * b))
    alike = shared / np.sqrt((own + 0.3) * (others + 0.3))
    size = np.sqrt(np.sqrt(np.maximum(own * others, 0.0)))
    weight = size / (size + _HALF) * inside
    total = float(weight.sum())
    agreement = float((alike * weight).sum()) / total if total > 0 else 0.0
    return Resemblance(agreement, total / max(float(inside.sum()), 1.0))


def _placed(copy: F32, original: F32) -> tuple[F32, NDArray[np.bool_]]:
    """The original as the copy shows it, cropped and shifted, and where there is some of it."""
    rows, columns = LAYOUT
    top, left = round(rows * (1 - _MIDDLE) / 2), round(columns * (1 - _MIDDLE) / 2)
    wanted = _evened(copy)
    middle = wanted[top : rows - top, left : columns - left]
    found: list[tuple[float, tuple[int, int], F32]] = []
    for keep in KEPT:
        size = (round(columns / keep), round(rows / keep))
        larger = np.asarray(cv2.resize(original, size, interpolation=cv2.INTER_LINEAR), np.float32)
        match = cv2.matchTemplate(_evened(larger), middle, cv2.TM_CCOEFF_NORMED)
        _, best, _, at = cv2.minMaxLoc(np.nan_to_num(match, nan=-1.0))
        found.append((float(best), (at[0] - left, at[1] - top), larger))
    _, (right, down), larger = max(found, key=lambda f: f[0])
    warp = _refined(wanted, _evened(larger), (right, down))
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    placed = cv2.warpAffine(
        larger, warp, (columns, rows), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    inside = cv2.warpAffine(np.ones_like(larger), warp, (columns, rows), flags=how)
    return np.asarray(placed, dtype=np.float32), np.asarray(inside > 0.99)


def _refined(wanted: F32, larger: F32, at: tuple[int, int]) -> F32:
    """The affine map near a shift that explains the picture best (ECC)."""
    rough = np.array([[1, 0, at[0]], [0, 1, at[1]]], dtype=np.float32)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    anywhere = np.ones(larger.shape, dtype=np.uint8)
    try:
        _, found = cv2.findTransformECC(
            wanted, larger, rough.copy(), cv2.MOTION_AFFINE, criteria, anywhere, 5
        )
    except cv2.error:
        return rough
    fine = np.asarray(found, dtype=np.float32)
    off = np.abs(fine - rough)
    return fine if off[:, 2].max() < _REFINED_BY and off[:, :2].max() < _ZOOMED_BY else rough


def _details(picture: F32) -> F32:
    """The picture without its light."""
    return np.asarray(picture - cv2.GaussianBlur(picture, (0, 0), _LIGHT), dtype=np.float32)


def _evened(picture: F32) -> F32:
    """The picture without its light, every region brought to a like contrast."""
    rest = _details(picture)
    size = np.sqrt(cv2.GaussianBlur(rest * rest, (0, 0), 2 * _LIGHT))
    return np.asarray(rest / (size + 2.0), dtype=np.float32)
