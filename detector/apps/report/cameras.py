"""What is known of each camera (or other stream): its files, findings and blind time."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from detector.apps.report.schema import Coverage, Episode, Input, Report

State = Literal["found", "unread", "partial", "unjudged", "blind", "clean"]
_ORDER: list[State] = ["found", "unread", "partial", "unjudged", "blind", "clean"]


@dataclass(frozen=True)
class Finding:
    """An episode with its number in the page, counted from 1."""

    number: int
    episode: Episode

    @property
    def anchor(self) -> str:
        """Where it stands in the page."""
        return f"finding-{self.number}"


@dataclass(frozen=True)
class Camera:
    """One stream: ``findings`` are its own; ``showings`` name it as the other showing."""

    name: str
    number: int
    inputs: tuple[Input, ...]
    coverage: tuple[Coverage, ...]
    findings: tuple[Finding, ...]
    showings: tuple[Finding, ...]

    @property
    def anchor(self) -> str:
        """Where its timeline stands in the page."""
        return f"camera-{self.number}"

    @property
    def group(self) -> str:
        """Where its findings stand in the page."""
        return f"findings-{self.number}"

    @cached_property
    def sensor(self) -> bool:
        """Whether it is known from readings, not from pictures."""
        return bool(self.inputs) and all(i.kind == "readings" for i in self.inputs)

    @cached_property
    def clockless(self) -> bool:
        """Whether pictures of it were read whose wall-clock time is not known."""
        read = (i for i in self.inputs if i.kind == "video" and i.duration_s)
        return any(i.start is None for i in read)

    @cached_property
    def recorded_s(self) -> float:
        """Seconds of recording that could be read."""
        return sum(i.duration_s or 0.0 for i in self.inputs if i.status != "unreadable")

    @cached_property
    def blind(self) -> tuple[Coverage, ...]:
        """The checks that could not judge everything."""
        return tuple(c for c in self.coverage if c.blind_s > 0)

    @cached_property
    def unjudged_s(self) -> float:
        """Seconds that the worst check could not judge."""
        return max((c.blind_s for c in self.blind), default=0.0)

    @cached_property
    def involved(self) -> tuple[Finding, ...]:
        """Its findings, and those of other cameras that show the same as it does."""
        others = (f for f in self.showings if f.episode.stream != self.name)
        return (*self.findings, *others)

    @cached_property
    def state(self) -> State:
        """What is to be said of it first; ``clean`` only where everything was read and judged."""
        if self.involved:
            return "found"
        if any(i.status == "unreadable" for i in self.inputs):
            return "unread"
        if any(i.status == "partial" for i in self.inputs):
            return "partial"
        if not any(c.judged_s > 0 for c in self.coverage):
            return "unjudged"
        return "blind" if self.blind else "clean"

    @cached_property
    def quiet(self) -> list[str]:
        """The checks that judged everything and found nothing."""
        found = {f.episode.detector for f in self.involved}
        return [c.detector for c in self.coverage if not c.blind_s and c.detector not in found]


def cameras(report: Report) -> list[Camera]:
    """Every stream that the report names: those with findings first, then the doubtful ones.

    Findings are numbered in this order, those of a camera in the report's.
    """
    inputs: dict[str, list[Input]] = defaultdict(list)
    coverage: dict[str, list[Coverage]] = defaultdict(list)
    own: dict[str, list[Episode]] = defaultdict(list)
    shown: dict[str, list[Episode]] = defaultdict(list)
    for i in report.inputs:
        if i.stream is not None:
            inputs[i.stream].append(i)
    for c in report.coverage:
        coverage[c.stream].append(c)
    for episode in report.episodes:
        own[episode.stream].append(episode)
        if episode.other is not None:
            shown[episode.other.stream].append(episode)
    _add_shared(report, inputs, coverage, own)
    names = sorted({*inputs, *coverage, *own, *shown}, key=_natural)
    involved = {name: len(own[name]) + sum(e.stream != name for e in shown[name]) for name in names}
    ordered = sorted(names, key=lambda name: -involved[name])
    numbers = itertools.count(1)
    numbered = {id(e): Finding(next(numbers), e) for name in ordered for e in own[name]}
    made = [
        Camera(
            name=name,
            number=number,
            inputs=tuple(inputs[name]),
            coverage=tuple(coverage[name]),
            findings=tuple(numbered[id(e)] for e in own[name]),
            showings=tuple(numbered[id(e)] for e in shown[name]),
        )
        for number, name in enumerate(ordered, 1)
    ]
    return sorted(made, key=lambda c: _ORDER.index(c.state))


def _add_shared(
    report: Report,
    inputs: dict[str, list[Input]],
    coverage: dict[str, list[Coverage]],
    own: dict[str, list[Episode]],
) -> None:
    """A file of readings holds many streams: give it to those that name it."""
    shared = {i.path: i for i in report.inputs if i.stream is None}
    for name in {*coverage, *own}:
        paths = {e.path for e in own[name]}
        paths |= {b.path for c in coverage[name] for b in c.blind}
        inputs[name].extend(shared[path] for path in sorted(paths & shared.keys()))


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """cam2 before cam10."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((int(p), "") if p.isdecimal() and p.isascii() else (-1, p) for p in parts)
