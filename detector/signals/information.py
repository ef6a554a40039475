"""What makes a picture say nothing by itself: no light, too much of it, or nothing but a slate."""

from __future__ import annotations

import cv2
import numpy as np

from detector.core.observation import F32, U8, Bool
from detector.signals.view import CELLS, tile_averages

#: Luma up to which a picture can be black, and from which on it is saturated (video range 16..235).
_DARK, _SATURATED = 52.0, 226.0
#: Mean luma above black (16 grey) up to which a picture can be black.
DARK_LIGHT = _DARK - 16.0
#: Luma up to which it is black however it became so.
_PITCH_DARK = 22.0
#: Grey levels by which the tiles of a black picture may differ.
_EVEN = 3.0
#: Crispness in grey levels of anything that can be made out in a black picture.
_VISIBLE = 12.0
#: Shares of a picture: saturated when over-exposed; of tiles drawn in a slate with and without
#: anything on it.
_FLOODED, _SLATE, _BLANK = 0.9, 0.33, 0.9
#: A drawn tile: mean fine detail and spread of the layout at most, grey.
_FLAT_DETAIL, _FLAT_SPREAD = 0.05, 0.6
#: Tiles of one drawn level: how many at least, and how far their means are apart at most, grey.
_LEVEL_TILES, _LEVEL = 6, 0.25
#: Bars: grey levels from the darkest to the brightest, how alike their tiles are in detail, and the
#: part of tiles and columns that must be.
_BARS_APART, _BARS_LIKE, _BARS_PART = 30.0, 0.1, 0.6
#: Rows of tiles that on-screen text may fill at the top and at the bottom.
_MARGIN = 1


def inner(tiles: F32) -> F32:
    """The tiles (9, 16) where no on-screen text is expected: all but the top and bottom row."""
    return tiles[_MARGIN:-_MARGIN]


def empty_kind(layout: U8, detail: F32, crisp: F32, sudden: bool = True) -> str | None:
    """Why a picture says nothing whatever its camera: "black", "over-exposed", "no signal" or None.

    ``layout`` uint8 (72, 128); ``detail`` and ``crisp`` float32 (9, 16) grey, noise taken out of
    ``crisp``; ``sudden``: it was not night that fell. Black: neither light nor anything crisp
    inside the margins (where night fell, no light at all). Over-exposed: nearly all saturated. No
    signal: much of it drawn, flat to the last grey level as no sensor sees it.
    """
    luma = layout.astype(np.float32)
    means = tile_averages(luma[None])[0]
    middle = float(np.partition(means, means.size // 2, axis=None)[means.size // 2])
    if middle <= (_DARK if sudden else _PITCH_DARK):
        even = np.abs(means - middle) <= _EVEN
        if inner(even).all() and (inner(crisp) < _VISIBLE).all():
            return "black"
    if middle >= _SATURATED and saturated(luma) >= _FLOODED:
        return "over-exposed"
    if _bars(means, detail):
        return "no signal"
    flat = detail <= _FLAT_DETAIL
    if np.count_nonzero(flat) < _SLATE * flat.size:
        return None
    spread = tile_averages((luma * luma)[None])[0] - means * means
    drawn = flat & (spread <= _FLAT_SPREAD**2) & (means < _SATURATED)
    alike = _alike(means[drawn])
    if alike >= _BLANK * means.size:
        return "no signal"
    if alike >= _SLATE * means.size and np.any(crisp >= _VISIBLE):
        return "no signal"
    return None


def _bars(means: F32, detail: F32) -> bool:
    """Whether tile means and detail (9, 16) are those of upright bars: columns of equal tiles."""
    column = np.partition(means, len(means) // 2, axis=0)[len(means) // 2]
    flooded = np.count_nonzero(column >= _SATURATED) > (1 - _BARS_PART) * len(column)
    if flooded or np.ptp(column) < _BARS_APART:
        return False
    fine = np.partition(detail, len(detail) // 2, axis=0)[len(detail) // 2]
    equal = np.abs(means - column) <= _LEVEL
    equal &= np.abs(detail - fine) <= _FLAT_DETAIL + _BARS_LIKE * fine
    upright = np.count_nonzero(equal, axis=0) >= _BARS_PART * len(means)
    return bool(np.count_nonzero(upright) >= _BARS_PART * len(upright))


def saturated(luma: F32) -> float:
    """Share 0..1 of a layout that is saturated."""
    return np.count_nonzero(luma >= _SATURATED) / luma.size


def _alike(means: F32) -> int:
    """How many of some tiles' means (n,) lie so close to others that few levels were drawn."""
    ordered = np.sort(means)
    above = np.searchsorted(ordered, ordered + _LEVEL, side="right")
    below = np.searchsorted(ordered, ordered - _LEVEL, side="left")
    return int(np.count_nonzero(above - below >= _LEVEL_TILES))


def band_agreement(one: F32, other: F32, tiles: Bool | None = None) -> float:
    """Correlation -1..1 of two layouts (72, 128), or some tiles, at scales that a blur leaves."""
    a, b = (cv2.GaussianBlur(x, (0, 0), 2.5) - cv2.GaussianBlur(x, (0, 0), 7) for x in (one, other))
    if tiles is not None:
        inside = np.kron(tiles, np.ones(CELLS, dtype=np.bool_))
        a, b = a[inside], b[inside]
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0
