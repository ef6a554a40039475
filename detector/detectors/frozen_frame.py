"""frozen_frame: seconds during which the picture is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.observation import VIEW_S, Frames, Views, join
from detector.core.score import Evidence, Scores, merged
from detector.signals.runs import distance, runs
from detector.signals.stillness import (
    NOTHING,
    OVERLAY_TILES,
    REFINED,
    STRAY,
    calm,
    calm_half,
    displaced,
    middle,
    moved,
    overlay,
    places,
    rest,
)

F64 = NDArray[np.float64]
Verdict = Literal["held", "live", "unknown", "dark", "untold"]

NO_NOISE = "no temporal noise survives the compression: held or live cannot be told"
TOO_DARK = "too dark or too bright to expect the noise of the camera's live pictures"
_REASONS = (NO_NOISE, TOO_DARK)


@dataclass(frozen=True)
class FrozenFrameParameters:
    """Parameters of :class:`FrozenFrame`.

    * ``quiet``: part of the ordinary change below which a row belongs to a still stretch (0..1);
    * ``min_still_s``: still stretches shorter than this are not judged, s;
    * ``held_noise``: key frames of a held picture differ by at most this part of what the camera's
      live key frames differ by (0..1);
    * ``live_noise``: from this part on they are live (0..1); between the two cannot be told;
    * ``min_key_noise``: difference of live key frames that can be told from nothing, grey;
    * ``min_live_noise``: noise of the camera's calm tiles between key frames that can be told from
      nothing, grey;
    * ``min_stroke``: tiles, in two places or more, that must stop and start again at one stroke for
      motion alone to tell, in a camera that never pauses otherwise;
    * ``unchanged_s``: without any change for so long it is an episode of its own kind, s.
    """

    quiet: float = 0.3
    min_still_s: float = 2.0
    held_noise: float = 0.3
    live_noise: float = 0.5
    min_key_noise: float = 0.08
    min_live_noise: float = 0.01
    min_stroke: int = 8
    unchanged_s: float = 1200.0


@dataclass(frozen=True)
class _Still:
    """A still stretch [first, last] of rows, its times (s) and what was made of it."""

    first: int
    last: int
    start: float
    end: float
    verdict: Verdict
    figures: dict[str, float]


class FrozenFrame:
    """Held or live, by the noise every live camera has.

    A row is still where all but the liveliest tiles (a clock, a spinner) change far less than they
    do at other times. A still stretch is held where the key frames in it agree better than live key
    frames of this camera do, or, without two key frames in it, where the noise between key frames
    is gone, or where everything that moved stopped and started at one stroke. Blind where neither
    can be told: there compression left no noise. Score: seconds since the picture
    last changed. See replayed_video for loops.
    """

    name: ClassVar[str] = "frozen_frame"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: FrozenFrameParameters | None = None) -> None:
        self.parameters = parameters or FrozenFrameParameters()
        self._frames: dict[str, list[Frames]] = {}
        self._views: dict[str, list[Views]] = {}

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the recording's own moving stretches are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep frames and views; they are judged together at the end."""
        if isinstance(observation, Frames) and len(observation):
            self._frames.setdefault(observation.stream, []).append(observation)
        elif isinstance(observation, Views) and len(observation):
            self._views.setdefault(observation.stream, []).append(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge every stream."""
        result = []
        for stream in sorted({*self._frames, *self._views}):
            views = self._views.get(stream)
            seen = join(views) if views else None
            blocks = self._frames.get(stream)
            scores = [self._scored(stream, join(blocks), seen)] if blocks else []
            if seen is not None:
                scores.append(self._sparsely_scored(stream, seen, join(blocks) if blocks else None))
            result.append(merged(scores))
        return result

    def _sparsely_scored(self, stream: str, views: Views, frames: Frames | None) -> Scores:
        """Where only key frames were decoded: live where they differ as live ones do."""
        far = views.key & (views.seconds > 0)
        if frames is not None:
            far &= distance(views.time, frames.time) > VIEW_S
        change = middle(views.stir)
        keys = change[views.key & (views.seconds > 0)]
        live = float(np.median(keys)) if len(keys) else 0.0
        told = (change >= self.parameters.live_noise * live) & (
            live >= self.parameters.min_key_noise
        )
        value = np.where(told, 0.0, np.nan)[far]
        return Scores(
            detector=self.name,
            stream=stream,
            unit=self.unit,
            time=views.time[far],
            value=value,
            since=views.time[far],
            why=np.where(np.isnan(value), _REASONS.index(NO_NOISE), -1).astype(np.int8),
            reasons=_REASONS,
        )

    def _scored(self, stream: str, frames: Frames, views: Views | None) -> Scores:
        stills = self._stills(frames, views)
        value = np.zeros(len(frames))
        since = frames.time.copy()
        why = np.full(len(frames), -1, dtype=np.int8)
        evidence = []
        for still in stills:
            part = slice(still.first, still.last + 1)
            length = still.end - still.start
            if still.verdict == "held" or (
                still.verdict == "unknown" and length >= self.parameters.unchanged_s
            ):
                value[part] = frames.time[part] - still.start
                since[part] = still.start
                evidence.append(_evidence(stream, still))
            elif still.verdict != "live":
                value[part] = np.nan
                why[part] = _REASONS.index(TOO_DARK if still.verdict == "dark" else NO_NOISE)
        return Scores(
            detector=self.name,
            stream=stream,
            unit=self.unit,
            time=frames.time,
            value=value,
            since=since,
            why=why,
            reasons=_REASONS,
            evidence=tuple(evidence),
        )

    def _stills(self, frames: Frames, views: Views | None) -> list[_Still]:
        """Still stretches of a stream, each with its verdict."""
        rows = _Rows.of(frames, views)
        agreed = self._agreed(frames, views)
        shortest = self.parameters.min_still_s
        quiet = rows.quiet(self.parameters.quiet, shortest, agreed)
        unmoved = rows.unmoved(shortest, agreed)
        still = np.zeros(len(frames), dtype=bool)
        for first, last in quiet:
            still[first : last + 1] = True
        keys = _Keys.of(views, frames, still) if views is not None else None
        told = [self._told_of(rows, r, keys, still, agreed) for r in (quiet, unmoved)]
        held = _merged([s for s in told[0] + told[1] if s.verdict == "held"])
        return held + [s for s in told[0] if s.verdict != "held" and not _within(s, held)]

    def _told_of(
        self,
        rows: _Rows,
        runs_: list[tuple[int, int]],
        keys: _Keys | None,
        still: NDArray[np.bool_],
        agreed: NDArray[np.bool_],
    ) -> list[_Still]:
        judged = [s for run in runs_ for s in self._by_keys(rows, run, keys)]
        quiet_and_live = any(s.verdict == "live" for s in judged)
        restless = not quiet_and_live and all(
            self._struck(*rows.stroke(run)) for run in rows.pauses(agreed)
        )
        return [
            self._by_change(rows, s, still, quiet_and_live, restless)
            if s.verdict in ("untold", "unknown")
            else s
            for s in judged
        ]

    def _struck(self, before: tuple[int, int], after: tuple[int, int]) -> bool:
        """Whether much, in several places, stopped and started at one stroke."""
        least = self.parameters.min_stroke
        return all(
            tiles >= least and (places >= 2 or tiles >= 3 * least)
            for tiles, places in (before, after)
        )

    def _agreed(self, frames: Frames, views: Views | None) -> NDArray[np.bool_]:
        """Rows between key frames that agree as only held ones do, whatever the coder drew between
        them: after a picture is held it may refine it for seconds, and anew from each key frame."""
        agreed = np.zeros(len(frames), dtype=bool)
        if views is None:
            return agreed
        use = views.key & (views.seconds > 0)
        change, time, seconds = middle(views.stir[use]), views.time[use], views.seconds[use]
        usual = float(np.quantile(change, 0.75)) if len(change) else 0.0
        if usual < self.parameters.min_key_noise:
            return agreed
        moving = np.count_nonzero(displaced(frames.motion), axis=1)
        alike = change <= self.parameters.held_noise * usual
        for at, back in zip(time[alike], seconds[alike], strict=True):
            between = (frames.time > at - back) & (frames.time <= at)
            if between.any() and np.median(moving[between]) <= OVERLAY_TILES / 4:
                agreed |= between
        return agreed

    def _by_keys(self, rows: _Rows, run: tuple[int, int], keys: _Keys | None) -> list[_Still]:
        """Held or live by the key frames inside the stretch; ``untold`` where it has no two."""
        start, end = rows.times(run)
        figures: dict[str, float] = {
            "change": round(float(np.median(rows.change[run[0] : run[1] + 1])), 4)
        }
        if keys is not None and keys.unlike(start, end):
            return [_Still(*run, start, end, "dark", figures)]
        pairs = keys.between(start, end) if keys is not None else []
        if keys is None or not pairs or keys.live < self.parameters.min_key_noise:
            return [_Still(*run, start, end, "untold", figures)]
        parts: list[_Still] = []
        told_pairs = self._told(pairs, keys.live)
        for verdict, group in groupby(zip(told_pairs, pairs, strict=True), key=lambda p: p[0]):
            changes = [pair for _, pair in group]
            last = int(np.searchsorted(rows.time, changes[-1][0] + 1e-6)) - 1
            first = parts[-1].last + 1 if parts else run[0]
            told = figures | {
                "key_change": round(float(np.median([c for _, c in changes])), 3),
                "live_key_change": round(keys.live, 3),
            }
            begin = rows.times((first, first))[0]
            parts.append(_Still(first, max(last, first), begin, changes[-1][0], verdict, told))
        return [*parts[:-1], replace(parts[-1], last=run[1], end=end)]

    def _told(self, pairs: list[tuple[float, float]], live: float) -> list[Verdict]:
        """A verdict per pair of key frames. A lone pair that differs beside held ones in one still
        stretch is a coder that changed its quantiser: the noise of a live camera never pauses."""
        limits = self.parameters
        verdicts: list[Verdict] = [
            "held"
            if change <= limits.held_noise * live
            else "live"
            if change >= limits.live_noise * live
            else "unknown"
            for _, change in pairs
        ]
        for i, verdict in enumerate(verdicts):
            beside = verdicts[max(i - 1, 0) : i] + verdicts[i + 1 : i + 2]
            if verdict != "held" and "held" in beside and set(beside) == {"held"}:
                verdicts[i] = "held"
        return verdicts

    def _by_change(
        self,
        rows: _Rows,
        still: _Still,
        stills: NDArray[np.bool_],
        quiet_and_live: bool,
        restless: bool,
    ) -> _Still:
        """Held where the noise between key frames, or the motion itself, stopped at one stroke."""
        limits = self.parameters
        inside = float(np.median(rows.noise[still.first : still.last + 1]))
        live = rows.live_noise(stills)
        before, after = rows.stroke((still.first, still.last))
        figures = still.figures | {
            "noise": round(inside, 4),
            "live_noise": round(live, 4),
            "tiles_stopped": before[0],
            "tiles_started": after[0],
        }
        silenced = live >= limits.min_live_noise and inside <= 0.2 * live and not quiet_and_live
        struck = restless and self._struck(before, after)
        verdict: Verdict = "held" if silenced or struck else "unknown"
        return replace(still, verdict=verdict, figures=figures)


@dataclass(frozen=True)
class _Rows:
    """Per row: time (s), change outside the liveliest tiles, change of the calmer half of the
    tiles (noise), change of the tiles' means (all grey), tiles that move, and whether a key frame
    was drawn in it; all (n,)."""

    time: F64
    change: F64
    noise: F64
    moved: F64
    displaced: NDArray[np.bool_]
    key: NDArray[np.bool_]

    @classmethod
    def of(cls, frames: Frames, views: Views | None) -> _Rows:
        change = rest(frames.stir)
        cut = frames.seconds <= 0
        change[cut] = float(change.max(initial=0.0)) + 1.0
        key = np.zeros(len(frames), dtype=bool)
        if views is not None:
            drawn = np.searchsorted(frames.time, views.time[views.key] - 1e-6)
            key[np.clip(drawn, 0, len(frames) - 1)] = True
            key[:-1] |= key[1:]  # pictures predicted from the key frame that follows show it too
        return cls(
            frames.time,
            change,
            calm_half(frames.stir),
            moved(frames.motion),
            displaced(frames.motion) | cut[:, None],
            key if key.mean() < 0.5 else np.zeros_like(key),
        )

    def quiet(
        self, part: float, at_least_s: float, agreed: NDArray[np.bool_]
    ) -> list[tuple[int, int]]:
        """Stretches in which hardly anything changes, or key frames agree; a key frame redrawn
        does not end one."""
        moving = self.change[(self.change > NOTHING) & ~self.key]
        ordinary = float(np.median(moving)) if len(moving) else 0.0
        level = max(REFINED, part * ordinary)
        neutral = agreed | (self.key & (calm(self.change, 2, 0.5) <= level))
        quiet = (self.change <= level) | neutral
        parts = [r for run in runs(quiet) for r in self._still(run, neutral, agreed)]
        return self._lasting([self._from_start(r, level) for r in parts], at_least_s)

    def unmoved(self, at_least_s: float, agreed: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Stretches in which nothing moves, however much the coder draws."""
        count = np.count_nonzero(self.displaced, axis=1)
        neutral = agreed | (self.key & (calm(count.astype(np.float64), 2, 0.5) <= OVERLAY_TILES))
        quiet = (count <= OVERLAY_TILES) | neutral
        quiet[:1] = False
        parts = [r for run in runs(quiet) for r in self._still(run, neutral, agreed)]
        return self._lasting(parts, at_least_s)

    def pauses(self, agreed: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Stretches of a second or more without motion that both begin and end in the recording."""
        found = self.unmoved(1.0, agreed)
        return [r for r in found if r[0] > 2 and r[1] < len(self.time) - 1]

    def _lasting(self, found: list[tuple[int, int]], at_least_s: float) -> list[tuple[int, int]]:
        return [r for r in found if self.times(r)[1] - self.times(r)[0] >= at_least_s]

    def _still(
        self,
        run: tuple[int, int],
        neutral: NDArray[np.bool_],
        agreed: NDArray[np.bool_],
    ) -> list[tuple[int, int]]:
        """The parts of a run in which nothing moves outside a fixed small region."""
        part = slice(run[0], run[1] + 1)
        outside = ~overlay(self.displaced[part][~self.key[part]])
        still = np.count_nonzero(self.displaced[part] & outside, axis=1) <= STRAY
        still |= agreed[part]
        parts = []
        for first, last in runs(still | neutral[part]):
            while first <= last and not still[first]:
                first += 1
            while last >= first and not still[last]:
                last -= 1
            if last >= first:
                parts.append((run[0] + first, run[0] + last))
        return parts

    def _from_start(self, run: tuple[int, int], level: float) -> tuple[int, int]:
        """The stretch from where the motion stopped: the coder may refine it for a while more."""
        usual = float(np.median(self.moved))
        first = run[0]
        while (
            first > 1
            and self.time[run[0]] - self.time[first - 1] <= 2.0
            and self.moved[first - 1] <= 0.2 * usual
            and self.change[first - 1] <= 8 * level
        ):
            first -= 1
        return first, run[1]

    def times(self, run: tuple[int, int]) -> tuple[float, float]:
        """From the row that was last drawn to the last row that repeats it, s."""
        return float(self.time[max(run[0] - 1, 0)]), float(self.time[run[1]])

    def live_noise(self, stills: NDArray[np.bool_]) -> float:
        """Noise in the calmest tenth of the rows outside the still stretches, grey."""
        chosen = self.noise[~stills & ~self.key]
        return float(np.quantile(chosen, 0.1)) if len(chosen) >= 10 else 0.0

    def stroke(self, run: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
        """What moved until the stretch began, and from the moment it ended: tiles and places."""
        part = slice(run[0], run[1] + 1)
        outside = ~overlay(self.displaced[part][~self.key[part]])
        before = [i for i in range(max(run[0] - 5, 1), run[0]) if not self.key[i]][-3:]
        after = [i for i in range(run[1] + 1, min(run[1] + 5, len(self.time))) if not self.key[i]]
        told = [
            [(int(a.sum()), places(a)) for a in (self.displaced[i] & outside for i in side)]
            for side in (before, after[:2])
        ]
        return (
            max(told[0]) if len(told[0]) == 3 else (0, 0),
            max(told[1]) if len(told[1]) == 2 else (0, 0),
        )


@dataclass(frozen=True)
class _Keys:
    """Key frames of a stream: how much each differs from the one before, and how bright they are.

    ``time``, ``seconds``, ``change`` (k,); ``live`` is the typical difference outside the still
    stretches (of all where there are none outside).
    """

    time: F64
    seconds: F64
    change: F64
    view_time: F64
    light: F64
    live: float
    usual_light: float

    @classmethod
    def of(cls, views: Views, frames: Frames, still: NDArray[np.bool_]) -> _Keys:
        use = views.key & (views.seconds > 0)
        time, seconds = views.time[use], views.seconds[use].astype(np.float64)
        change = middle(views.stir[use])
        outside = ~(_at(still, frames, time) & _at(still, frames, time - seconds))
        chosen = change[outside] if outside.any() else np.zeros(0)
        light = views.layout.reshape(len(views), -1).mean(axis=1)
        moving = ~_at(still, frames, views.time)
        usual = float(np.median(light[moving])) if moving.any() else float(np.median(light))
        live = float(np.median(chosen)) if len(chosen) else 0.0
        return cls(time, seconds, change, views.time, light.astype(np.float64), live, usual)

    def between(self, start: float, end: float) -> list[tuple[float, float]]:
        """Time and difference of the key frames in [start, end] that follow another one in it."""
        inside = (self.time - self.seconds > start - 0.05) & (self.time <= end)
        return [
            (float(t), float(c))
            for t, c in zip(self.time[inside], self.change[inside], strict=True)
        ]

    def unlike(self, start: float, end: float) -> bool:
        """Whether the stretch is so much darker or brighter that its noise must differ."""
        inside = (self.view_time > start) & (self.view_time <= end)
        if not inside.any():
            return False
        light = float(np.median(self.light[inside]))
        return light < 0.5 * self.usual_light or light > 235 or light < 24


def _at(still: NDArray[np.bool_], frames: Frames, time: F64) -> NDArray[np.bool_]:
    """Whether instants (k,) lie in a still stretch; not where no frames are near."""
    row = np.clip(np.searchsorted(frames.time, time), 0, len(frames) - 1)
    return np.asarray(still[row] & (np.abs(frames.time[row] - time) <= VIEW_S))


def _merged(stills: list[_Still]) -> list[_Still]:
    """Held stretches that overlap or follow directly on each other are one."""
    merged: list[_Still] = []
    for still in sorted(stills, key=lambda s: (s.first, s.last)):
        if merged and still.first <= merged[-1].last + 1:
            last = merged[-1]
            longer = max(last, still, key=lambda s: s.last)
            merged[-1] = replace(
                last, last=longer.last, end=longer.end, figures=still.figures | last.figures
            )
        else:
            merged.append(still)
    return merged


def _within(still: _Still, held: list[_Still]) -> bool:
    return any(h.first <= still.first and still.last <= h.last for h in held)


def _evidence(stream: str, still: _Still) -> Evidence:
    middle_of = (still.start + still.end) / 2
    return Evidence(
        start=still.start,
        end=still.end,
        kind="held" if still.verdict == "held" else "no change",
        figures=dict(still.figures),
        stills=(
            ("before", stream, max(still.start - 1.0, 0.0)),
            ("during", stream, middle_of),
            ("after", stream, still.end + 1.0),
        ),
    )
