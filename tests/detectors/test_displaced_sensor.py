"""displaced_sensor: a sensor that no longer answers what the others answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.bench.falsify import Displace, HoldValue, ScaleValues
from detector.core.episode import Episode, blind_stretches
from detector.detectors.displaced_sensor import ALONE, FEW
from tests.detectors.sensors import START, blocks, found, mine, scored, tampered

DAY = 86400.0


def moved(seed: int, clean: bool) -> list[Episode]:
    step = Displace(stream="methane", start_s=2.5 * DAY, seconds=0.5 * DAY, clean=clean)
    return found("displaced_sensor", tampered(step, seed=seed))


@pytest.mark.parametrize("seed", range(3))
def test_moved_into_fresh_air_for_half_a_day(seed: int) -> None:
    (episode,) = moved(seed, clean=True)
    assert episode.stream == "methane"
    assert episode.start == pytest.approx(START + 2.5 * DAY, abs=0.1 * DAY)
    assert episode.end == pytest.approx(START + 3 * DAY, abs=0.2 * DAY)
    assert episode.evidence is not None and episode.evidence.kind == "fresh air"
    assert "return" in episode.evidence.figures["expected_from"]


@pytest.mark.parametrize("seed", range(3))
def test_of_twins_that_run_apart_both_may_be_told(seed: int) -> None:
    told = {e.stream: e for e in moved(seed, clean=False)}
    assert told and told.keys() <= {"methane", "return"}
    assert all(e.evidence is not None and e.evidence.kind == "unanswering" for e in told.values())


def test_one_that_answers_by_another_factor_is_not_displaced() -> None:
    step = ScaleValues(stream="methane", start_s=2.5 * DAY, seconds=0.5 * DAY, factor=0.7)
    assert found("displaced_sensor", tampered(step)) == []


def test_a_pause_of_everything_is_none() -> None:
    """Nothing is answered where nothing happens."""
    steps = [HoldValue(stream=s, start_s=2.5 * DAY, seconds=0.5 * DAY) for s in mine()]
    assert found("displaced_sensor", tampered(*steps)) == []


def test_blind_alone_unrelated_with_few_readings_and_for_states() -> None:
    table = mine()
    told = scored("displaced_sensor", blocks({"methane": table["methane"]}))
    assert {tuple(blind_stretches(s)) for s in told} == {(ALONE,)}
    told = scored("displaced_sensor", blocks({n: table[n] for n in ("methane", "wind")}))
    assert {tuple(blind_stretches(s)) for s in told} == {(ALONE,)}
    short = {n: r.rows(slice(0, 200)) for n, r in table.items()}
    assert {tuple(blind_stretches(s)) for s in scored("displaced_sensor", blocks(short))} == {
        (FEW,)
    }
    state = replace(table["return"], value=(table["return"].value > 0.4).astype(np.float64))
    told = scored("displaced_sensor", blocks({**table, "return": state}))
    assert {tuple(blind_stretches(s)) for s in told if s.stream == "return"} == {(FEW,)}


def test_one_that_nothing_goes_along_with_is_told_by_its_calm() -> None:
    step = Displace(stream="wind", start_s=2.5 * DAY, seconds=0.4 * DAY)
    (episode,) = found("displaced_sensor", tampered(step))
    assert episode.stream == "wind" and episode.evidence is not None
    assert episode.evidence.kind == "calm"
    assert episode.start == pytest.approx(START + 2.5 * DAY, abs=0.1 * DAY)
    assert episode.end == pytest.approx(START + 2.9 * DAY, abs=0.1 * DAY)


def test_calm_that_those_most_alike_share_is_a_site_at_rest() -> None:
    steps = [Displace(stream=s, start_s=2.5 * DAY, seconds=0.4 * DAY) for s in mine()]
    assert found("displaced_sensor", tampered(*steps)) == []
