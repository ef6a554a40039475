"""frozen_frame: seconds during which the picture is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.observation import VIEW_S, Frames, Views, join
from detector.core.score import Evidence, Scores, merged
from detector.signals.key_noise import KeyNoise
from detector.signals.lulls import Lull, lulls
from detector.signals.pauses import Pauses
from detector.signals.runs import distance
from detector.signals.stillness import middle
from detector.signals.stills import (
    KeyLimits,
    Still,
    Verdict,
    agreed_by_keys,
    by_keys,
    merged_stills,
    within,
)
from detector.signals.strokes import Stroke

F64 = NDArray[np.float64]

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
    * ``lull``: times by which the smallest packets of a held stretch are smaller than those before
      and after it, where nothing but that tells;
    * ``lull_alone``: likewise where it begins or ends with the recording;
    * ``lull_elsewhere``: part of the rest of the recording (0..1) that may have such small packets;
    * ``lull_bare``: times by which they may typically exceed the smallest packet of all;
    * ``unchanged_s``: without any change for so long it is an episode of its own kind, s.
    """

    quiet: float = 0.3
    min_still_s: float = 2.0
    held_noise: float = 0.3
    live_noise: float = 0.5
    min_key_noise: float = 0.08
    min_live_noise: float = 0.01
    min_stroke: int = 8
    lull: float = 4.5
    lull_alone: float = 10.0
    lull_elsewhere: float = 0.1
    lull_bare: float = 2.0
    unchanged_s: float = 1200.0


