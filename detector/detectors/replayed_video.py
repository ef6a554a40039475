"""replayed_video: seconds during which a camera shows its own past again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from detector.core.detector import Observation
from detector.core.observation import STEP_S
from detector.core.score import Evidence, Scores, Showing
from detector.detectors.repetition import MotionStore, Stretch, scored, stills_of
from detector.signals.agreement import Least, Match, measure
from detector.signals.motion import Disguise, Motion
from detector.signals.recurrence import agrees_somewhere, align, candidates, stretches


@dataclass(frozen=True)
class ReplayedVideoParameters:
    """Parameters of :class:`ReplayedVideo`.

    * ``min_lag_s``: a showing this soon after the first is the same motion going on, s;
    * ``level``: correlation above which a step counts for a replay (0..1);
    * ``min_r``: correlation a whole stretch must reach (0..1);
    * ``margin``: part of the way from the best chance agreement to 1 that it must exceed it (0..1);
    * ``min_surprise``: seconds of motion x log of how much better it agrees than chance, so that a
      short look-alike (the next cage, the next car on the same lane) is not enough; of a few
      pictures a second only those count;
    * ``max_drift_s``: by how much the lag may differ within the stretch, s: a replay keeps it to a
      fraction of a picture, the next run of a machine does not;
    * ``min_tiles``: effective number of tiles that must carry the agreement: a ticking clock or
      one machine repeating itself is no replay;
    * ``min_rest``: correlation that must be left without the strongest pattern (-1..1);
    * ``min_telling_s``: seconds in which something must have moved, s.
    """

    min_lag_s: float = 2.0
    level: float = 0.45
    min_r: float = 0.7
    margin: float = 0.5
    min_surprise: float = 7.0
    max_drift_s: float = 0.1
    min_rest: float = 0.3
    min_tiles: float = 3.0
    min_telling_s: float = 2.0


class ReplayedVideo:
    """Loops and replays of an earlier part, found by what moves and where.

    Score: seconds since the repetition began. Sees: loops from a period of ``min_lag_s`` on and
    replays from seconds to days later, under re-encoding, brightness drift, a clock on top, another
    frame rate. Blind where nothing moves: a still scene repeating itself cannot be told from a live
    one (see frozen_frame for held pictures). Misses: footage shown again mirrored or cropped (see
    duplicated_video across cameras).
    """

    name: ClassVar[str] = "replayed_video"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: ReplayedVideoParameters | None = None) -> None:
        self.parameters = parameters or ReplayedVideoParameters()
        self._store = MotionStore()

    def learn(self, observation: Observation) -> None:
        """Nothing to learn: the past is what is compared with."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep frames; the search runs over all of them at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Search every stream for repetitions of its own past."""
        result = []
        for stream in self._store.streams():
            motion = self._store.motion(stream)
            matches = self._matches(motion, self._store.resolved(stream))
            result.append(
                scored(self.name, stream, self._store, [_stretch(stream, m) for m in matches])
            )
        return result

    def _matches(self, motion: Motion, resolved: float) -> list[Match]:
        limits = self.parameters
        min_lag = round(limits.min_lag_s / STEP_S)
        least = Least(
            r=limits.min_r,
            tiles=limits.min_tiles,
            telling_s=limits.min_telling_s,
            rest=limits.min_rest,
            surprise=limits.min_surprise / resolved,
            drift_s=limits.max_drift_s,
        )
        found: list[Match] = []
        known: set[float] = set()
        for near in sorted({c.lag for c in candidates([motion], [Disguise()], min_lag)}):
            lag, both = align(motion, motion, near)
            if lag < min_lag or lag in known or not agrees_somewhere(both, limits.level):
                continue
            known.add(lag)  # several lags lead to it
            for at in stretches(both, limits.level):
                if (at[1] - at[0]) * STEP_S < limits.min_telling_s:
                    continue
                match = measure(motion, lag, both, at, least)
                if match is not None and self._convinces(match, least.surprise):
                    found.append(match)
        return _disjoint(found)

    def _convinces(self, match: Match, surprise: float) -> bool:
        limits = self.parameters
        null = max(0.0, match.null)
        clear = match.r >= null + limits.margin * (1 - null)
        return clear and match.surprise >= surprise


def _disjoint(matches: list[Match]) -> list[Match]:
    """Of matches that share own steps the one that explains most; among equals the shorter lag."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (-round(m.r * (m.last - m.first) / 10), m.lag)):
        shared = [min(m.last, match.last) - max(m.first, match.first) for m in kept]
        if all(s < 0.5 * (match.last - match.first) for s in shared):
            kept.append(match)
    return sorted(kept, key=lambda m: m.first)


def _stretch(stream: str, match: Match) -> Stretch:
    first, last = match.first * STEP_S, (match.last + 1) * STEP_S
    lag = match.lag * STEP_S
    loops = last - first > 1.2 * lag
    figures: dict[str, object] = {
        "correlation": round(match.r, 3),
        "chance_correlation": round(match.null, 3),
        "tiles": round(match.tiles, 1),
        "moving_s": round(match.telling_s, 1),
        "similarity": [round(float(x), 3) for x in match.similarity],
    }
    if loops:
        figures |= {"period_s": round(lag, 2), "repetitions": round((last - first) / lag, 2)}
    return Stretch(
        match.first,
        match.last,
        Evidence(
            start=first,
            end=last,
            kind="loop" if loops else "replay",
            figures=figures,
            other=Showing(stream, first - lag, last - lag, lag),
            stills=stills_of(stream, stream, first, last, lag),
        ),
    )
