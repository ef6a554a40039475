"""What every detector of cameras keeps to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.core.detector import Observation
from detector.core.episode import Episode
from detector.core.observation import Frames, Segment, Tick, Views
from detector.core.score import Scores
from detector.detectors import CATALOGUE, VIDEO
from tests.detectors.footage import Footage, Studio, found, judged, scored

Material = Callable[[Studio], list[Observation]]

CLEAN: dict[str, Material] = {
    name: lambda studio: [*studio.shoot("gallery"), *studio.shoot("hoist", stream="yard")]
    for name in VIDEO
} | {"recording_gap": lambda studio: files(0, 60, 120)}

TAMPERED: dict[str, Material] = {
    "frozen_frame": lambda studio: [*studio.shoot("gallery", "hold:start=15,seconds=8")],
    "uninformative_frame": lambda studio: [*studio.shoot("gallery", "black:start=15,seconds=8")],
    "moved_camera": lambda studio: [*studio.shoot("gallery", "shift:start=20")],
    "replayed_video": lambda studio: [*studio.shoot("gallery", "replay:start=25,seconds=8,from=5")],
    "duplicated_video": lambda studio: [
        *studio.shoot("gallery"),
        *studio.shoot("gallery", "trim:start=5,seconds=30", "crop:keep=0.92", stream="yard"),
    ],
    "recording_gap": lambda studio: files(0, 60, 150),
}


def files(*starts: float) -> list[Observation]:
    """Recordings of a minute that begin at these times."""
    return [Segment("shaft", f"{start:g}.mp4", start, float("nan"), 60.0) for start in starts]


every = pytest.mark.parametrize("name", sorted(VIDEO))


@pytest.fixture(scope="module")
def tampered(studio: Studio) -> Callable[[str], list[Observation]]:
    known: dict[str, list[Observation]] = {}

    def of(name: str) -> list[Observation]:
        if name not in known:
            known[name] = [sealed(o) for o in TAMPERED[name](studio)]
        return known[name]

    return of


@pytest.fixture(scope="module")
def whole(tampered: Callable[[str], list[Observation]]) -> Callable[[str], list[Scores]]:
    """Scores of a detector's tampered example, fed in whole recordings."""
    known: dict[str, list[Scores]] = {}

    def of(name: str) -> list[Scores]:
        if name not in known:
            known[name] = scored(name, cut(tampered(name), []))
        return known[name]

    return of


def columns(observation: Observation | Scores) -> dict[str, Any]:
    told = {f.name: getattr(observation, f.name) for f in fields(observation)}
    return {k: v for k, v in told.items() if isinstance(v, np.ndarray)}


def sealed(observation: Observation) -> Observation:
    """The same, its arrays read-only."""
    for column in columns(observation).values():
        column.setflags(write=False)
    return observation


def cut(observations: Sequence[Observation], edges: Sequence[float]) -> list[Observation]:
    """Blocks cut at these parts of their length, in order of time as a stream brings them."""
    pieces: list[Observation] = []
    for block in observations:
        if isinstance(block, Frames | Views):
            at = [0, *sorted({round(edge * len(block)) for edge in edges}), len(block)]
            pieces += [block.rows(slice(a, b)) for a, b in pairwise(at)]
        else:
            pieces.append(block)
    return sorted(pieces, key=_begin)


def _begin(observation: Observation) -> float:
    if isinstance(observation, Frames | Views):
        return float(observation.time[0]) if len(observation) else -1.0
    if isinstance(observation, Segment):
        return observation.start
    return observation.time if isinstance(observation, Tick) else -1.0


def assert_same(a: Sequence[Scores], b: Sequence[Scores]) -> None:
    assert [(s.detector, s.stream, s.unit) for s in a] == [
        (s.detector, s.stream, s.unit) for s in b
    ]
    for one, other in zip(a, b, strict=True):
        for name in ("time", "value", "since"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)
        assert reasons(one) == reasons(other)


def reasons(scores: Scores) -> list[str | None]:
    return [None if why < 0 else scores.reasons[why] for why in scores.why]


def told(episodes: Sequence[Episode]) -> list[tuple[Any, ...]]:
    return [
        (e.stream, e.start, e.end, e.peak, e.until_end, e.evidence and e.evidence.kind)
        for e in episodes
    ]


def assert_well_formed(name: str, all_scores: Sequence[Scores]) -> None:
    make, _ = CATALOGUE[name]
    for scores in all_scores:
        assert scores.detector == name
        assert scores.unit == make(None).unit
        count = len(scores.time)
        for column in ("time", "value", "since"):
            assert getattr(scores, column).dtype == np.float64
            assert getattr(scores, column).shape == (count,)
        assert scores.why.dtype == np.int8 and scores.why.shape == (count,)
        assert np.isfinite(scores.time).all() and np.all(np.diff(scores.time) >= 0)
        assert np.all(scores.since <= scores.time)
        np.testing.assert_array_equal(np.isnan(scores.value), scores.why >= 0)
        assert np.all(scores.value[scores.why < 0] >= 0)
        assert scores.why.max(initial=-1) < len(scores.reasons)
        for evidence in scores.evidence:
            assert evidence.start <= evidence.end and evidence.kind


def test_every_detector_has_its_example() -> None:
    assert set(TAMPERED) == set(CLEAN) == set(VIDEO)


@every
def test_name_unit_and_parameters(name: str) -> None:
    make, parameters = CATALOGUE[name]
    made = make(parameters())
    assert made.name == name and made.unit == "s"
    assert vars(make(None))["parameters"] == parameters()
    with pytest.raises((AttributeError, TypeError)):
        vars(made)["parameters"].anything = 1


