"""inconsistent_shaft: the picture of a shaft against its hoist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.bench.scenes.machines import hoist_starts
from detector.bench.scenes.settings import Settings
from detector.config import load
from detector.core.detector import Observation
from detector.core.episode import Episode
from detector.core.observation import Device, Frames, Readings
from detector.core.score import Scores
from detector.detectors.inconsistent_shaft import (
    NEVER_CHANGES,
    NO_CLOCK,
    NO_MACHINE,
    NO_READINGS,
    InconsistentShaft,
)
from detector.pipeline import judge

F64 = NDArray[np.float64]

START = 1_767_500_000.0
SECONDS = 240.0
PERIOD_S = 2.0


def speed(time: F64, seed: int) -> F64:
    """How the cage of the rendered scene moves: 0 at rest, 1 at full speed."""
    starts = hoist_starts(Settings(seconds=SECONDS + 100, seed=seed))
    k = np.clip(np.searchsorted(starts, time, side="right") - 1, 0, len(starts) - 2)
    share = (time - starts[k]) / (starts[k + 1] - starts[k])
    up, down = (share - 0.2) / 0.3, (share - 0.7) / 0.3
    moving = np.where(share < 0.5, up, down)
    fast = 4 * moving * (1 - moving)
    return np.asarray(np.where((moving > 0) & (moving < 1), fast, 0.0), dtype=np.float64)


def film(moving: bool = True, seed: int = 0, start: float = START) -> Frames:
    """The cage passes down and up through nine rows of tiles, or nothing moves."""
    time = np.arange(0, SECONDS, 0.2)
    fast = speed(time, seed) if moving else np.zeros(len(time))
    motion = np.zeros((len(time), 9, 16), dtype=np.int8)
    starts = hoist_starts(Settings(seconds=SECONDS + 100, seed=seed))
    share = (time - starts[np.searchsorted(starts, time, side="right") - 1]) / 24
    row = np.clip(np.where(share < 0.5, (share - 0.2) / 0.3, (1 - share) / 0.3) * 8, 0, 8)
    for i in np.flatnonzero(fast > 0.05):
        motion[i, int(row[i]), 6:10] = 40 if share[i] < 0.5 else -40
    motion[::5, 0, 0] = 40  # a clock
    n = len(time)
    return Frames(
        *("cam", start + time, np.full(n, 0.2, dtype=np.float32), np.ones(n, dtype=np.int32)),
        motion=motion,
        stir=np.full((n, 9, 16), 8, dtype=np.uint8),
        coded=np.full(n, 900, dtype=np.int32),
    )


def hoist(seed: int = 0, start: float = START, factor: float = 1000.0) -> Readings:
    time = np.arange(-60, SECONDS + 60, PERIOD_S)
    value = factor * speed(np.maximum(time, 0), seed)
    return Readings("hoist", start + time, np.round(value).astype(np.float64))


def at_rest() -> Readings:
    told = hoist()
    return replace(told, value=np.zeros(len(told)))


def scores(*observations: Observation, cut: int = 10**6) -> Scores:
    made = InconsistentShaft()
    made.update(Device("hoist", kind="hoist", low=0, high=1500, shaft="main"))
    for one in observations:
        if isinstance(one, Frames | Readings):
            for a in range(0, len(one), cut):
                made.update(one.rows(slice(a, a + cut)))
        else:
            made.update(one)
    (told,) = made.finish()
    return told


def found(*observations: Observation) -> Sequence[Episode]:
    return judge([scores(*observations)], load(None).thresholds)


def kinds(episodes: Sequence[Episode]) -> list[str]:
    return [e.evidence.kind for e in episodes if e.evidence is not None]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_cage_that_moves_as_its_hoist_reports_is_nothing_found(seed: int) -> None:
    told = scores(film(seed=seed), hoist(seed))
    assert judge([told], load(None).thresholds) == []
    assert np.mean(told.why < 0) > 0.95


def test_nothing_moves_and_nothing_works_is_nothing_found() -> None:
    assert found(film(moving=False), at_rest()) == []


@pytest.mark.parametrize("offset", [-40.0, 70.0])
def test_a_clock_that_is_off_is_allowed_for(offset: float) -> None:
    assert found(film(), replace(hoist(), time=hoist().time + offset)) == []


def test_a_dead_picture_while_the_hoist_works() -> None:
    (episode,) = found(film(moving=False), hoist())
    assert kinds([episode]) == ["dead_picture"]
    assert episode.end - episode.start > 200


def test_a_machine_in_the_picture_while_the_hoist_rests() -> None:
    assert kinds(found(film(), at_rest())) == ["lively_picture"]


def test_another_hoist_in_the_picture() -> None:
    slower = hoist()
    stretched = (slower.time - START) * 37 / 24 + START
    assert set(kinds(found(film(), replace(slower, time=stretched)))) == {"not_following"}


def test_a_recording_without_a_clock_as_long_as_the_readings() -> None:
    time = hoist().time
    use = (time >= START) & (time <= START + SECONDS)
    assert kinds(found(film(moving=False, start=0), hoist().rows(use))) == ["dead_picture"]


@pytest.mark.parametrize(
    ("observations", "why"),
    [
        ([film()], NO_MACHINE),
        ([film(start=0), hoist()], NO_CLOCK),
        ([film(), hoist(start=START + 86400)], NO_READINGS),
    ],
)
def test_it_is_blind_where_it_cannot_compare(observations: list[Observation], why: str) -> None:
    told = scores(*observations)
    assert np.isnan(told.value).all() and told.reasons == (why,)


def test_a_hoist_of_unknown_range_that_never_changes_is_blind() -> None:
    told = scores(film(), Device("hoist", kind="hoist"), replace(at_rest(), value=at_rest().time))
    assert told.reasons == (NEVER_CHANGES,)


@pytest.mark.parametrize("cut", [7, 100])
def test_scores_do_not_depend_on_the_cut(cut: int) -> None:
    whole, pieces = scores(film(), at_rest()), scores(film(), at_rest(), cut=cut)
    np.testing.assert_array_equal(whole.value, pieces.value)
    assert whole.evidence == pieces.evidence
