"""How much a picture changes apart from its liveliest tiles, and where it hardly does."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.core.observation import I8, TILES, U8
from detector.signals.change import expand

F64 = NDArray[np.float64]

#: Tiles left out of account: a clock, a caption, a spinner may live on over a held picture.
OVERLAY_TILES = 24
#: Change (grey, mean over tiles) below which a coder drew nothing.
NOTHING = 0.002
#: Change (likewise) by which a coder may go on refining a picture that is held.
REFINED = 0.025
#: Change of a tile's mean (grey) that something moving makes.
DISPLACED = 0.5
#: Part of the rows in which an overlay's tile changes (a clock: once a second).
RECURRING = 0.1
#: Tiles outside the overlay that may flicker in a still row.
STRAY = 2


def rest(stir: U8) -> F64:
    """Mean change (grey) per row over all but the ``OVERLAY_TILES`` liveliest tiles, (n,)."""
    return _rest(expand(stir))


def _rest(grey: NDArray[np.float32]) -> F64:
    tiles = grey.reshape(len(grey), TILES[0] * TILES[1])
    kept = tiles.shape[1] - OVERLAY_TILES
    return np.asarray(
        np.partition(tiles, kept - 1, axis=1)[:, :kept].mean(axis=1), dtype=np.float64
    )


def calm_half(stir: U8) -> F64:
    """Mean change (grey) per row over the calmer half of the tiles: what noise is left, (n,)."""
    tiles = np.sort(expand(stir).reshape(len(stir), TILES[0] * TILES[1]), axis=1)
    return np.asarray(tiles[:, : tiles.shape[1] // 2].mean(axis=1), dtype=np.float64)


def moved(motion: I8) -> F64:
    """Mean absolute change (grey) of the tiles' means per row, less the liveliest tiles, (n,)."""
    return _rest(np.abs(expand(motion)))


def displaced(motion: I8) -> NDArray[np.bool_]:
    """Tiles whose mean visibly changed, per row, bool (n, 144): something moved there. A coder that
    refines a held picture hardly changes means."""
    grey = np.abs(expand(motion)).reshape(len(motion), TILES[0] * TILES[1])
    return np.asarray(grey > DISPLACED)


def overlay(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tiles (144,) of a stretch (n, 144) that change again and again, at most ``OVERLAY_TILES``."""
    share = active.mean(axis=0) if len(active) else np.zeros(active.shape[1])
    chosen = np.argsort(-share, kind="stable")[:OVERLAY_TILES]
    mask = np.zeros(active.shape[1], dtype=bool)
    mask[chosen] = share[chosen] >= RECURRING
    return mask


def places(active: NDArray[np.bool_]) -> int:
    """Separate places (touching tiles are one) among the tiles (144,) that changed."""
    grid = active.reshape(TILES).astype(np.uint8)
    return int(cv2.connectedComponents(grid, connectivity=8)[0]) - 1


def middle(stir: U8) -> F64:
    """Median change (grey) over the tiles per row, (n,)."""
    return np.asarray(
        np.median(expand(stir).reshape(len(stir), TILES[0] * TILES[1]), axis=1), dtype=np.float64
    )


def calm(values: F64, reach: int, quantile: float) -> F64:
    """Running quantile over ``2 * reach + 1`` rows: blind to a key frame redrawn now and then."""
    if not len(values):
        return values
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(np.quantile(windows, quantile, axis=1), dtype=np.float64)
