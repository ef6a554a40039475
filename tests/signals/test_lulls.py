"""Stretches in which a coder finds nothing to code."""

from __future__ import annotations

import numpy as np
import pytest

from detector.core.observation import Frames
from detector.signals.lulls import lulls, smallest


def coded(sizes: list[int], pictures: int = 5) -> Frames:
    """Rows of 0.2 s whose smallest packets have these bytes."""
    count = len(sizes)
    return Frames(
        stream="shaft",
        time=np.arange(count) / 5 + 0.16,
        seconds=np.full(count, 0.2, dtype=np.float32),
        pictures=np.full(count, pictures, dtype=np.int32),
        motion=np.zeros((count, 9, 16), dtype=np.int8),
        stir=np.zeros((count, 9, 16), dtype=np.uint8),
        coded=np.asarray(sizes, dtype=np.int32),
    )


def test_a_sudden_lull_is_found_with_both_its_ends() -> None:
    (lull,) = lulls(coded([400] * 30 + [35] * 25 + [350] * 30), 3.5, 4.5)
    assert (lull.first, lull.last) == (30, 54)
    assert lull.fall == pytest.approx(400 / 35) and lull.rise == pytest.approx(10.0)
    assert lull.abrupt and lull.elsewhere == 0.0 and lull.bare == 1.0


def test_what_dwindles_is_not_abrupt() -> None:
    dwindling = [int(400 * 0.8**i) for i in range(12)]
    (lull,) = lulls(coded([400] * 30 + dwindling + [30] * 25 + [400] * 30), 3.5, 4.5)
    assert not lull.abrupt


def test_a_lull_that_is_usual_says_so() -> None:
    """A road that is empty now and then."""
    (one, two, three) = lulls(coded(([400] * 20 + [35] * 25) * 3 + [400] * 20), 3.5, 4.5)
    assert min(lull.elsewhere for lull in (one, two, three)) > 0.3


def test_at_the_end_only_the_fall_is_known() -> None:
    (lull,) = lulls(coded([400] * 30 + [35] * 30), 3.5, 4.5)
    assert lull.last == 59 and np.isnan(lull.rise)
    assert lull.depth == pytest.approx(lull.fall)


def test_short_shallow_or_no_lulls() -> None:
    assert lulls(coded([400] * 30 + [35] * 10 + [400] * 30), 3.5, 4.5) == []
    assert lulls(coded([400] * 30 + [200] * 25 + [400] * 30), 3.5, 4.5) == []
    assert lulls(coded([0] * 50), 3.5, 4.5) == []
    assert lulls(coded([]), 3.5, 4.5) == []


def test_few_pictures_a_row_are_taken_with_their_neighbours() -> None:
    assert smallest(coded([9, 50, 40, 0, 60], pictures=2)).tolist() == [9, 9, 40, 40, 60]
    assert smallest(coded([9, 50, 40], pictures=5)).tolist() == [9, 50, 40]
