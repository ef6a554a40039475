"""Echoes in packet sizes: found through coding noise and under a coder's own habits."""

from __future__ import annotations

import numpy as np
import pytest

from detector.signals.echoes import Surprises, echoes, surprises

RATE, GOP = 25, 50


def _packets(seconds: int, seed: int, again: tuple[float, float, float] | None = None) -> Surprises:
    """Packets of a coder with habits: a period of 5, bits that recover after key frames, content
    that calms and stirs; ``again`` (from, to, seconds): content shown twice, coded anew."""
    random = np.random.default_rng(seed)
    count = seconds * RATE
    index = np.arange(count)
    content = 0.4 * random.standard_normal(count)
    content += 0.3 * np.convolve(random.standard_normal(count), np.ones(25) / 5, "same")
    if again is not None:
        source, target, length = (round(part * RATE) for part in again)
        content[target : target + length] = content[source : source + length]
    coded = content + 0.15 * random.standard_normal(count)
    coded += 0.8 * (index % 5 == 0) - 0.5 * np.exp(-(index % GOP) / 10.0)
    size = (4000 * np.exp(coded)).astype(np.int32)
    key = index % GOP == 0
    size[key] = 60_000
    return surprises(index / RATE, size, key)


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_is_an_echo_of_what_it_shows_again(seed: int) -> None:
    own = _packets(600, seed, again=(40.0, 333.4, 12.0))
    first = echoes(own, own, same=True)[0]
    assert first.lag == pytest.approx(293.4, abs=0.1)
    assert first.start == pytest.approx(333.4, abs=3) and first.end == pytest.approx(345.4, abs=3)


def test_a_loop_is_an_echo_at_its_period() -> None:
    random = np.random.default_rng(1)
    once = np.exp(0.5 * random.standard_normal(6 * RATE))
    live = np.exp(0.5 * random.standard_normal(120 * RATE))
    size = (4000 * np.concatenate([live, np.tile(once, 10)])).astype(np.int32)
    own = surprises(np.arange(len(size)) / RATE, size, np.zeros(len(size), dtype=bool))
    for echo in echoes(own, own, same=True):
        assert echo.lag % 6 == pytest.approx(0, abs=0.1) or echo.lag % 6 == pytest.approx(
            6, abs=0.1
        )
        assert echo.start >= 118


@pytest.mark.parametrize("seed", range(4))
def test_live_footage_has_none(seed: int) -> None:
    own = _packets(600, 100 + seed)
    assert echoes(own, own, same=True) == []


def test_another_camera_with_the_same_content_is_told_with_its_lag() -> None:
    random = np.random.default_rng(3)
    content = 0.5 * random.standard_normal(310 * RATE)
    both = []
    for lead in (0, 10):
        part = content[lead * RATE : (lead + 300) * RATE]
        size = (4000 * np.exp(part + 0.4 * random.standard_normal(len(part)))).astype(np.int32)
        both.append(surprises(np.arange(len(size)) / RATE, size, np.zeros(len(size), dtype=bool)))
    (echo, *_) = echoes(both[0], both[1], same=False)
    assert echo.lag == pytest.approx(10, abs=0.1)
    assert echoes(both[0], _packets(300, 9), same=False) == []


def test_held_pictures_nonsense_and_hardly_anything_have_none() -> None:
    time = np.arange(3000) / RATE
    flat = surprises(time, np.full(3000, 60, dtype=np.int32), np.zeros(3000, dtype=bool))
    assert echoes(flat, flat, same=True) == []
    one = surprises(time[:1], np.ones(1, dtype=np.int32), np.ones(1, dtype=bool))
    assert echoes(one, one, same=True) == []
    stuck = surprises(np.zeros(50), np.ones(50, dtype=np.int32), np.zeros(50, dtype=bool))
    assert echoes(stuck, stuck, same=True) == []
