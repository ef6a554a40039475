"""duplicated_video: seconds during which two cameras show the same content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from detector.core.detector import Observation
from detector.core.observation import STEP_S
from detector.core.score import Evidence, Scores, Showing
from detector.detectors.repetition import MotionStore, Stretch, scored, stills_of
from detector.signals.agreement import Least, Match, measure
from detector.signals.motion import Disguise, Motion, crops
from detector.signals.recurrence import (
    Candidate,
    agrees_somewhere,
    align,
    candidates,
    stretches,
)
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
    * ``min_rest``: correlation that must be left without the strongest pattern (-1..1): light that
      changes alike in two pictures is one pattern only;
    * ``min_agreement``: how well the still pictures must agree besides (-1..1): two machines that
      run alike in different places are no copies;
    * ``min_surprise``: seconds of motion x log of how much better it agrees than chance, times the
      square of how well the still pictures agree: people who walk alike through alike galleries,
      light that comes and goes over one place at two times, are not enough;
    * ``full_tiles``, ``full_rest``: effective number of tiles and correlation without the strongest
      pattern from which on motion alone convinces (a camera that is carried shows at no two
      instants the same, and still pictures are a second apart);
    * ``full_structure``: structure of still pictures from which on all of that is asked; of poorer
      ones proportionally less (0..1).
    """

    keep: float = 0.9
    level: float = 0.3
    min_r: float = 0.42
    margin: float = 0.15
    min_tiles: float = 5.0
    min_telling_s: float = 2.0
    min_rest: float = 0.25
    min_agreement: float = 0.6
    min_surprise: float = 5.0
    full_tiles: float = 72.0
    full_rest: float = 0.6
    full_structure: float = 0.6


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
        """Whether pictures and motion together convince; where there are none, motion alone."""
        match, limits = copy.match, self.parameters
        first, last, lag = (steps * STEP_S for steps in (match.first, match.last, match.lag))
        own = self._store.view(names[copy.own], first, last)
        other = self._store.view(names[copy.other], first - lag, last - lag)
        everywhere = match.tiles >= limits.full_tiles and match.rest >= limits.full_rest
        if everywhere or own is None or other is None:
            return match.surprise >= limits.min_surprise
        seen = resemblance(own, other, copy.disguise.mirrored)
        asked = limits.min_agreement * min(1.0, seen.structure / limits.full_structure)
        worth = match.surprise * seen.agreement**2
        return seen.agreement >= asked and worth >= limits.min_surprise

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
        if not agrees_somewhere(both, limits.level):
            return
        least = Least(limits.min_r, limits.min_tiles, limits.min_telling_s, limits.min_rest)
        for at in stretches(both, limits.level, _LINK_STEPS):
            if (at[1] - at[0]) * STEP_S < limits.min_telling_s:
                continue
            match = measure(other, lag, both, at, least)
            if match is not None and match.r >= match.null + limits.margin:
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
    match = replace(m, first=round(m.first - m.lag), last=round(m.last - m.lag), lag=-m.lag)
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
