"""Where the same motion is shown twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.signals.agreement import Least, measure
from detector.signals.motion import Disguise, Motion, crops
from detector.signals.recurrence import (
    Overlap,
    align,
    candidates,
    correlation,
    overlap,
    sharpened,
    stretches,
)
from tests.signals.planted import busy, disguised, late, part, planted, still

PLAIN = [Disguise()]


def top(motions: list[Motion], disguises: list[Disguise], min_lag: int | None) -> tuple[int, ...]:
    """Of the candidate with most votes: own, other, disguise, lag."""
    best = max(candidates(motions, disguises, min_lag), key=lambda c: c.votes)
    return best.own, best.other, best.disguise, best.lag


@pytest.mark.parametrize(("at", "lag"), [(300, 250), (400, 33), (900, 899)])
def test_candidates_find_a_planted_replay(at: int, lag: int) -> None:
    scene = busy(1200, seed=1)
    replayed = planted(scene, at, part(scene, at - lag, min(at - lag + 100, at)))
    assert top([replayed], PLAIN, 10) == (0, 0, 0, lag)


@pytest.mark.parametrize("lag", [-700, -3, 0, 1, 450])
def test_candidates_find_a_copy_at_any_lag(lag: int) -> None:
    scene, other = busy(1200, seed=2), busy(1200, seed=3)
    first = max(0, -lag)
    copy = planted(other, first + lag, part(scene, first, first + 120))
    cameras = [busy(1200, seed=4), copy, busy(1200, seed=5), scene]
    own, shown, _, found = top(cameras, PLAIN, None)
    assert (own, shown, found) in {(1, 3, lag), (3, 1, -lag)}


@pytest.mark.parametrize("number", [0, 1, 2, 5, 7, 11])
def test_candidates_name_the_disguise(number: int) -> None:
    disguises, scene = crops(0.9), busy(450, seed=6)
    copy = planted(busy(450, seed=7), 200, part(disguised(scene, disguises[number]), 50, 250))
    found = candidates([copy, scene], disguises, None)
    likely = [c for c in found if (c.disguise, c.lag if c.own == 0 else -c.lag) == (number, 150)]
    assert likely
    assert max(c.votes for c in likely) >= 0.5 * max(c.votes for c in found)


def test_unlike_cameras_have_hardly_a_candidate_and_none_of_weight() -> None:
    cameras = [busy(1500, seed=10 + i) for i in range(4)]
    copy = planted(cameras[0], 0, part(cameras[1], 0, 150))
    real = max(c.votes for c in candidates([copy, *cameras[1:]], PLAIN, None))
    chance = [c.votes for c in candidates(cameras, PLAIN, None)]
    assert max(chance, default=0) < 0.1 * real


def test_nothing_moves_nothing_is_found() -> None:
    assert candidates([still(500), still(500, first=9)], PLAIN, None) == []
    assert candidates([still(500)], PLAIN, 10) == []


def test_overlap_is_what_both_have_at_the_lag() -> None:
    own, other = busy(50, seed=1, first=100), busy(50, seed=2, first=0)
    holed = Motion(np.delete(own.step, 10), np.delete(own.change, 10, axis=0))
    both = overlap(holed, other, 80)
    assert both.step.tolist() == [s for s in range(100, 130) if s != 110]
    np.testing.assert_array_equal(both.own[0], own.change[0])
    np.testing.assert_array_equal(both.other[0], other.change[20])
    assert len(overlap(own, other, 900).step) == 0


@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("voted", [99, 100, 101])
def test_align_finds_the_lag_with_its_fraction(fraction: float, voted: int) -> None:
    scene = busy(400, seed=8)
    shown = Motion(scene.step + 100, late(scene, fraction).change)
    lag, both = align(shown, scene, voted)
    assert lag == pytest.approx(100 + fraction, abs=0.06)
    assert correlation(both, (0, len(both.step) - 1)) > 0.98


def test_align_of_what_hardly_overlaps_survives() -> None:
    own, other = busy(40, seed=1), busy(40, seed=2)
    for lag in (39, 41, 500):
        _, both = align(own, other, lag)
        assert len(both.step) <= 3
        assert stretches(both, 0.4) == [] or len(both.step)


def shared(*spans: tuple[int, int], steps: int = 600) -> Overlap:
    """Two unlike cameras that show the same in these spans."""
    own, other = busy(steps, seed=20), busy(steps, seed=21)
    for number, (first, last) in enumerate(spans):
        other = planted(other, first, part(own, first, last), seed=number)
    return overlap(own, other, 0)


def lasting(both: Overlap, link_steps: int = 0) -> list[tuple[int, int]]:
    """Stretches of two seconds or more."""
    return [(a, b) for a, b in stretches(both, 0.4, link_steps) if b - a >= 10]


def near(found: tuple[int, int], first: int, last: int) -> bool:
    """To 3 steps."""
    return abs(found[0] - first) <= 3 and abs(found[1] - last) <= 3


@pytest.mark.parametrize("span", [(0, 600), (0, 120), (480, 600), (200, 300), (250, 275)])
def test_stretches_find_what_is_shared(span: tuple[int, int]) -> None:
    (found,) = lasting(shared(span))
    assert near(found, span[0], span[1] - 1)


def test_stretches_of_unlike_cameras_are_short_or_none() -> None:
    assert lasting(shared()) == []


def test_two_stretches_stay_two_unless_they_are_near() -> None:
    both = shared((50, 200), (300, 450))
    assert len(lasting(both)) == 2
    ((first, last),) = lasting(both, link_steps=103)
    assert near((first, last), 50, 449)


def test_a_gap_ends_a_stretch() -> None:
    both = shared((0, 600))
    step = both.step + np.where(both.step >= 300, 40, 0)
    holed = Overlap(step, both.own, both.other)
    assert stretches(holed, 0.4) == [(0, 299), (300, 599)]
    assert stretches(holed, 0.4, link_steps=60) == [(0, 599)]


def test_a_weak_or_a_strong_copy_is_one_too() -> None:
    """Gamma and grey change the size of all motion, not where it is."""
    both = shared((100, 500))
    for gain in (0.3, 3.0):
        weaker = Overlap(both.step, both.own, both.other * np.float32(gain))
        assert any(
            first <= 110 and last >= 490 for first, last in stretches(weaker, 0.4, link_steps=15)
        )


def test_stretches_of_nothing() -> None:
    empty = Overlap(np.zeros(0, np.int64), *[np.zeros((0, 144), np.float32)] * 2)
    assert stretches(empty, 0.4) == []
    quiet = Overlap(np.arange(50), *[np.zeros((50, 144), np.float32)] * 2)
    assert stretches(quiet, 0.4) == []
    assert correlation(quiet, (0, 49)) == 0.0


def test_sharpened_cuts_to_where_it_agrees() -> None:
    both = shared((200, 400))
    first, last = sharpened(both, (100, 550), 0.6)
    assert near((first, last), 200, 399)
    assert sharpened(shared(), (100, 130), 0.95) == (100, 130)


def test_measure_tells_a_copy_from_chance() -> None:
    own, other = busy(600, seed=20), busy(600, seed=21)
    copy = planted(other, 200, part(own, 100, 300))
    lag, both = align(copy, own, 100)
    ((first, last),) = lasting(both)
    match = measure(own, lag, both, (first, last))
    assert match is not None
    assert match.r > 0.9 > 0.5 > match.null
    assert near((match.first, match.last), 200, 399)
    assert match.tiles > 5
    assert 30 < match.telling_s <= 40.2
    assert len(match.similarity) == pytest.approx((match.last - match.first + 1) / 5, abs=1)
    assert np.nanmedian(match.similarity) > 0.9
    chance = measure(own, 7, overlap(busy(600, seed=22), own, 7), (200, 300))
    assert chance is not None and chance.r < 0.4 and chance.surprise < 0.1 * match.surprise


def test_what_lacks_a_figure_is_no_match() -> None:
    own, other = busy(600, seed=20), busy(600, seed=21)
    copy = planted(other, 200, part(own, 100, 300))
    lag, both = align(copy, own, 100)
    (at,) = lasting(both)
    match = measure(own, lag, both, at)
    assert match is not None
    has = Least(0.9 * match.r, 0.9 * match.tiles, match.telling_s, 0.9 * match.rest, match.surprise)
    assert measure(own, lag, both, at, has) is not None
    for lacking in (
        replace(has, r=1.01),
        replace(has, tiles=match.tiles + 1),
        replace(has, telling_s=match.telling_s + 1),
        replace(has, rest=1.01),
        replace(has, surprise=1e9),
        replace(has, drift_s=-1.0),
    ):
        assert measure(own, lag, both, at, lacking) is None


def test_one_tile_is_one_tile() -> None:
    """A clock that ticks in both pictures: much agreement, hardly a place."""
    change = np.zeros((300, 144), dtype=np.float32)
    change[::5, 3] = 5.0
    clock = Motion(np.arange(300), change)
    match = measure(clock, 0.0, overlap(clock, clock, 0), (0, 299))
    assert match is not None
    assert match.r == pytest.approx(1.0) and match.tiles == pytest.approx(1.0)
