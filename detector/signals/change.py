"""What changes between two pictures of one camera, measured on a grid of tiles."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.core.observation import LAYOUT, TILES, U8

F32 = NDArray[np.float32]

#: Companding keeps 1/256 grey at the bottom and 63 grey (signed) or 252 grey (unsigned) at the top.
_GAIN = 16.0
#: Pixels of a cell from which on summing rows first is quicker than `cv2.resize`.
_LARGE = 400


def compand(change: F32) -> NDArray[np.int8]:
    """Signed grey levels to int8: ``16 * sign(x) * sqrt(|x|)``, clipped to -127..127."""
    return np.clip(np.rint(_GAIN * np.sign(change) * np.sqrt(np.abs(change))), -127, 127).astype(
        np.int8
    )


def compand_size(size: F32) -> U8:
    """Absolute grey levels to uint8: ``16 * sqrt(x)``, clipped to 0..255."""
    return np.clip(np.rint(_GAIN * np.sqrt(size)), 0, 255).astype(np.uint8)


def expand(companded: NDArray[np.int8] | U8) -> F32:
    """Grey levels of :func:`compand` or :func:`compand_size`."""
    value = companded.astype(np.float32) / np.float32(_GAIN)
    return np.asarray(value * np.abs(value), dtype=np.float32)


def tile_means(luma: NDArray[np.uint8] | F32) -> F32:
    """Mean of each tile of a picture (h, w), float32 (9, 16)."""
    rows, columns = TILES
    if luma.dtype == np.uint8:  # two steps: the first keeps integers fast, the second precision
        height, width = luma.shape
        factor = min(height // (4 * rows), width // (4 * columns))
        luma = _shrunk(luma, (width // factor, height // factor)) if factor > 1 else luma
    return _shrunk(luma.astype(np.float32, copy=False), (columns, rows)).astype(np.float32)


def _shrunk(image: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    (height, width), (columns, rows) = image.shape, size
    whole = height % rows == 0 and width % columns == 0
    if image.dtype == np.uint8 and whole and image.size >= _LARGE * rows * columns:
        return _whole_means(image, rows, columns)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def _whole_means(image: U8, rows: int, columns: int) -> U8:
    """As ``cv2.resize`` with INTER_AREA where cells are whole pixels, in half the time."""
    tall, wide = image.shape[0] // rows, image.shape[1] // columns
    strips = image.reshape(rows, tall, image.shape[1])
    sums = np.concatenate([cv2.reduce(s, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S) for s in strips])
    cells = sums.reshape(rows, columns, wide).sum(axis=2, dtype=np.int32)
    means: U8 = np.rint(cells.astype(np.float32) * np.float32(1 / (tall * wide))).astype(np.uint8)
    return means


def layout(luma: U8) -> U8:
    """The small luma picture (72, 128) of a picture (h, w)."""
    rows, columns = LAYOUT
    return np.asarray(
        cv2.resize(luma, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def high_pass(luma: U8) -> NDArray[np.int16]:
    """Luma less its 5 x 5 mean, int16 (h, w): edges, texture and sensor noise."""
    values = luma.astype(np.int16)
    values -= np.asarray(cv2.blur(luma, (5, 5)), dtype=np.uint8)
    return values


def tile_size(values: NDArray[np.int16]) -> F32:
    """Mean absolute value of each tile of a high-passed picture or difference, float32 (9, 16)."""
    fine = np.asarray(cv2.convertScaleAbs(values, alpha=8.0), dtype=np.uint8)
    return tile_means(fine) / np.float32(8.0)


def crispness(values: NDArray[np.int16]) -> U8:
    """How high a high-passed picture rises at each tile's strong edges, uint8 (9, 16), grey.

    Each tile is cut into cells of the layout grid; the largest absolute value of each cell, and of
    these the one that a tenth of the tile's cells exceed: neither noise nor a lone speck decides.
    """
    tall, wide = LAYOUT[0] // TILES[0], LAYOUT[1] // TILES[1]
    peaks = _peaks(np.asarray(cv2.convertScaleAbs(values), dtype=np.uint8))
    cells = peaks.reshape(TILES[0], tall, TILES[1], wide).transpose(0, 2, 1, 3)
    rank = tall * wide - 1 - tall * wide // 10
    return np.asarray(np.partition(cells.reshape(*TILES, -1), rank, axis=2)[..., rank], np.uint8)


def _peaks(size: U8) -> U8:
    """Largest value of each cell of the layout grid, uint8 (72, 128)."""
    (height, width), (rows, columns) = size.shape, LAYOUT
    if height % rows == 0 and width % columns == 0:
        strips = np.ascontiguousarray(size.reshape(rows, height // rows, width).max(axis=1).T)
        return np.asarray(strips.reshape(columns, width // columns, rows).max(axis=1).T)
    top = (np.arange(rows + 1) * height) // rows
    left = (np.arange(columns) * width) // columns
    strips = np.stack([size[a : max(a + 1, b)].max(axis=0) for a, b in pairwise(top)])
    return np.asarray(np.maximum.reduceat(strips, left, axis=1), dtype=np.uint8)