@every
def test_quiet_on_clean(name: str, studio: Studio) -> None:
    scores = scored(name, CLEAN[name](studio))
    assert_well_formed(name, scores)
    assert judged(scores) == []
    seen = sum(int(np.sum(s.why < 0)) for s in scores)
    assert seen > 0.5 * sum(len(s.time) for s in scores)


@every
def test_loud_on_tampered(name: str, tampered: Callable[[str], list[Observation]]) -> None:
    scores = scored(name, tampered(name))
    assert_well_formed(name, scores)
    (episode,) = judged(scores)
    assert episode.detector == name
    assert episode.peak >= episode.threshold
    assert episode.evidence is not None


@every
def test_the_same_twice_and_nothing_written_to(
    name: str, tampered: Callable[[str], list[Observation]]
) -> None:
    before = [{k: v.copy() for k, v in columns(o).items()} for o in tampered(name)]
    assert_same(scored(name, tampered(name)), scored(name, tampered(name)))
    for kept, now in zip(before, tampered(name), strict=True):
        for column, value in columns(now).items():
            np.testing.assert_array_equal(value, kept[column])


@every
@settings(max_examples=5, deadline=None)
@given(edges=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_scores_do_not_depend_on_the_cut(
    name: str,
    edges: list[float],
    tampered: Callable[[str], list[Observation]],
    whole: Callable[[str], list[Scores]],
) -> None:
    pieces = scored(name, cut(tampered(name), edges))
    assert_same(pieces, whole(name))
    assert told(judged(pieces)) == told(judged(whole(name)))


@every
def test_row_by_row(
    name: str,
    tampered: Callable[[str], list[Observation]],
    whole: Callable[[str], list[Scores]],
) -> None:
    pieces = cut(tampered(name), np.linspace(0, 1, 301).tolist())
    assert told(found(name, pieces)) == told(judged(whole(name)))


@every
@pytest.mark.parametrize("seed", [0, 1])
def test_blocks_in_any_order_are_survived(
    name: str, seed: int, tampered: Callable[[str], list[Observation]]
) -> None:
    pieces = cut(tampered(name), [0.2, 0.4, 0.5, 0.8])
    order = np.random.default_rng(seed).permutation(len(pieces))
    assert_well_formed(name, scored(name, [pieces[i] for i in order]))


@every
def test_gaps_are_survived(name: str, tampered: Callable[[str], list[Observation]]) -> None:
    assert_well_formed(name, scored(name, [holed(o) for o in cut(tampered(name), [0.3, 0.6])]))


def holed(observation: Observation) -> Observation:
    """The same with a few rows missing, once five in a row."""
    if not isinstance(observation, Frames | Views) or len(observation) < 12:
        return observation
    kept = np.ones(len(observation), dtype=bool)
    kept[[2, *range(5, 10)]] = False
    rows: Observation = observation.rows(kept)
    return rows


@every
def test_streams_that_overlap_themselves_are_survived(
    name: str, tampered: Callable[[str], list[Observation]]
) -> None:
    assert_well_formed(name, scored(name, [*tampered(name), *tampered(name)]))


@every
@pytest.mark.parametrize("rows", [0, 1, 2])
def test_empty_blocks_and_single_rows_are_survived(
    name: str, rows: int, tampered: Callable[[str], list[Observation]]
) -> None:
    short = [o.rows(slice(0, rows)) for o in tampered(name) if isinstance(o, Frames | Views)]
    assert_well_formed(name, scored(name, short))
    assert found(name, short) == []


@every
def test_an_empty_block_amid_others_changes_nothing(
    name: str, tampered: Callable[[str], list[Observation]]
) -> None:
    pieces = cut(tampered(name), [0.5])
    empty = [o.rows(slice(0, 0)) for o in pieces if isinstance(o, Frames | Views)]
    assert_same(scored(name, [*empty[:1], *pieces, *empty]), scored(name, pieces))


@every
def test_nothing_at_all_and_time_alone(name: str) -> None:
    assert scored(name, []) == []
    assert_well_formed(name, scored(name, [Tick("shaft", 1.0), Tick("shaft", 900.0)]))


@every
@pytest.mark.parametrize("kind", [Frames, Views, Segment])
def test_a_kind_of_observation_alone_is_survived(
    name: str, kind: type, tampered: Callable[[str], list[Observation]]
) -> None:
    assert_well_formed(name, scored(name, [o for o in tampered(name) if isinstance(o, kind)]))


def moved_in_time(footage: Footage, by_s: float) -> Footage:
    """The same footage on another part of the timeline."""
    return [replace(block, time=block.time + by_s) for block in footage]


@pytest.mark.parametrize("name", sorted(VIDEO - {"recording_gap"}))
def test_wall_clock_times_change_nothing_but_times(
    name: str, tampered: Callable[[str], list[Observation]]
) -> None:
    epoch = 1_767_225_600.0
    footage = [o for o in tampered(name) if isinstance(o, Frames | Views)]
    here, there = found(name, footage), found(name, moved_in_time(footage, epoch))
    assert [(e[0], e[-1]) for e in told(here)] == [(e[0], e[-1]) for e in told(there)]
    for one, other in zip(here, there, strict=True):
        assert other.start - epoch == pytest.approx(one.start, abs=0.21)
        assert other.end - epoch == pytest.approx(one.end, abs=0.21)
        assert other.peak == pytest.approx(one.peak, abs=0.41)
