"""How much a picture changes apart from its liveliest tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.core.observation import TILES, U8
from detector.signals.change import compand, compand_size
from detector.signals.stillness import (
    OVERLAY_TILES,
    calm,
    calm_half,
    displaced,
    middle,
    moved,
    overlay,
    places,
    rest,
)


def stir(*rows: dict[tuple[int, int], float], floor: float = 0.0) -> U8:
    """Rows of companded change: ``floor`` grey everywhere but at the named tiles."""
    grey = np.full((len(rows), *TILES), floor, dtype=np.float32)
    for i, row in enumerate(rows):
        for tile, value in row.items():
            grey[i][tile] = value
    return compand_size(grey)


def active(*rows: dict[tuple[int, int], float]) -> NDArray[np.bool_]:
    """Tiles (n, 144) that are named."""
    return np.asarray(stir(*rows).reshape(len(rows), 144) > 0)


CLOCK = {(0, column): 9.0 for column in range(6)}
CROWD = {(row, column): 9.0 for row in range(4) for column in range(8)}


def test_a_clock_does_not_disturb_a_held_picture() -> None:
    assert rest(stir(CLOCK)).tolist() == [0.0]
    assert calm_half(stir(CLOCK)).tolist() == [0.0]
    assert middle(stir(CLOCK)).tolist() == [0.0]


def test_what_is_more_than_an_overlay_counts() -> None:
    assert len(CROWD) > OVERLAY_TILES
    assert rest(stir(CROWD))[0] == pytest.approx(9 * (32 - OVERLAY_TILES) / (144 - OVERLAY_TILES))


def test_noise_everywhere_is_its_mean() -> None:
    for measure in (rest, calm_half, middle):
        assert measure(stir(CLOCK, {}, floor=1.0)).tolist() == pytest.approx([1.0, 1.0])


def test_moved_takes_either_direction() -> None:
    grey = np.ones((1, *TILES), dtype=np.float32)
    assert moved(compand(grey)).tolist() == moved(compand(-grey)).tolist() == [1.0]


def test_displaced_tiles() -> None:
    grey = np.zeros((1, *TILES), dtype=np.float32)
    grey[0, 2, 3], grey[0, 4, 5], grey[0, 8, 15] = 1.0, 0.2, -1.0
    tiles = displaced(compand(grey))
    assert tiles.shape == (1, 144)
    assert np.flatnonzero(tiles).tolist() == [2 * 16 + 3, 143]


def test_an_overlay_changes_again_and_again() -> None:
    ticks = [CLOCK if i % 5 == 0 else {} for i in range(50)]
    once = [{**tick, (8, 8): 9.0} if i == 20 else tick for i, tick in enumerate(ticks)]
    mask = overlay(active(*once)).reshape(TILES)
    assert {(int(r), int(c)) for r, c in np.argwhere(mask)} == set(CLOCK)


def test_an_overlay_is_small() -> None:
    assert overlay(active(*[CROWD] * 10)).sum() == OVERLAY_TILES
    assert not overlay(np.zeros((0, 144), dtype=bool)).any()


def test_places_are_groups_of_touching_tiles() -> None:
    assert places(active({})[0]) == 0
    assert places(active(CLOCK)[0]) == 1
    assert places(active({(0, 0): 9, (1, 1): 9})[0]) == 1
    assert places(active({(0, 0): 9, (2, 2): 9, (8, 15): 9})[0]) == 3


@given(
    st.lists(st.floats(0, 100), max_size=20),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.25, 0.5, 1.0]),
)
def test_calm_is_a_running_quantile(values: list[float], reach: int, quantile: float) -> None:
    edged = [values[0]] * reach + values + [values[-1]] * reach if values else []
    exact = [float(np.quantile(edged[i : i + 2 * reach + 1], quantile)) for i in range(len(values))]
    assert calm(np.array(values), reach, quantile).tolist() == pytest.approx(exact)


def test_calm_does_not_see_a_key_frame_redrawn() -> None:
    redrawn = np.zeros(25)
    redrawn[10] = 9.0
    assert calm(redrawn, 2, 0.5).max() == 0
