"""Rendered scenes: what moves, what repeats, what two cameras share."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.bench.clip import Clip
from detector.bench.scenes import SCENES, Settings, scene


def _pictures(clip: Clip) -> NDArray[np.float64]:
    return np.asarray([clip.picture(k) for k in range(len(clip))], dtype=np.float64)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_is_the_same_each_time_and_live(name: str) -> None:
    settings = Settings(seconds=2, size="128x72", fps=5, seed=3)
    one, two = _pictures(scene(name, settings)), _pictures(scene(name, settings))
    assert np.array_equal(one, two)
    assert np.abs(np.diff(one, axis=0)).mean(axis=(1, 2, 3)).min() > 1


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_later_start_shows_the_same_scene_later(name: str) -> None:
    whole = scene(name, Settings(seconds=6, size="128x72", fps=5, sigma=0, passers_per_min=20))
    later = Settings(seconds=2, start_s=4, size="128x72", fps=5, sigma=0, passers_per_min=20)
    assert np.array_equal(_pictures(whole)[20:], _pictures(scene(name, later)))


def test_nothing_moves_in_an_idle_shaft() -> None:
    pictures = _pictures(scene("idle_shaft", Settings(seconds=2, size="128x72", fps=5, sigma=0)))
    assert np.ptp(pictures, axis=0).max() == 0


def test_the_light_is_strictly_periodic_and_the_hoist_is_not() -> None:
    settings = Settings(seconds=50, size="128x72", fps=2, sigma=0, passers_per_min=0)
    light = _pictures(scene("traffic_light", settings))
    assert np.array_equal(light[:40], light[40:80])
    hoist = _pictures(scene("hoist", settings))
    apart = [np.abs(hoist[lag : lag + 40] - hoist[:40]).mean() for lag in range(10, 60)]
    assert 46 <= 10 + int(np.argmin(apart)) <= 50
    assert min(apart) > 0


def test_two_views_share_people_and_alike_galleries_share_the_place() -> None:
    def empty(**chosen: int) -> NDArray[np.float64]:
        settings = Settings(seconds=1, size="128x72", fps=1, sigma=0, passers_per_min=0, **chosen)
        return scene("gallery", settings).picture(0).astype(np.float64)

    assert np.array_equal(empty(seed=1), empty(seed=2))
    assert np.abs(empty(view=0) - empty(view=1)).mean() > 5
    assert np.abs(empty(layout=0) - empty(layout=1)).mean() > 5


def test_two_views_are_two_streams() -> None:
    names = {str(scene("gallery", Settings(seconds=1, view=view)).shown_of[0]) for view in (0, 1)}
    assert len(names) == 2
