"""From matching stretches of motion to scores: shared by replayed_video and duplicated_video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.observation import STEP_S, VIEW_S, Frames, Views, join
from detector.core.score import Evidence, Scores, merged
from detector.signals.motion import TELLING, Motion, motion_of, nothing
from detector.signals.runs import centred_sum, distance

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]

#: Steps around a step in which something must move for it to be judged (4 s each way).
_REACH = 20
#: A small picture this far from an instant still shows its place, s.
_NEAR_S = 30.0
#: Small pictures of a stretch of which its view is made.
_PICTURES = 15
STILL = "nothing moves: the same or not cannot be told"
UNSEEN = "not every picture was decoded here, only its key frames and packet sizes searched"


class MotionStore:
    """Motion of the streams seen so far, joined when asked for, and what else was seen."""

    def __init__(self) -> None:
        self._frames: dict[str, list[Frames]] = {}
        self._views: dict[str, list[F64]] = {}
        self._layouts: dict[str, list[U8]] = {}

    def add(self, observation: Observation) -> None:
        """Keep what an observation says of motion."""
        if isinstance(observation, Frames) and len(observation):
            self._frames.setdefault(observation.stream, []).append(observation)
        elif isinstance(observation, Views) and len(observation):
            self._views.setdefault(observation.stream, []).append(observation.time)
            self._layouts.setdefault(observation.stream, []).append(observation.layout)

    def streams(self) -> list[str]:
        """Names, in order."""
        return sorted({*self._frames, *self._views})

    def motion(self, stream: str) -> Motion:
        """All of a stream's motion."""
        blocks = self._frames.get(stream)
        return motion_of(join(blocks)) if blocks else nothing()

    def resolved(self, stream: str) -> float:
        """Part of the steps of its motion that tell something of their own (0..1): of few pictures
        a second those between are filled in. Motion is smoothed over three steps."""
        times = np.concatenate([b.time for b in self._frames.get(stream, [])] or [np.zeros(0)])
        period = float(np.median(np.diff(times))) if len(times) > 2 else STEP_S
        return min(1.0, 1.5 * STEP_S / max(period, STEP_S))

    def view(self, stream: str, start: float, end: float) -> F64 | None:
        """The median of the small pictures (72, 128) of a stretch, of what stays: at most
        ``_PICTURES`` of them, else the one nearest to it; None where there is none near."""
        if stream not in self._views:
            return None
        times = np.concatenate(self._views[stream])
        inside = np.flatnonzero((times >= start) & (times <= end))
        if not len(inside):
            away = np.maximum(start - times, times - end)
            inside = np.flatnonzero(away == away.min())[:1]
            if away[inside[0]] > _NEAR_S:
                return None
        chosen = inside[np.linspace(0, len(inside) - 1, min(len(inside), _PICTURES)).astype(int)]
        ends = np.cumsum([len(t) for t in self._views[stream]])
        blocks = np.searchsorted(ends, chosen, "right")
        pictures = [
            self._layouts[stream][block][row - ends[block]]
            for block, row in zip(blocks.tolist(), chosen.tolist(), strict=True)
        ]
        return np.asarray(np.median(np.stack(pictures), axis=0), dtype=np.float64)

    def unseen(self, stream: str) -> F64:
        """Times (k,) of key frames around which not every picture was decoded, s."""
        times = np.sort(np.concatenate([*self._views.get(stream, []), np.zeros(0)]))
        blocks = self._frames.get(stream)
        known = join(blocks).time if blocks else np.zeros(0)
        return np.asarray(times[distance(times, known) > 1.5 * VIEW_S])


@dataclass(frozen=True)
class Stretch:
    """Own steps [first, last] that repeat something, and what supports it."""

    first: int
    last: int
    evidence: Evidence


def scored(detector: str, stream: str, store: MotionStore, stretches: Sequence[Stretch]) -> Scores:
    """Seconds repeated so far at each step; blind where nothing moves or not all was decoded."""
    motion = store.motion(stream)
    unseen = store.unseen(stream)
    blank = Scores(
        detector=detector,
        stream=stream,
        unit="s",
        time=unseen,
        value=np.full(len(unseen), np.nan),
        since=unseen,
        why=np.zeros(len(unseen), dtype=np.int8),
        reasons=(UNSEEN,),
    )
    return merged([_judged(detector, stream, motion, stretches), blank])


def _judged(detector: str, stream: str, motion: Motion, stretches: Sequence[Stretch]) -> Scores:
    time = np.asarray(motion.step * STEP_S, dtype=np.float64)
    value = np.zeros(len(motion))
    since = time.astype(np.float64)
    telling = motion.energy >= TELLING
    near = centred_sum(telling, _REACH) > 0
    covered = np.zeros(len(motion), dtype=bool)
    for stretch in stretches:
        inside = (motion.step >= stretch.first) & (motion.step <= stretch.last) & ~covered
        covered |= inside
        since[inside] = stretch.first * STEP_S
        value[inside] = (motion.step[inside] - stretch.first + 1) * STEP_S
    blind = ~near & ~covered
    value[blind] = np.nan
    return Scores(
        detector=detector,
        stream=stream,
        unit="s",
        time=time,
        value=value,
        since=since,
        why=np.where(blind, 0, -1).astype(np.int8),
        reasons=(STILL,),
        evidence=tuple(s.evidence for s in stretches),
    )


def stills_of(
    stream: str, other: str, first: float, last: float, lag: float
) -> tuple[tuple[str, str, float], ...]:
    """Three matching instants of both showings."""
    times = [first + (last - first) * part for part in (0.15, 0.5, 0.85)]
    return tuple(still for t in times for still in (("own", stream, t), ("other", other, t - lag)))
