"""Fingerprints: equal content collides, little else does."""

from __future__ import annotations

import numpy as np
import pytest

from detector.signals.fingerprint import BANDS, U32, WINDOW, Among, Index, bits_for, fingerprints
from detector.signals.motion import I64, Disguise, Motion
from tests.signals.planted import busy, part, planted, still

BITS = 14


def _collisions(known: U32, asked: U32, most: int = 64) -> tuple[I64, I64]:
    """Pairs of what one stream shows and what another asks."""
    return Index(known, np.ones(len(known), np.int64)).collisions(asked, 0, "others", most)


def test_equal_windows_have_equal_fingerprints_wherever_they_are() -> None:
    scene = busy(200, seed=1)
    later = Motion(scene.step + 12345, scene.change.copy())
    (start, prints), (start_later, prints_later) = (fingerprints(m, BITS) for m in (scene, later))
    assert len(start) > 100 and prints.dtype == np.uint32 and prints.shape == (len(start), BANDS)
    np.testing.assert_array_equal(start, start_later)
    np.testing.assert_array_equal(prints, prints_later)
    assert prints.max() < 1 << BITS


def test_a_poor_copy_shares_bands_and_unlike_scenes_rarely_do() -> None:
    scene = busy(300, seed=2)
    copy = planted(still(300), 0, scene.change, noise=0.15)
    own = dict(zip(*(x.tolist() for x in fingerprints(scene, BITS)), strict=True))
    twin = dict(zip(*(x.tolist() for x in fingerprints(copy, BITS)), strict=True))
    both = sorted(set(own) & set(twin))
    shared = [sum(a == b for a, b in zip(own[i], twin[i], strict=True)) for i in both]
    assert np.mean(np.array(shared) > 0) > 0.8
    unlike = fingerprints(busy(300, seed=3), BITS)[1]
    chance = np.mean([(unlike == np.array(own[i])).any(axis=1).mean() for i in both[::10]])
    assert chance < 0.05


def test_windows_across_a_gap_and_windows_that_tell_nothing_are_left_out() -> None:
    scene = busy(120, seed=4)
    step = scene.step + np.where(scene.step >= 60, 500, 0)
    start, _ = fingerprints(Motion(step, scene.change), BITS)
    assert not np.any((start > 60 - WINDOW) & (start < 60))
    assert len(fingerprints(still(120), BITS)[0]) == 0


@pytest.mark.parametrize("steps", [0, 1, WINDOW - 1])
def test_less_than_a_window_has_none(steps: int) -> None:
    start, prints = fingerprints(busy(40, seed=5) if steps == 0 else still(steps), BITS)
    if steps:
        assert len(start) == 0 and prints.shape == (0, BANDS)
    assert (
        len(fingerprints(Motion(np.zeros(0, np.int64), np.zeros((0, 144), np.float32)), 12)[0]) == 0
    )


def test_bits_grow_with_the_corpus_so_that_chance_stays_the_same() -> None:
    assert bits_for(0) == bits_for(500) == 12
    assert bits_for(1 << 20) == 22
    assert bits_for(1 << 40) == 30


def test_collisions_are_all_pairs_that_share_a_band() -> None:
    rng = np.random.default_rng(6)
    known = rng.integers(0, 20, (30, 4), dtype=np.uint32)
    asked = rng.integers(0, 20, (11, 4), dtype=np.uint32)
    row, query = _collisions(known, asked)
    slow = sorted(
        (k, q) for k in range(30) for q in range(11) for b in range(4) if known[k, b] == asked[q, b]
    )
    assert sorted(zip(row.tolist(), query.tolist(), strict=True)) == slow


def test_a_fingerprint_that_everybody_shares_tells_nothing() -> None:
    known = np.zeros((65, 1), dtype=np.uint32)
    assert len(_collisions(known, known[:1], most=64)[0]) == 0
    assert len(_collisions(known[:64], known[:1], most=64)[0]) == 64


def test_part_of_a_stream_is_found_in_it() -> None:
    scene = busy(300, seed=7)
    short = Motion(np.arange(60, dtype=np.int64), part(scene, 100, 160))
    start, prints = fingerprints(scene, BITS)
    asked_start, asked = fingerprints(short, BITS)
    row, query = _collisions(prints, asked)
    assert np.mean(start[row] - asked_start[query] == 100) > 0.8


@pytest.mark.parametrize("among", ["own", "later", "others"])
def test_collisions_are_with_the_streams_asked_for(among: Among) -> None:
    rng = np.random.default_rng(8)
    owner = np.repeat(np.arange(5), 12)
    known = rng.integers(0, 6, (60, 3), dtype=np.uint32)
    asked = known[owner == 2]
    wanted = {"own": owner == 2, "later": owner > 2, "others": owner != 2}[among]
    row, query = Index(known, owner).collisions(asked, 2, among, most=60)
    slow = sorted(
        (k, q)
        for k in np.flatnonzero(wanted).tolist()
        for q in range(12)
        for b in range(3)
        if known[k, b] == asked[q, b]
    )
    assert sorted(zip(row.tolist(), query.tolist(), strict=True)) == slow


def test_a_disguise_is_the_same_as_motion_disguised() -> None:
    scene, disguise = busy(100, seed=9), Disguise(0.9, 0.1, 0.0, mirrored=True)
    shown = Motion(scene.step, disguise.apply(scene.change))
    start, prints = fingerprints(scene, BITS, disguise)
    seen, others = fingerprints(shown, BITS)
    both = np.intersect1d(start, seen)
    same = prints[np.isin(start, both)] == others[np.isin(seen, both)]
    assert len(both) > 50
    assert same.mean() > 0.99
