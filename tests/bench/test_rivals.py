"""PDQ matching and ffmpeg's filters as rivals."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.bench.encoding import Encoding
from detector.bench.making import Pool, make
from detector.bench.rivals import matches, rivals_of
from detector.bench.scenarios import Recipe, Scenario

SOURCE = "scene:gallery,seconds=10,size=160x96,fps=10,passers_per_min=30"


def _hashes(seed: int, seconds: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 2, (seconds, 256)).astype(np.uint8)


def test_a_shifted_copy_matches_at_its_lag() -> None:
    original = _hashes(1, 30)
    copy = np.concatenate([_hashes(2, 5), original[10:22]])
    copy[5:, :25] ^= 1
    assert matches(copy, original) == [(5, 10, 12)]
    assert matches(original, copy) == [(10, 5, 12)]


def test_too_different_or_too_short_is_no_match() -> None:
    original = _hashes(1, 30)
    blurred = original.copy()
    blurred[:, :40] ^= 1
    assert matches(blurred, original) == []
    assert matches(np.concatenate([_hashes(3, 9), original[:3]]), original) == []


def test_the_own_past_is_matched_from_the_least_lag_on() -> None:
    first = _hashes(4, 6)
    looped = np.concatenate([first, first, first])
    assert matches(looped, looped, 4) == [(6, 0, 12)]
    held = np.repeat(_hashes(5, 1), 5, axis=0)
    assert matches(held, held, 4) == []


def test_what_has_no_hash_matches_nothing() -> None:
    dark = np.full((12, 256), 255, dtype=np.uint8)
    assert matches(dark, dark) == []
    assert matches(dark[:0], dark) == []


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_filters_find_a_hold_and_black_and_are_kept(tmp_path: Path) -> None:
    steps = ("hold:start=1,seconds=5.5", "black:start=7")
    recipe = Recipe("a.mp4", SOURCE, steps, Encoding(crf=12, gop=200))
    scenario = Scenario("a", "frozen", "hold", "a", "tune", (recipe,))
    make([recipe], tmp_path, tmp_path, 1)
    pool = Pool("p", "tune", (scenario,))
    told = rivals_of(pool, tmp_path, tmp_path)
    (first, *_) = told["freezedetect tuned"].findings
    assert (first.start_s, first.end_s) == pytest.approx((1.0, 6.5), abs=0.2)
    (black,) = told["blackdetect"].findings
    assert black.start_s == pytest.approx(7.0, abs=0.2)
    assert black.end_s == pytest.approx(10.0, abs=0.3)
    assert len(list(tmp_path.rglob("*.rivals*.json"))) == 1
    assert rivals_of(pool, tmp_path, tmp_path) == told
