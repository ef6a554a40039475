"""scaled_signal: streams against what others let expect of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.bench.falsify import ScaleValues
from detector.core.episode import Episode, blind_stretches
from detector.core.observation import Readings
from detector.detectors.scaled_signal import ALONE, FEW
from tests.detectors.sensors import START, blocks, found, mine, scored, tampered

DAY = 86400.0


def scaled(start: float, seconds: float, factor: float, seed: int = 0) -> list[Episode]:
    step = ScaleValues(stream="methane", start_s=start, seconds=seconds, factor=factor)
    return found("scaled_signal", tampered(step, seed=seed))


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_a_factor_until_the_end(factor: float) -> None:
    (episode,) = scaled(2.5 * DAY, 5 * DAY, factor)
    assert episode.stream == "methane" and episode.until_end
    assert episode.start == pytest.approx(START + 2.5 * DAY, abs=0.05 * DAY)
    assert episode.evidence is not None
    assert episode.evidence.figures["factor"] == pytest.approx(factor, rel=0.15)
    assert "return" in episode.evidence.figures["expected_from"]


def test_a_factor_for_some_time() -> None:
    (episode,) = scaled(2 * DAY, DAY, 0.5)
    assert episode.stream == "methane"
    assert episode.start == pytest.approx(START + 2 * DAY, abs=0.05 * DAY)
    assert episode.end == pytest.approx(START + 3 * DAY, abs=0.05 * DAY)


def test_a_factor_too_near_to_one_does_not_count() -> None:
    assert scaled(2.5 * DAY, 5 * DAY, 0.97) == []


def test_a_twin_that_stays_is_not_blamed() -> None:
    step = ScaleValues(stream="methane", start_s=2.5 * DAY, seconds=5 * DAY, factor=0.6)
    for seed in range(3):
        found_in = {e.stream for e in found("scaled_signal", tampered(step, seed=seed))}
        assert found_in == {"methane"}


def test_blind_alone_with_few_readings_and_for_states() -> None:
    table = mine()
    (alone,) = scored("scaled_signal", blocks({"methane": table["methane"]}))
    assert set(blind_stretches(alone)) == {ALONE}
    short = {n: r.rows(slice(0, 200)) for n, r in table.items()}
    assert {tuple(blind_stretches(s)) for s in scored("scaled_signal", blocks(short))} == {(FEW,)}
    state = replace(table["wind"], value=(table["wind"].value > 2).astype(np.float64))
    told = scored("scaled_signal", blocks({**table, "wind": state}))
    assert {s.stream for s in told if blind_stretches(s)} == {"wind"}


def test_streams_of_other_times_and_periods() -> None:
    step = ScaleValues(stream="methane", start_s=2.5 * DAY, seconds=5 * DAY, factor=0.6)
    table = tampered(step)
    table["return"] = table["return"].rows(slice(7, None, 3))
    table["temperature"] = table["temperature"].rows(slice(4000, None))
    assert [e.stream for e in found("scaled_signal", table)] == ["methane"]


def test_the_steps_of_a_stream_tell_alone_and_nobody_else_is_blamed() -> None:
    table = tampered(ScaleValues(stream="methane", start_s=2 * DAY, seconds=5 * DAY, factor=0.6))
    for streams in (["methane"], ["methane", "return"]):
        (episode,) = found("scaled_signal", {n: table[n] for n in streams})
        assert episode.stream == "methane" and episode.until_end
        assert episode.start == pytest.approx(START + 2 * DAY, abs=0.01 * DAY)
        assert episode.evidence is not None and episode.evidence.kind == "steps"
        assert episode.evidence.figures["factor"] == pytest.approx(0.6, rel=1e-3)


def test_readings_without_steps_are_compared_with_others() -> None:
    """A device of so fine a resolution that its steps do not show."""
    rng = np.random.default_rng(0)
    table = tampered(ScaleValues(stream="methane", start_s=2 * DAY, seconds=5 * DAY, factor=0.6))
    fine = {n: replace(r, value=r.value + 1e-3 * rng.random(len(r))) for n, r in table.items()}
    (episode,) = found("scaled_signal", fine)
    assert episode.evidence is not None and episode.evidence.kind == "factor"


def test_a_level_that_shifts_alone_is_told_by_itself() -> None:
    rng = np.random.default_rng(4)
    time = np.asarray(START + 60.0 * np.arange(4000), dtype=np.float64)
    value = np.round(20 + np.cumsum(rng.normal(size=4000)) / 50 + 0.05 * rng.normal(size=4000), 2)
    value[2600:] += 2.0
    readings = Readings("pressure", time, value)
    (episode,) = found("scaled_signal", {"pressure": readings})
    assert episode.start == time[2600] and episode.until_end
    assert episode.evidence is not None and episode.evidence.kind == "level"
    fan = replace(readings, stream="airflow", value=value * 3)  # the same fan moves both
    assert found("scaled_signal", {"pressure": readings, "airflow": fan}) == []
