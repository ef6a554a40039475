"""Still stretches of a stream, and what its key frames say of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Frames, Views
from detector.signals.key_noise import KeyNoise
from detector.signals.pauses import Pauses
from detector.signals.stillness import OVERLAY_TILES, displaced, middle

Verdict = Literal["held", "live", "unknown", "dark", "untold"]


@dataclass(frozen=True)
class Still:
    """A still stretch [first, last] of rows, its times (s) and what was made of it."""

    first: int
    last: int
    start: float
    end: float
    verdict: Verdict
    figures: dict[str, float]


@dataclass(frozen=True)
class KeyLimits:
    """Parts (0..1) of what live key frames differ by, up to which they are held and from which on
    they are live, and the least such difference that tells anything, grey."""

    held: float
    live: float
    least: float


def by_keys(
    rows: Pauses, run: tuple[int, int], keys: KeyNoise | None, limits: KeyLimits
) -> list[Still]:
    """Held or live by the key frames inside a stretch of rows; ``untold`` where it has no two."""
    start, end = rows.times(run)
    figures: dict[str, float] = {
        "change": round(float(np.median(rows.change[run[0] : run[1] + 1])), 4)
    }
    if keys is not None and keys.unlike(start, end):
        return [Still(*run, start, end, "dark", figures)]
    pairs = keys.between(start, end) if keys is not None else []
    if keys is None or not pairs or keys.live < limits.least:
        return [Still(*run, start, end, "untold", figures)]
    parts: list[Still] = []
    told_pairs = told(pairs, keys.live, limits)
    for verdict, group in groupby(zip(told_pairs, pairs, strict=True), key=lambda p: p[0]):
        changes = [pair for _, pair in group]
        last = int(np.searchsorted(rows.time, changes[-1][0] + 1e-6)) - 1
        first = parts[-1].last + 1 if parts else run[0]
        known = figures | {
            "key_change": round(float(np.median([c for _, c in changes])), 3),
            "live_key_change": round(keys.live, 3),
        }
        begin = rows.times((first, first))[0]
        parts.append(Still(first, max(last, first), begin, changes[-1][0], verdict, known))
    return [*parts[:-1], replace(parts[-1], last=run[1], end=end)]


def told(pairs: list[tuple[float, float]], live: float, limits: KeyLimits) -> list[Verdict]:
    """A verdict per pair of key frames. A lone pair that differs beside held ones in one still
    stretch is a coder that changed its quantiser: the noise of a live camera never pauses."""
    verdicts: list[Verdict] = [
        "held"
        if change <= limits.held * live
        else "live"
        if change >= limits.live * live
        else "unknown"
        for _, change in pairs
    ]
    for i, verdict in enumerate(verdicts):
        beside = verdicts[max(i - 1, 0) : i] + verdicts[i + 1 : i + 2]
        if verdict != "held" and "held" in beside and set(beside) == {"held"}:
            verdicts[i] = "held"
    return verdicts


def agreed_by_keys(frames: Frames, views: Views | None, limits: KeyLimits) -> NDArray[np.bool_]:
    """Rows between key frames that agree as only held ones do, whatever the coder drew between
    them: after a picture is held it may refine it for seconds, and anew from each key frame."""
    agreed = np.zeros(len(frames), dtype=bool)
    if views is None:
        return agreed
    use = views.key & (views.seconds > 0)
    change, time, seconds = middle(views.stir[use]), views.time[use], views.seconds[use]
    usual = float(np.quantile(change, 0.75)) if len(change) else 0.0
    if usual < limits.least:
        return agreed
    moving = np.count_nonzero(displaced(frames.motion), axis=1)
    alike = change <= limits.held * usual
    for at, back in zip(time[alike], seconds[alike], strict=True):
        between = (frames.time > at - back) & (frames.time <= at)
        if between.any() and np.median(moving[between]) <= OVERLAY_TILES / 4:
            agreed |= between
    return agreed


def merged_stills(stills: list[Still]) -> list[Still]:
    """Held stretches that overlap or follow directly on each other are one."""
    merged: list[Still] = []
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


def within(still: Still, held: list[Still]) -> bool:
    """Whether a stretch lies in one of those that are held."""
    return any(h.first <= still.first and still.last <= h.last for h in held)
