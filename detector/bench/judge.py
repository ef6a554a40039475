"""Reports and truths of a pool of recordings as findings and expectations, judged."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from detector.bench.clip import Event
from detector.bench.footage import read_footage
from detector.bench.making import Pool, kept_beside
from detector.bench.scenarios import DETECTORS, EVER_S, Recipe, Scenario
from detector.bench.truth import Truth, shared, truth_of
from detector.core.accuracy import Expected, Finding, Judgement, Showing, judge

#: Copies shorter than this are not expected to be found, s.
_SHORTEST_COPY_S = 4.0


@dataclass(frozen=True)
class Blindness:
    """Seconds that a detector judged and could not judge of a stream."""

    detector: str
    stream: str
    judged_s: float
    blind_s: float
    why: str


@dataclass(frozen=True)
class Answers:
    """What one tool said of a pool; `failed` where it gave no answer."""

    findings: tuple[Finding, ...] = ()
    blindness: tuple[Blindness, ...] = ()
    failed: str = ""


@dataclass(frozen=True)
class Truths:
    """What is true of a pool: the stretches, and each stream's seconds of footage."""

    expected: tuple[Expected, ...]
    seconds: Mapping[str, float]


def truths_of(pool: Pool, footage: Path, work: Path) -> Truths:
    """What is true of a pool's recordings, on the timelines of their cameras."""
    told = [(recipe, _truth(recipe, footage, work)) for recipe in pool.recipes]
    seconds: dict[str, float] = {}
    for recipe, truth in told:
        seconds[recipe.stream] = seconds.get(recipe.stream, 0.0) + truth.duration_s
    until = {r.stream: r.offset_s + t.duration_s for r, t in told}
    expected = [_of_event(event, recipe, pool) for recipe, truth in told for event in _own(truth)]
    for one, two in combinations(told, 2):
        expected += _of_pair(one, two, pool)
    for scenario in pool.scenarios:
        expected += [_ended(known, until) for known in scenario.known]
    return Truths(tuple(expected), seconds)


def judged(truths: Truths, answers: Answers) -> Judgement:
    """What a tool said of a pool against what is true."""
    return judge(truths.expected, answers.findings)


def read_report(path: Path, pool: Pool) -> Answers:
    """The findings of a report.json, on the timelines of their cameras."""
    report = json.loads(path.read_bytes())
    places = {recipe.target: recipe for recipe in pool.recipes}
    findings = [_finding(episode, places) for episode in report["episodes"]]
    blindness = [
        Blindness(c["detector"], c["stream"], c["judged_s"], c["blind_s"], c["blind_why"] or "")
        for c in report["coverage"]
    ]
    lost = [f"{i['path']}: {i['reason']}" for i in report["inputs"] if i["status"] == "unreadable"]
    lost += [f"{n['path']}: {n['reason']}" for n in report.get("not_audited", [])]
    return Answers(tuple(findings), tuple(blindness), "; ".join(lost))


def plain_findings(path: Path) -> tuple[Finding, ...]:
    """The findings of a report.json on recordings that are each a camera of their own."""
    return tuple(_finding(e, {}) for e in json.loads(path.read_bytes())["episodes"])


def scenario_of(stream: str, pool: Pool, other: str | None = None) -> Scenario | None:
    """The scenario that a stream, or else the other stream of a copy, belongs to."""
    for name in (stream, other):
        for scenario in pool.scenarios:
            if name in scenario.streams:
                return scenario
    return None


def _truth(recipe: Recipe, footage: Path, work: Path) -> Truth:
    if recipe.encoding is not None:
        truth = Truth.read(kept_beside(recipe, footage, work, "truth.json")[1])
        return replace(truth, stream=recipe.stream, events=_renamed(truth, recipe.stream))
    source, path = kept_beside(recipe, footage, work, "truth.json")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        clip = read_footage(source)
        truth_of(clip, source.stem, source.stem, 0, (), {}).write(path)
    return Truth.read(path)


def _renamed(truth: Truth, stream: str) -> tuple[Event, ...]:
    return tuple(
        replace(event, other=replace(event.other, stream=stream))
        if event.other is not None and event.other.stream == truth.stream
        else event
        for event in truth.events
    )


