"""Blocks of columns: rows taken, blocks joined."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.core.observation import TILES, Frames, join


def frames(count: int, first: int = 0, stream: str = "shaft") -> Frames:
    random = np.random.default_rng((count, first))
    return Frames(
        stream=stream,
        time=np.arange(first, first + count, dtype=np.float64) * 0.2,
        seconds=np.full(count, 0.2, dtype=np.float32),
        pictures=np.full(count, 5, dtype=np.int32),
        motion=random.integers(-127, 128, (count, *TILES), dtype=np.int8),
        stir=random.integers(0, 256, (count, *TILES), dtype=np.uint8),
        coded=random.integers(0, 9999, count, dtype=np.int32),
    )


def same(a: Frames, b: Frames) -> bool:
    return a.stream == b.stream and all(
        np.array_equal(getattr(a, f.name), getattr(b, f.name))
        and getattr(a, f.name).dtype == getattr(b, f.name).dtype
        for f in fields(a)
        if f.name != "stream"
    )


def test_rows_takes_the_same_rows_of_every_column() -> None:
    block = frames(6)
    odd = block.rows(np.arange(6) % 2 == 1)
    assert len(block) == 6
    assert odd.stream == "shaft"
    assert odd.time.tolist() == pytest.approx([0.2, 0.6, 1.0])
    assert np.array_equal(odd.motion, block.motion[1::2])
    assert same(block.rows(slice(None)), block)
    assert len(block.rows(slice(0, 0))) == 0


@given(st.sets(st.integers(1, 19), max_size=5), st.data())
def test_join_undoes_any_cut_in_any_order(cuts: set[int], data: st.DataObject) -> None:
    block = frames(20)
    parts = [block.rows(slice(a, b)) for a, b in pairwise([0, *sorted(cuts), 20])]
    assert same(join(data.draw(st.permutations(parts))), block)


def test_join_of_one_and_of_nothing_but_emptiness() -> None:
    assert same(join([frames(3)]), frames(3))
    empty = frames(3).rows(slice(0, 0))
    assert len(join([empty, empty])) == 0


def test_join_puts_overlapping_blocks_in_order_of_time() -> None:
    first, second = frames(5), frames(5, first=3)
    joined = join([second, first])
    assert joined.time.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.6, 0.8, 0.8, 1.0, 1.2, 1.4])
    assert np.array_equal(joined.coded[[0, 1, 2]], first.coded[:3])
    assert np.array_equal(joined.coded[[7, 8, 9]], second.coded[2:])