class FrozenFrame:
    """Held or live, by the noise every live camera has.

    A row is still where all but the liveliest tiles (a clock, a spinner) change far less than they
    do at other times. A still stretch is held where the key frames in it agree better than live key
    frames of this camera do, or, without two key frames in it, where the noise between key frames
    is gone, or where everything that moved stopped and started at one stroke, or where at one
    stroke the coder found nothing to code in most pictures. Blind where none of these tells: there
    compression left no noise. Score: seconds since the picture last changed. See replayed_video
    for loops.
    """

    name: ClassVar[str] = "frozen_frame"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: FrozenFrameParameters | None = None) -> None:
        self.parameters = parameters or FrozenFrameParameters()
        self._key_limits = KeyLimits(
            self.parameters.held_noise, self.parameters.live_noise, self.parameters.min_key_noise
        )
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
            frames = join(blocks) if blocks else None
            stills = self._stills(frames, seen) if frames is not None else []
            scores = [self._scored(stream, frames, stills)] if frames is not None else []
            if seen is not None:
                scores.append(self._sparsely_scored(stream, seen, frames, stills))
            result.append(merged(scores))
        return result

    def _sparsely_scored(
        self, stream: str, views: Views, frames: Frames | None, stills: list[Still]
    ) -> Scores:
        """Where only key frames were decoded: live where they differ as live ones do, held where a
        held stretch goes on and they agree as only held ones do."""
        chosen = views.key & (views.seconds > 0)
        time, seconds = views.time[chosen], views.seconds[chosen].astype(np.float64)
        far = distance(time, frames.time) > VIEW_S if frames is not None else time >= 0
        change = middle(views.stir[chosen])
        live = float(np.median(change)) if len(change) else 0.0
        told = (change >= self.parameters.live_noise * live) & (
            live >= self.parameters.min_key_noise
        )
        usual = float(np.quantile(change, 0.75)) if len(change) else 0.0
        agree = (change <= self.parameters.held_noise * usual) & (
            usual >= self.parameters.min_key_noise
        )
        since = _held_since(time, seconds, agree, stills)
        value = np.where(np.isfinite(since), time - since, np.where(told, 0.0, np.nan))[far]
        return Scores(
            detector=self.name,
            stream=stream,
            unit=self.unit,
            time=time[far],
            value=value,
            since=np.where(np.isfinite(since), since, time)[far],
            why=np.where(np.isnan(value), _REASONS.index(NO_NOISE), -1).astype(np.int8),
            reasons=_REASONS,
        )

    def _scored(self, stream: str, frames: Frames, stills: list[Still]) -> Scores:
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

    def _stills(self, frames: Frames, views: Views | None) -> list[Still]:
        """Still stretches of a stream, each with its verdict."""
        rows = Pauses.of(frames, views)
        agreed = agreed_by_keys(frames, views, self._key_limits)
        shortest = self.parameters.min_still_s
        quiet = rows.quiet(self.parameters.quiet, shortest, agreed)
        unmoved = rows.unmoved(shortest, agreed)
        still = np.zeros(len(frames), dtype=bool)
        for first, last in quiet:
            still[first : last + 1] = True
        keys = KeyNoise.of(views, frames, still) if views is not None else None
        told = [self._told_of(rows, r, keys, still, agreed) for r in (quiet, unmoved)]
        lulled = self._lulled(rows, lulls(frames, shortest, self.parameters.lull / 2), keys)
        held = merged_stills([s for s in told[0] + told[1] + lulled if s.verdict == "held"])
        others = told[0] + [s for s in told[1] if s.verdict in ("unknown", "dark")]
        doubtful = [s for s in lulled if s.verdict == "unknown"]
        others = [s for s in others + doubtful if s.verdict != "held" and not within(s, held)]
        return others + held  # later ones prevail where they overlap

    def _told_of(
        self,
        rows: Pauses,
        runs_: list[tuple[int, int]],
        keys: KeyNoise | None,
        still: NDArray[np.bool_],
        agreed: NDArray[np.bool_],
    ) -> list[Still]:
        judged = [s for run in runs_ for s in by_keys(rows, run, keys, self._key_limits)]
        quiet_and_live = any(s.verdict == "live" for s in judged)
        restless = not quiet_and_live and all(
            Stroke.of(rows, run).struck(self.parameters.min_stroke) for run in rows.pauses(agreed)
        )
        return [
            self._by_change(rows, s, still, quiet_and_live, restless)
            if s.verdict in ("untold", "unknown")
            else s
            for s in judged
        ]

    def _lulled(self, rows: Pauses, found: list[Lull], keys: KeyNoise | None) -> list[Still]:
        """Stretches in which the coder found nothing to code at one stroke, and nothing moved."""
        stills = []
        for lull in found:
            run = min(lull.first + 1, lull.last), lull.last
            if not (lull.abrupt and rows.calmed(run)):
                continue
            told = {s.verdict for s in by_keys(rows, run, keys, self._key_limits)}
            held = self._sudden(lull) and told.isdisjoint({"live", "dark"})
            beside = {"packets_fell": round(lull.fall, 1), "packets_rose": round(lull.rise, 1)}
            figures = {name: times for name, times in beside.items() if np.isfinite(times)}
            verdict: Verdict = "held" if held else "unknown"
            stills.append(Still(*run, *rows.times(run), verdict, figures))
        return stills

    def _sudden(self, lull: Lull) -> bool:
        """Whether a lull is deep on either side, and is the only one."""
        limits = self.parameters
        least = limits.lull if np.isfinite([lull.fall, lull.rise]).all() else limits.lull_alone
        return (
            lull.depth >= least
            and lull.bare <= limits.lull_bare
            and lull.elsewhere <= limits.lull_elsewhere
        )

    def _by_change(
        self,
        rows: Pauses,
        still: Still,
        stills: NDArray[np.bool_],
        quiet_and_live: bool,
        restless: bool,
    ) -> Still:
        """Held where the noise between key frames, or the motion itself, stopped at one stroke."""
        limits = self.parameters
        inside = float(np.median(rows.noise[still.first : still.last + 1]))
        live = rows.live_noise(stills)
        stroke = Stroke.of(rows, (still.first, still.last))
        figures = still.figures | {
            "noise": round(inside, 4),
            "live_noise": round(live, 4),
            "tiles_stopped": stroke.stopped[0],
            "tiles_started": stroke.started[0],
        }
        silenced = live >= limits.min_live_noise and inside <= 0.2 * live and not quiet_and_live
        least = limits.min_stroke
        struck = stroke.broken_off(least) or (
            restless and (stroke.struck(least) or stroke.stopped_for_good(least))
        )
        verdict: Verdict = "held" if silenced or struck else "unknown"
        return replace(still, verdict=verdict, figures=figures)


def _held_since(time: F64, seconds: F64, agree: NDArray[np.bool_], stills: list[Still]) -> F64:
    """Since when key frames (k,) show what a held stretch showed, s; NaN where they do not: each
    agrees with the one before (``seconds`` s earlier), which lies in it or shows it as well."""
    since = np.full(len(time), np.nan)
    held = sorted((s for s in stills if s.verdict == "held"), key=lambda s: s.start)
    before = time - seconds
    for i in np.flatnonzero(agree):
        back = before[i]
        begun = [s.start for s in held if s.start - 1e-6 <= back <= s.end + VIEW_S]
        going_on = i > 0 and np.isfinite(since[i - 1]) and abs(time[i - 1] - back) < 1e-3
        since[i] = since[i - 1] if going_on else min(begun, default=np.nan)
    return since


def _evidence(stream: str, still: Still) -> Evidence:
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
