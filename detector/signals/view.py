"""The structure of a view: edges that stay at their places from one picture to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from detector.core.observation import F32, LAYOUT, TILES, U8, Bool, Views
from detector.signals.change import expand

#: Cells of the layout per tile, rows x columns.
CELLS = (LAYOUT[0] // TILES[0], LAYOUT[1] // TILES[1])
#: Rows worked on at once.
_CHUNK = 32
#: Crispness of pure noise over its detail, and the share of tiles that hold little else than noise.
_NOISE_PEAK, _NOISE_TILES = 4.3, 0.1
#: Mean square of what coding leaves in a picture even where it is plain, grey^2.
_CODING = 4.0
#: Mean absolute value of Gaussian noise over its standard deviation.
_MEAN_SIZE = 0.8
#: A tile has structure where its squared gradient reaches this mean, (grey per cell)^2: six times
#: what rounding to whole grey levels leaves.
_FLOOR = 0.5
#: A tile's structure is the view's own where at least this part of its energy stays in the mean.
_STAYING = 0.3
#: A tile is present where its correlation reaches this part of what it has in a clean view.
PRESENT = 0.5


def gradients(layouts: U8 | F32) -> tuple[F32, F32]:
    """Horizontal and vertical gradient of layouts (n, 72, 128), grey per cell; 0 at the borders."""
    luma = layouts.astype(np.float32)
    across, along = np.zeros_like(luma), np.zeros_like(luma)
    across[:, :, 1:-1] = (luma[:, :, 2:] - luma[:, :, :-2]) / 2
    along[:, 1:-1] = (luma[:, 2:] - luma[:, :-2]) / 2
    return across, along


def tile_averages(values: F32) -> F32:
    """Mean over each tile of layouts of values (n, 72, 128): float32 (n, 9, 16)."""
    count = len(values)
    flat = values.reshape(count * LAYOUT[0], LAYOUT[1])
    averages = cv2.resize(flat, (TILES[1], count * TILES[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(averages, dtype=np.float32).reshape(count, *TILES)


@dataclass(frozen=True)
class Sight:
    """What one picture shows of structure.

    * ``luma``, ``across``, ``along`` float32 (72, 128): the layout and its gradients;
    * ``energy`` float32 (9, 16): mean squared gradient per tile, (grey per cell)^2;
    * ``grain``: mean square of what noise and coding may leave in the layout, grey^2;
    * ``light``: mean luma above black (16 grey), at least 1.
    * ``crisp`` float32 (9, 16) grey: height of its strong edges, what noise explains taken out;
    """

    luma: F32
    across: F32
    along: F32
    energy: F32
    crisp: F32
    grain: float
    light: float

    @property
    def fine(self) -> F32:
        """The layout less its 5 x 5 mean (72, 128): what no cover close to the lens can show."""
        return np.asarray(self.luma - cv2.blur(self.luma, (5, 5)), dtype=np.float32)

    @property
    def structured(self) -> int:
        """Tiles that hold any structure."""
        return int(np.count_nonzero(self.energy >= _FLOOR))


def calm_detail(detail: F32) -> F32:
    """Detail (n,) grey of the calmest tiles of pictures (n, 9, 16): little else than noise."""
    rank = int(_NOISE_TILES * detail[0].size)
    return np.partition(detail.reshape(len(detail), -1), rank, axis=1)[:, rank]


def sights(views: Views) -> Iterator[Sight]:
    """One :class:`Sight` per row, some worked out at a time."""
    for first in range(0, len(views), _CHUNK):
        yield from _sights(views.rows(slice(first, first + _CHUNK)))


def _sights(views: Views) -> Iterator[Sight]:
    luma = views.layout.astype(np.float32)
    across, along = gradients(luma)
    energy = tile_averages(across * across + along * along)
    calm = calm_detail(expand(views.detail))
    noise = (_NOISE_PEAK * calm)[:, None, None]
    peaks = views.crisp.astype(np.float32)
    crisp = np.sqrt(np.maximum(peaks * peaks - noise * noise, 0)).astype(np.float32)
    cell = np.maximum(views.size.prod(axis=1) / (LAYOUT[0] * LAYOUT[1]), 1.0)
    grain = ((calm / _MEAN_SIZE) ** 2 + _CODING) / cell
    light = np.maximum(luma.mean(axis=(1, 2)) - 16.0, 1.0)
    rows = zip(luma, across, along, energy, crisp, grain.tolist(), light.tolist(), strict=True)
    yield from (Sight(*row) for row in rows)


@dataclass(frozen=True)
class Structure:
    """What stays over many pictures of one view.

    * ``luma``, ``across``, ``along`` float32 (72, 128): mean layout and its gradients;
    * ``energy`` float32 (9, 16): squared gradient of the mean; ``typical`` float32 (9, 16): the
      correlation a clean picture of this view has with it, 0..1;
    * ``own`` bool (9, 16): tiles with structure of the view's own.
    """

    luma: F32
    across: F32
    along: F32
    energy: F32
    typical: F32
    own: Bool

    def presence(self, sight: Sight) -> F32:
        """How much of each tile's structure a picture shows: float32 (9, 16), 0 none, 1 as usual.

        Correlation of the gradients over that of a clean picture; contrast does not matter.
        """
        product = self.across * sight.across + self.along * sight.along
        shared = tile_averages(product[None])[0]
        norm = np.sqrt(self.energy * sight.energy) * self.typical
        return np.asarray(shared / np.maximum(norm, 1e-3), dtype=np.float32)

    def contrast(self, sight: Sight, presence: F32) -> F32:
        """Contrast of each tile's structure in a picture, relative to the view's: (9, 16)."""
        gain = np.sqrt(sight.energy / np.maximum(self.energy, 1e-3)) * self.typical
        return np.asarray(presence * gain, dtype=np.float32)

    def match(self, sight: Sight) -> float:
        """Share 0..1 of the view's own tiles that are present in a picture; 0 without own tiles."""
        return self.part(self.presence(sight))

    def part(self, presence: F32) -> float:
        """Share 0..1 of the own tiles where ``presence`` (9, 16) says that they are there."""
        there = int(np.count_nonzero((presence >= PRESENT) & self.own))
        return there / max(1, int(np.count_nonzero(self.own)))


def structure(luma: F32, energy: F32, rows: int) -> Structure:
    """Structure of the mean layout (72, 128) of ``rows`` pictures of mean tile energy (9, 16).

    What of the mean's energy is but leftover of change, 1/rows of it, is taken out.
    """
    across, along = (g[0] for g in gradients(luma[None]))
    staying = tile_averages((across * across + along * along)[None])[0]
    part = staying / np.maximum(energy, 1e-6)
    if rows > 1:
        part = (rows * part - 1) / (rows - 1)
    return Structure(
        luma=luma,
        across=across,
        along=along,
        energy=staying,
        typical=np.sqrt(np.clip(part, 0.05, 1.0)).astype(np.float32),
        own=(staying >= _FLOOR) & (part >= _STAYING),
    )
