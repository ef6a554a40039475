"""What every detector of readings keeps to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from detector.bench.falsify import (
    Cap,
    ClockBack,
    CopyStream,
    Displace,
    Fabricate,
    Falsification,
    FaultCode,
    HoldValue,
    ReplayPast,
    ScaleValues,
    Silence,
    SpikeValue,
)
from detector.core.observation import Readings
from tests.detectors.sensors import PERIOD_S, START, blocks, found, mine, scored, tampered

DAY = 86400.0

#: One falsification that each detector finds.
TAMPERED: dict[str, Callable[[], Falsification]] = {
    "flat_signal": lambda: HoldValue(stream="methane", start_s=3 * DAY, seconds=3600.0),
    "out_of_range": lambda: FaultCode(stream="methane", start_s=3 * DAY, seconds=600.0, code=-200),
    "spike": lambda: SpikeValue(stream="methane", start_s=3 * DAY, seconds=PERIOD_S),
    "silence": lambda: Silence(stream="methane", start_s=3 * DAY, seconds=3600.0),
    "clock_fault": lambda: ClockBack(stream="methane", start_s=3 * DAY, seconds=3600.0),
    "copied_signal": lambda: CopyStream(
        stream="methane", start_s=3 * DAY, seconds=6 * 3600.0, source="temperature"
    ),
    "capped_signal": lambda: Cap(stream="methane", start_s=2 * DAY, seconds=DAY, limit=0.55),
    "fabricated_signal": lambda: Fabricate(
        stream="methane", start_s=3 * DAY, seconds=6 * 3600.0, form="sine"
    ),
    "scaled_signal": lambda: ScaleValues(
        stream="methane", start_s=2.5 * DAY, seconds=2 * DAY, factor=0.6
    ),
    "displaced_sensor": lambda: Displace(stream="methane", start_s=3 * DAY, seconds=12 * 3600.0),
    "inconsistent_readings": lambda: CopyStream(
        stream="methane", start_s=3 * DAY, seconds=6 * 3600.0, source="temperature"
    ),
    "replayed_signal": lambda: ReplayPast(
        stream="methane", start_s=3 * DAY, seconds=6 * 3600.0, lag_s=DAY
    ),
}
every = pytest.mark.parametrize("name", sorted(TAMPERED))


def assert_same(name: str, one: dict[str, Readings], rows: int) -> None:
    whole, cut = scored(name, blocks(one)), scored(name, blocks(one, rows))
    assert [(s.stream, s.reasons) for s in whole] == [(s.stream, s.reasons) for s in cut]
    for a, b in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(a.time, b.time)
        np.testing.assert_array_equal(a.value, b.value)
        np.testing.assert_array_equal(a.since, b.since)
        assert a.evidence == b.evidence


@every
def test_finds_its_falsification_and_names_the_stream(name: str) -> None:
    step = TAMPERED[name]()
    episodes = found(name, tampered(step))
    assert {e.stream for e in episodes} == {"methane"}
    start, end = START + step.start_s, START + step.start_s + step.seconds
    assert any(e.start <= end and e.end >= start - 3600 for e in episodes)
    assert all(e.evidence is not None and e.evidence.kind for e in episodes)


@every
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_is_quiet_on_clean_readings(name: str, seed: int) -> None:
    assert found(name, mine(seed)) == []


@every
@pytest.mark.parametrize("rows", [1000, 77])
def test_scores_do_not_depend_on_how_readings_are_cut(name: str, rows: int) -> None:
    assert_same(name, tampered(TAMPERED[name]()), rows)


@every
def test_leaves_its_input_alone(name: str) -> None:
    table = tampered(TAMPERED[name]())
    for readings in table.values():
        readings.time.setflags(write=False)
        readings.value.setflags(write=False)
    scored(name, blocks(table))


@every
def test_survives_what_cannot_be_read_and_what_is_out_of_order(name: str) -> None:
    readings = mine()["methane"]
    rng = np.random.default_rng(1)
    time, value = readings.time.copy(), readings.value.copy()
    time[rng.integers(0, len(time), 50)] = np.nan
    value[rng.integers(0, len(time), 50)] = np.nan
    order = np.arange(len(time))
    order[1000:1100] = order[1000:1100][::-1]
    table = {"methane": replace(readings, time=time[order], value=value[order])}
    for scores in scored(name, blocks(table)):
        assert np.all(np.isfinite(scores.time)) and np.all(np.diff(scores.time) > 0)
        assert len(scores.time) == len(scores.value) == len(scores.why)


@every
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_very_few_readings_are_no_finding(name: str, rows: int) -> None:
    readings = mine()["methane"]
    table = {"methane": readings.rows(slice(0, rows))}
    assert found(name, table) == []


@every
def test_a_stream_that_never_changes_is_no_finding(name: str) -> None:
    readings = mine()["methane"]
    table = {"methane": replace(readings, value=np.full(len(readings), 0.4))}
    assert found(name, table) == []
