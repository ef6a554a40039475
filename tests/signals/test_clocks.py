"""Clocks by the times they stamp."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from detector.signals.clocks import drifting, rounded, summer_time_ends

START = 1_700_000_017.0
REGULAR = START + 30.0 * np.arange(4000, dtype=np.float64)


def jittered(seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    jitter = np.random.default_rng(seed).uniform(0, 20, size=len(REGULAR))
    return np.asarray(np.round(REGULAR + jitter, 3))


def test_times_that_are_suddenly_whole_minutes() -> None:
    time = jittered()
    time[1000::2][:50] = np.ceil(time[1000::2][:50] / 60) * 60
    time = np.delete(time, np.arange(1001, 1101, 2))
    assert rounded(time) == [(1000, 1049)]


@pytest.mark.parametrize("seed", range(5))
def test_chance_and_habit_are_no_rounding(seed: int) -> None:
    assert rounded(jittered(seed)) == []
    assert rounded(np.floor(jittered(seed))) == []
    assert rounded(REGULAR) == []
    assert rounded(np.r_[REGULAR[:2000], REGULAR[2000:] - 17.0]) == []


@pytest.mark.parametrize("rate", [1.001, 0.999])
def test_a_clock_that_runs_fast_or_slow_for_a_while(rate: float) -> None:
    interval = np.full(4000, 30.0)
    interval[1000:1200] *= rate
    ((first, last),) = drifting(START + np.cumsum(interval))
    assert abs(first - 999) <= 1 and abs(last - 1199) <= 1


def test_stamps_in_whole_seconds_show_drift_now_and_then() -> None:
    interval = np.full(40_000, 30.0)
    interval[10_000:20_000] *= 1.002
    ((first, last),) = drifting(np.floor(START + np.cumsum(interval)))
    assert abs(first - 10_000) < 50 and abs(last - 20_000) < 50


def test_jitter_gaps_and_a_rate_it_always_had_are_no_drift() -> None:
    assert drifting(REGULAR) == []
    assert drifting(np.sort(jittered())) == []
    assert drifting(np.delete(REGULAR, np.arange(0, 4000, 7))) == []
    assert drifting(np.floor(START + 30.01 * np.arange(40_000, dtype=np.float64))) == []
    assert drifting(REGULAR[:10]) == []


def test_the_hour_that_summer_time_repeats() -> None:
    night = datetime(2025, 10, 26, 2, 0, tzinfo=UTC).timestamp()
    hour = night + 300.0 * np.arange(12, dtype=np.float64)
    assert summer_time_ends(hour, night + 3300.0, 300.0)
    assert not summer_time_ends(hour + 86400, night + 3300.0 + 86400, 300.0)
    assert not summer_time_ends(hour, night + 7000.0, 300.0)
    assert summer_time_ends(np.array([night]), night, 3600.0)
