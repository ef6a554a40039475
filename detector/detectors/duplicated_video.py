"""duplicated_video: seconds during which two cameras show the same content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.observation import STEP_S
from detector.core.score import Evidence, Scores, Showing
from detector.detectors.repetition import MotionStore, Stretch, scored, stills_of
from detector.signals.motion import Disguise, Motion, crops
from detector.signals.recurrence import Candidate, Match, align, candidates, measure, stretches
from detector.signals.resemblance import resemblance

#: Steps of disagreement that do not end a copy (another caption, a passing cloud): 3 s.
_LINK_STEPS = 15


@dataclass(frozen=True)
class DuplicatedVideoParameters:
    """Parameters of :class:`DuplicatedVideo`.

    * ``keep``: part of the picture that a cropped copy is expected to keep (0.5..1);
    * ``level``: correlation above which a step counts for a copy (0..1);
    * ``min_r``: correlation a whole stretch must reach (0..1);
    * ``margin``: how far that must lie above the best chance agreement (0..1);
    * ``min_tiles``: effective number of tiles that must carry the agreement;
    * ``min_telling_s``: seconds in which something must have moved, s;
    * ``min_resemblance``: how well the still pictures must agree besides (-1..1): two machines that
      run alike in different places are no copies.
    """

    keep: float = 0.9
    level: float = 0.3
    min_r: float = 0.42
    margin: float = 0.15
    min_tiles: float = 5.0
    min_telling_s: float = 2.0
    min_resemblance: float = 0.45


@dataclass(frozen=True)
class _Copy:
    own: int
    other: int
    disguise: Disguise
    match: Match

    @property
    def weight(self) -> float:
        return self.match.r * (self.match.last - self.match.first)


class DuplicatedVideo:
    """Copies among cameras, with the lag, found by what moves and where.

    Score: seconds since the shared content began, for the later of the two streams by name; the
    other is named. Sees: copies under re-encode, scale, crop, mirroring, gamma, grey, logo, text,
    another frame rate, shifted in time, and shared in part. Blind where nothing moves. Two cameras
    that look at the same place, or alike places, differ in what moves where and are no copies.
    """

    name: ClassVar[str] = "duplicated_video"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: DuplicatedVideoParameters | None = None) -> None:
        self.parameters = parameters or DuplicatedVideoParameters()
        self._store = MotionStore()

    def learn(self, observation: Observation) -> None:
        """Nothing to learn: the other cameras are what is compared with."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep frames; the search runs over all cameras at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Search all streams for content they share."""
        names = self._store.streams()
        motions = [self._store.motion(name) for name in names]
        copies = [c for c in self._copies(motions) if self._alike(c, names)]
        result = []
        for index, name in enumerate(names):
            pairs = {c.other for c in copies if c.own == index}
            if not pairs:
                result.append(scored(self.name, name, self._store, []))
            for other in sorted(pairs):
                found = [
                    _stretch(name, names[other], c)
                    for c in copies
                    if (c.own, c.other) == (index, other)
                ]
                result.append(scored(self.name, name, self._store, found))
        return result

    def _alike(self, copy: _Copy, names: list[str]) -> bool:
        """Whether the pictures show the same place; where there are none, motion alone decides."""
        match = copy.match
        found = []
        for part in (0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95):
            at = (match.first + part * (match.last - match.first)) * STEP_S
            own = self._store.layout(names[copy.own], at)
            other = self._store.layout(names[copy.other], at - match.lag * STEP_S)
            if own is not None and other is not None:
                mirrored = copy.disguise.mirrored
                both = resemblance(own, other, mirrored), resemblance(other, own, mirrored)
                found.append(max(both))
        return not found or float(np.median(found)) >= self.parameters.min_resemblance

    def _copies(self, motions: list[Motion]) -> list[_Copy]:
        if len(motions) < 2:
            return []
        disguises = crops(self.parameters.keep)
        by_pair: dict[tuple[int, int], list[_Copy]] = {}
        disguised = _Disguised(motions, disguises)
        for candidate in candidates(motions, disguises, None):
            for copy in self._examined(motions, candidate, disguised):
                pair = max(copy.own, copy.other), min(copy.own, copy.other)
                by_pair.setdefault(pair, []).append(copy if copy.own == pair[0] else _turned(copy))
        return [c for pair in sorted(by_pair) for c in _disjoint(by_pair[pair])]

    def _examined(
        self, motions: list[Motion], candidate: Candidate, disguised: _Disguised
    ) -> Iterator[_Copy]:
        limits = self.parameters
        disguise = disguised.disguises[candidate.disguise]
        own, other = motions[candidate.own], disguised.motion(candidate.other, candidate.disguise)
        lag, both = align(own, other, candidate.lag)
        for at in stretches(both, limits.level, _LINK_STEPS):
            if (at[1] - at[0]) * STEP_S < limits.min_telling_s:
                continue
            match = measure(other, lag, both, at)
            if (
                match.r >= max(limits.min_r, match.null + limits.margin)
                and match.tiles >= limits.min_tiles
                and match.telling_s >= limits.min_telling_s
            ):
                yield _Copy(candidate.own, candidate.other, disguise, match)


@dataclass
class _Disguised:
    """Motions as disguised copies would show them, the last few kept."""

    motions: list[Motion]
    disguises: list[Disguise]
    _kept: dict[tuple[int, int], Motion] = field(default_factory=dict)

    def motion(self, stream: int, disguise: int) -> Motion:
        """The motion of a stream under a disguise."""
        key = (stream, disguise)
        if key not in self._kept:
            if len(self._kept) >= 64:
                del self._kept[next(iter(self._kept))]
            plain = self.motions[stream]
            shown = self.disguises[disguise].apply(plain.change)
            self._kept[key] = Motion(plain.step, shown)
        return self._kept[key]


def _turned(copy: _Copy) -> _Copy:
    """The same copy told from the other stream's side."""
    m = copy.match
    match = Match(
        round(m.first - m.lag),
        round(m.last - m.lag),
        -m.lag,
        m.r,
        m.null,
        m.tiles,
        m.telling_s,
        m.similarity,
    )
    return _Copy(copy.other, copy.own, copy.disguise, match)


def _disjoint(copies: list[_Copy]) -> list[_Copy]:
    """Of copies that share own steps the one that explains most."""
    kept: list[_Copy] = []
    for copy in sorted(copies, key=lambda c: (-c.weight, c.match.first)):
        m = copy.match
        shared = [min(k.match.last, m.last) - max(k.match.first, m.first) for k in kept]
        if all(s < 0.3 * (m.last - m.first) for s in shared):
            kept.append(copy)
    return sorted(kept, key=lambda c: c.match.first)


def _stretch(stream: str, other: str, copy: _Copy) -> Stretch:
    match = copy.match
    first, last = match.first * STEP_S, (match.last + 1) * STEP_S
    lag = match.lag * STEP_S
    figures: dict[str, object] = {
        "correlation": round(match.r, 3),
        "chance_correlation": round(match.null, 3),
        "tiles": round(match.tiles, 1),
        "moving_s": round(match.telling_s, 1),
        "similarity": [round(float(x), 3) for x in match.similarity],
        "flipped": copy.disguise.mirrored,
        "cropped": copy.disguise.keep < 1,
        "benign": ["misconfigured channel"],
    }
    return Stretch(
        match.first,
        match.last,
        Evidence(
            start=first,
            end=last,
            kind="mirrored copy" if copy.disguise.mirrored else "copy",
            figures=figures,
            other=Showing(other, first - lag, last - lag, lag),
            stills=stills_of(stream, other, first, last, lag),
        ),
    )
