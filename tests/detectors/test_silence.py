"""silence: missing reports, against the stream's own pauses."""

from __future__ import annotations

import numpy as np
import pytest

from detector.config import load
from detector.core.detector import Observation
from detector.core.episode import Episode, blind_stretches
from detector.core.observation import Device, Readings, Tick
from detector.detectors.silence import FEW, IRREGULAR
from detector.pipeline import judge
from tests.detectors.sensors import PERIOD_S, START, blocks, found, mine, scored

READINGS = mine()["methane"]


def without(*parts: slice) -> dict[str, Readings]:
    """Methane without these rows."""
    kept = np.ones(len(READINGS), dtype=bool)
    for part in parts:
        kept[part] = False
    return {"methane": READINGS.rows(kept)}


def told(observations: list[Observation]) -> list[Episode]:
    return judge(scored("silence", observations), load(None).thresholds)


def test_missing_reports_from_the_last_to_the_next() -> None:
    (episode,) = found("silence", without(slice(2000, 2060)))
    assert episode.start == READINGS.time[1999]
    assert episode.end == READINGS.time[2060]
    assert episode.evidence is not None
    assert episode.evidence.figures["missing_reports"] == 60


def test_single_missing_reports_are_usual() -> None:
    rng = np.random.default_rng(0)
    rows = np.sort(rng.choice(len(READINGS), 200, replace=False))
    assert found("silence", without(*(slice(r, r + 1) for r in rows))) == []


def test_pauses_this_stream_often_makes_are_usual() -> None:
    parts = [slice(r, r + 20) for r in range(100, len(READINGS), 120)]
    assert found("silence", without(*parts)) == []
    (episode,) = found("silence", without(*parts, slice(3000, 3300)))
    assert episode.end - episode.start >= 300 * PERIOD_S


def test_time_that_passes_after_the_last_report() -> None:
    end = float(READINGS.time[-1])
    observations: list[Observation] = [READINGS, Tick("methane", end + 3600)]
    (episode,) = told(observations)
    assert (episode.start, episode.end, episode.until_end) == (end, end + 3600, True)
    assert told([READINGS, Tick("methane", end + 60), Tick("other", end + 3600)]) == []


def test_the_period_of_the_device_counts() -> None:
    halved = READINGS.rows(slice(0, None, 10))
    assert found("silence", {"methane": halved}) == []
    device = Device("methane", period_s=PERIOD_S)
    (scores,) = scored("silence", [device, halved])
    assert set(blind_stretches(scores)) == {IRREGULAR}


def test_blind_for_streams_that_report_on_events() -> None:
    time = START + np.cumsum(np.random.default_rng(0).pareto(0.7, size=500))
    table = {"s": Readings("s", time, np.ones(500))}
    (scores,) = scored("silence", blocks(table))
    assert set(blind_stretches(scores)) == {IRREGULAR}


@pytest.mark.parametrize("rows", [3, 9])
def test_blind_for_a_handful_of_reports(rows: int) -> None:
    (scores,) = scored("silence", blocks({"methane": READINGS.rows(slice(0, rows))}))
    assert set(blind_stretches(scores)) == {FEW}
