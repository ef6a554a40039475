"""frozen_frame: seconds during which the picture is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.observation import TILES, VIEW_S, Frames, Views, join
from detector.core.score import Evidence, Scores, merged
from detector.signals.key_noise import KeyNoise
from detector.signals.pauses import Pauses, Stroke
from detector.signals.runs import distance
from detector.signals.stillness import (
    OVERLAY_TILES,
    displaced,
    middle,
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
        rows = Pauses.of(frames, views)
        agreed = self._agreed(frames, views)
        shortest = self.parameters.min_still_s
        quiet = rows.quiet(self.parameters.quiet, shortest, agreed)
        unmoved = rows.unmoved(shortest, agreed)
        still = np.zeros(len(frames), dtype=bool)
        for first, last in quiet:
            still[first : last + 1] = True
        keys = KeyNoise.of(views, frames, still) if views is not None else None
        told = [self._told_of(rows, r, keys, still, agreed) for r in (quiet, unmoved)]
        held = _merged([s for s in told[0] + told[1] if s.verdict == "held"])
        others = told[0] + [s for s in told[1] if s.verdict in ("unknown", "dark")]
        return held + [s for s in others if s.verdict != "held" and not _within(s, held)]

    def _told_of(
        self,
        rows: Pauses,
        runs_: list[tuple[int, int]],
        keys: KeyNoise | None,
        still: NDArray[np.bool_],
        agreed: NDArray[np.bool_],
    ) -> list[_Still]:
        judged = [s for run in runs_ for s in self._by_keys(rows, run, keys)]
        quiet_and_live = any(s.verdict == "live" for s in judged)
        restless = not quiet_and_live and all(
            self._struck(rows.stroke(run)) for run in rows.pauses(agreed)
        )
        return [
            self._by_change(rows, s, still, quiet_and_live, restless)
            if s.verdict in ("untold", "unknown")
            else s
            for s in judged
        ]

    def _struck(self, stroke: Stroke) -> bool:
        """Whether much, in several places, stopped and started at one stroke."""
        least = self.parameters.min_stroke
        return stroke.abrupt and all(
            tiles >= least and (places >= 2 or tiles >= 3 * least)
            for tiles, places in (stroke.stopped, stroke.started)
        )

    def _broken_off(self, stroke: Stroke) -> bool:
        """Whether lasting motion over a quarter of the picture stopped, and such motion started, at
        one stroke: so little leaves or enters a picture of itself that other pauses do not count.
        """
        least = self.parameters.min_stroke
        return (
            stroke.abrupt
            and min(stroke.stopped[0], stroke.started[0]) >= TILES[0] * TILES[1] // 4
            and min(stroke.lasted, stroke.lasting) >= least
        )

    def _stopped_for_good(self, stroke: Stroke, rows: Pauses, last: int) -> bool:
        """Whether lasting motion in several places stopped at one stroke until the end."""
        return (
            last == len(rows.time) - 1
            and stroke.abrupt
            and stroke.stopped[1] >= 2
            and stroke.lasted >= 2 * self.parameters.min_stroke
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

    def _by_keys(self, rows: Pauses, run: tuple[int, int], keys: KeyNoise | None) -> list[_Still]:
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
        rows: Pauses,
        still: _Still,
        stills: NDArray[np.bool_],
        quiet_and_live: bool,
        restless: bool,
    ) -> _Still:
        """Held where the noise between key frames, or the motion itself, stopped at one stroke."""
        limits = self.parameters
        inside = float(np.median(rows.noise[still.first : still.last + 1]))
        live = rows.live_noise(stills)
        stroke = rows.stroke((still.first, still.last))
        figures = still.figures | {
            "noise": round(inside, 4),
            "live_noise": round(live, 4),
            "tiles_stopped": stroke.stopped[0],
            "tiles_started": stroke.started[0],
        }
        silenced = live >= limits.min_live_noise and inside <= 0.2 * live and not quiet_and_live
        struck = self._broken_off(stroke) or (
            restless and (self._struck(stroke) or self._stopped_for_good(stroke, rows, still.last))
        )
        verdict: Verdict = "held" if silenced or struck else "unknown"
        return replace(still, verdict=verdict, figures=figures)


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
