"""Readings on one grid."""

from __future__ import annotations

import numpy as np

from detector.signals.grid import grid_of, held
from detector.signals.series import Series


def series(*readings: tuple[float, float]) -> Series:
    time, value = np.array(readings, dtype=np.float64).T
    return Series(time, value)


def test_takes_the_reading_nearby() -> None:
    one = series((0, 1), (10, 2), (20, 3), (30, 4), (40, 5))
    two = series((19, 7), (31, 8))
    grid = grid_of([one, two], 10.0)
    assert grid.time.tolist() == [0, 10, 20, 30, 40]
    np.testing.assert_array_equal(grid.value[0], [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(grid.value[1], [np.nan, np.nan, 7, 8, np.nan])


def test_long_gaps_coarsen_it() -> None:
    grid = grid_of([series((0, 1), (1, 2), (1e9, 3))], 1.0)
    assert len(grid.time) <= 13


def test_of_one_reading() -> None:
    grid = grid_of([series((5, 1))], 1.0)
    assert (grid.time.tolist(), grid.value.tolist()) == ([5.0], [[1.0]])


def test_gaps_are_held() -> None:
    nan = np.nan
    assert held(np.array([nan, 1, nan, nan, 2, nan])).tolist() == [1, 1, 1, 1, 2, 2]
    assert held(np.array([nan, nan])).tolist() == [0, 0]
    assert held(np.zeros(0)).tolist() == []


def test_spans_are_from_the_first_to_the_last_reading() -> None:
    grid = grid_of([series((0, 1), (40, 5)), series((10, 7), (31, 8))], 10.0)
    assert [list(rows) for rows in grid.spans] == [[0, 1], [5, 4]]