def _own(truth: Truth) -> list[Event]:
    """Events that concern the recording alone; copies come from pairs of recordings."""
    return [e for e in truth.events if e.other is None or e.other.stream == truth.stream]


def _of_event(event: Event, recipe: Recipe, pool: Pool) -> Expected:
    scenario = scenario_of(recipe.stream, pool)
    wanted = DETECTORS.get(scenario.group) if scenario else None
    other = None
    if event.other is not None:
        start_s = event.other.start_s + recipe.offset_s
        other = Showing(recipe.stream, start_s, event.other.lag_s)
    return Expected(
        detector=event.detector,
        kind=scenario.attack if scenario else event.kind,
        stream=recipe.stream,
        start_s=event.start_s + recipe.offset_s,
        end_s=event.end_s + recipe.offset_s,
        other=other,
        period_s=float(event.detail.get("period_s", 0.0)),
        must=event.detector == wanted,
    )


def _of_pair(one: tuple[Recipe, Truth], two: tuple[Recipe, Truth], pool: Pool) -> list[Expected]:
    """Where two recordings show the same: a copy, or of one camera a replay of the earlier."""
    pair = sorted((one, two), key=lambda told: (told[0].offset_s, told[0].encoding is not None))
    (first, early), (second, late) = pair
    same = first.stream == second.stream
    scenario = scenario_of(second.stream, pool, first.stream)
    if scenario is None:
        return []
    meant = scenario.group == ("replayed" if same else "duplicated") and (
        same or first.source in scenario.beside or second.source in scenario.beside
    )
    found = []
    for event in shared(late, early):
        assert event.other is not None
        start_s, other_s = event.start_s + second.offset_s, event.other.start_s + first.offset_s
        found.append(
            Expected(
                detector="replayed_video" if same else "duplicated_video",
                kind=scenario.attack,
                stream=second.stream,
                start_s=start_s,
                end_s=event.end_s + second.offset_s,
                other=Showing(first.stream, other_s, start_s - other_s),
                must=meant and event.end_s - event.start_s >= _SHORTEST_COPY_S,
            )
        )
    return found


def _ended(known: Expected, until: Mapping[str, float]) -> Expected:
    """What is known to last to the end of a recording, to where that is."""
    if not known.must or known.end_s < EVER_S:
        return known
    end_s = until.get(known.stream, known.end_s)
    if known.other is not None and math.isfinite(known.other.lag_s):
        end_s = min(end_s, until.get(known.other.stream, end_s) + known.other.lag_s)
    return replace(known, end_s=end_s)


def _finding(episode: Mapping[str, Any], places: Mapping[str, Recipe]) -> Finding:
    offset_s = _offset(episode["path"], places)
    other = None
    if episode["other"] is not None:
        told = episode["other"]
        start_s = told["start_s"] + _offset(told["path"], places)
        other = Showing(told["stream"], start_s, told["lag_s"])
    return Finding(
        detector=episode["detector"],
        stream=episode["stream"],
        start_s=episode["start_s"] + offset_s,
        end_s=episode["end_s"] + offset_s,
        other=other,
        crossed_s=_crossed(episode, offset_s),
    )


def _offset(path: str, places: Mapping[str, Recipe]) -> float:
    for target, recipe in places.items():
        if path == target or path.endswith(f"/{target}"):
            return recipe.offset_s
    return 0.0


def _crossed(episode: Mapping[str, Any], offset_s: float) -> float | None:
    """When the score reached the threshold: by its curve, or for scores that are seconds."""
    curve = episode["evidence"].get("score")
    if curve:
        pairs: Iterable[tuple[float, float | None]] = zip(
            curve["time_s"], curve["value"], strict=True
        )
        for time_s, value in pairs:
            if value is not None and value >= episode["threshold"]:
                return time_s + offset_s
    if episode["unit"] == "s":
        return float(episode["start_s"]) + float(episode["threshold"]) + offset_s
    return None


def blind_share(blindness: Sequence[Blindness], detector: str, stream: str) -> float | None:
    """Part of a stream that a detector could not judge; None where it said nothing of it."""
    for told in blindness:
        if (told.detector, told.stream) == (detector, stream):
            total = told.judged_s + told.blind_s
            return told.blind_s / total if total > 0 else None
    return None
