"""flat_signal: held values against a sensor's own habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.bench.falsify import DitherHold, falsify
from detector.config import load
from detector.core.episode import Episode, blind_stretches
from detector.core.observation import Device, Readings
from detector.detectors.flat_signal import FEW
from detector.pipeline import judge
from tests.detectors.sensors import PERIOD_S, START, blocks, found, mine, scored

F64 = NDArray[np.float64]

THRESHOLDS = load(None).thresholds


def stream(values: F64 | Sequence[float], period_s: float = PERIOD_S) -> dict[str, Readings]:
    """Values as one sensor reports them."""
    value = np.asarray(values, dtype=np.float64)
    return {"s": Readings("s", START + period_s * np.arange(len(value), dtype=np.float64), value)}


def spans(episodes: Sequence[Episode], period_s: float = PERIOD_S) -> list[tuple[int, int]]:
    """First and last row of each episode."""
    return [
        (round((e.start - START) / period_s), round((e.end - START) / period_s)) for e in episodes
    ]


def coarse(seed: int = 0, n: int = 20_000) -> F64:
    """Methane at 0.1 % that wanders so slowly that it rests for hours."""
    slow = np.sum([mine(seed + k)["methane"].value[: n // 10] for k in range(3)], axis=0)
    return np.asarray(np.round(np.repeat(slow, 10), 1), dtype=np.float64)


def test_an_accelerometer_that_stops_for_half_a_minute() -> None:
    value = np.random.default_rng(0).normal(size=5000)
    value[2000:2030] = value[2000]
    episodes = found("flat_signal", stream(value, 1.0))
    assert spans(episodes, 1.0) == [(2000, 2029)]
    assert episodes[0].peak > 5


@pytest.mark.parametrize("seed", range(5))
def test_long_rests_of_a_coarse_sensor_are_its_habit(seed: int) -> None:
    value = coarse(seed)
    changes = np.flatnonzero(np.diff(value))
    assert np.diff(changes).max() > 100
    assert found("flat_signal", stream(value)) == []


def test_a_hold_out_of_proportion_to_those_rests_is_found() -> None:
    value = coarse()
    longest = int(np.diff(np.flatnonzero(np.diff(value))).max())
    value[8000 : 8000 + 5 * longest] = value[8000]
    ((first, last),) = spans(found("flat_signal", stream(value)))
    assert abs(first - 8000) < longest and abs(last - 8000 - 5 * longest) < longest


def test_a_pump_that_is_off_is_compared_with_when_it_is_off() -> None:
    rng = np.random.default_rng(1)
    days = []
    for _ in range(40):
        on = rng.normal(80, 2, size=int(rng.integers(60, 100)))
        days += [on, np.zeros(int(rng.integers(200, 400)))]
    value = np.concatenate(days)
    assert found("flat_signal", stream(value)) == []
    at = int(np.flatnonzero(value > 0)[300])
    value[at : at + 40] = value[at]
    episodes = found("flat_signal", stream(value))
    assert [e.evidence.figures["value"] for e in episodes if e.evidence] == [value[at]]


def test_a_hold_goes_on_behind_gaps() -> None:
    value = np.random.default_rng(0).normal(size=3000)
    value[1000:1100] = value[1000]
    kept = np.ones(3000, dtype=bool)
    kept[1020:1040] = kept[1060:1080] = False
    readings = stream(value)["s"].rows(kept)
    assert spans(found("flat_signal", {"s": readings})) == [(1000, 1099)]


def test_a_gap_is_no_hold() -> None:
    value = np.random.default_rng(0).normal(size=3000)
    table = stream(value)
    time = table["s"].time.copy()
    time[1500:] += 1e6
    value = value.copy()
    value[1499] = value[1500]
    assert found("flat_signal", {"s": Readings("s", time, value)}) == []


def test_fault_codes_are_left_to_out_of_range() -> None:
    value = np.random.default_rng(0).normal(size=3000)
    value[1000:1100] = -200.0
    assert found("flat_signal", stream(value)) == []


def test_blind_for_states() -> None:
    value = np.repeat([0.0, 1.0, 0.0, 1.0], [50, 3000, 20, 400])
    (scores,) = scored("flat_signal", blocks(stream(value)))
    assert set(blind_stretches(scores)) == {FEW}


def test_scores_count_seconds_not_samples() -> None:
    value = mine()["methane"].value.copy()
    value[1000:1060] = value[1000]
    slow, fast = found("flat_signal", stream(value)), found("flat_signal", stream(value, 1.0))
    assert [e.peak for e in slow] == pytest.approx([e.peak for e in fast])
    assert spans(slow) == spans(fast, 1.0) == [(1000, 1059)]


def test_a_value_held_but_for_one_step_is_found_and_a_machine_that_rests_is_not() -> None:
    step = DitherHold(stream="methane", start_s=3 * 86400.0, seconds=4 * 3600.0)
    (episode,) = found("flat_signal", falsify(mine(), [step])[0])
    assert episode.evidence is not None and episode.evidence.kind == "nearly held"
    assert episode.start == pytest.approx(START + step.start_s, abs=600)
    assert episode.end == pytest.approx(START + step.start_s + step.seconds, abs=600)
    pump = mine(days=14)["methane"]
    rng = np.random.default_rng(0)
    edges = np.cumsum(rng.uniform(1.0, 5.0, 400) * 3600) + START
    on = np.searchsorted(edges, pump.time) % 2 == 1
    value = np.round(40 + 200 * on + rng.standard_normal(len(pump.time)), 0)
    assert found("flat_signal", {"methane": replace(pump, value=value)}) == []


def test_a_belt_that_stands_for_a_week_is_off_and_a_belt_held_at_work_is_not() -> None:
    rng = np.random.default_rng(2)
    at_work = rng.normal(600, 40, size=600).round()
    value = np.concatenate([at_work, np.zeros(7 * 1440), at_work])
    value[200:300] = value[200]
    unknown, belt = blocks(stream(value)), blocks(stream(value))
    belt[0] = Device("s", kind="belt_scale")
    assert len(judge(scored("flat_signal", unknown), THRESHOLDS)) == 2
    assert spans(judge(scored("flat_signal", belt), THRESHOLDS)) == [(200, 299)]
