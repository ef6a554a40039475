"""clock_fault: times in order of arrival."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from detector.core.episode import Episode, blind_stretches
from detector.core.observation import Readings
from detector.detectors.clock_fault import SUMMER_TIME
from tests.detectors.sensors import PERIOD_S, blocks, found, mine, scored

READINGS = mine()["methane"]


def told(time: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[Episode]:
    return found("clock_fault", {"methane": replace(READINGS, time=time)})


def kinds(episodes: list[Episode]) -> list[str]:
    return [e.evidence.kind for e in episodes if e.evidence is not None]


def test_times_that_run_back() -> None:
    time = READINGS.time.copy()
    time[3000:3100] -= 3600.0
    (episode,) = told(time)
    assert kinds([episode]) == ["backward"]
    assert episode.evidence is not None
    assert episode.evidence.figures["back_s"] == 3540
    assert episode.start <= time[3099] and episode.end >= READINGS.time[2999]


def test_times_that_repeat_and_times_that_cannot_be_read() -> None:
    time = READINGS.time.copy()
    time[3000:3005] = time[3000]
    assert kinds(told(time)) == ["repeated"]
    time = READINGS.time.copy()
    time[3000:3005] = np.nan
    (episode,) = told(time)
    assert kinds([episode]) == ["unreadable"]
    assert episode.peak == 5
    assert READINGS.time[2990] <= episode.start <= READINGS.time[3010]


def test_faults_near_each_other_are_one_far_apart_are_two() -> None:
    time = READINGS.time.copy()
    time[[3000, 3005]] = np.nan
    assert len(told(time)) == 1
    time[[4000]] = np.nan
    assert len(told(time)) == 2


def test_gaps_and_jitter_are_no_fault() -> None:
    rng = np.random.default_rng(0)
    time = READINGS.time + rng.uniform(0, 0.9 * PERIOD_S, size=len(READINGS))
    time[3000:] += 7200.0
    assert told(time) == []


def test_no_time_can_be_read_at_all() -> None:
    assert all(e.end >= e.start for e in told(np.full(len(READINGS), np.nan)))


def test_late_reports_that_fill_a_hole_are_told_as_such() -> None:
    rows = np.r_[0:2000, 2100:3000, 2000:2100, 3000:5000]
    (episode,) = found("clock_fault", {"methane": READINGS.rows(rows)})
    assert kinds([episode]) == ["back-filled"]
    assert episode.peak == 100
    assert episode.start == READINGS.time[2000]


def test_a_clock_that_drifts() -> None:
    interval = np.full(len(READINGS), PERIOD_S)
    interval[2000:2500] *= 1.0005
    (episode,) = told(READINGS.time[0] + np.cumsum(interval))
    assert kinds([episode]) == ["drifting"]
    assert episode.peak == pytest.approx(500, abs=2)


def test_times_that_are_suddenly_rounded() -> None:
    time = READINGS.time + np.random.default_rng(0).uniform(0, 50, size=len(READINGS))
    time[2000:2100] = np.ceil(time[2000:2100] / 60) * 60
    assert "rounded" in kinds(told(np.unique(time)))


def test_the_hour_that_summer_time_repeats_is_blind() -> None:
    night = datetime(2025, 10, 26, tzinfo=UTC).timestamp()
    time = night + PERIOD_S * np.r_[0:180, 120:1000].astype(np.float64)
    readings = Readings("methane", time, READINGS.value[: len(time)])
    (scores,) = scored("clock_fault", blocks({"methane": readings}))
    assert set(blind_stretches(scores)) == {SUMMER_TIME}
    assert found("clock_fault", {"methane": readings}) == []
