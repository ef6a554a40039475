"""The trade-off of a threshold: what each value would find, and the value to suggest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from detector.apps.tune.compare import Effect, effect
from detector.apps.tune.cutting import Hot
from detector.apps.tune.labels import Label
from detector.core.episode import Threshold
from detector.core.score import F64

#: Values that a curve has at most, beside the one in force and those that labels decide.
POINTS = 16
_PIECES = 512


@dataclass(frozen=True)
class Point:
    """A value of ``raise_at`` and what it would find."""

    raise_at: float
    effect: Effect


@dataclass(frozen=True)
class Suggestion:
    """A value to use; any from ``low`` to ``high`` does the same to what is labelled."""

    raise_at: float
    low: float
    high: float


def scaled(threshold: Threshold, raise_at: float) -> Threshold:
    """The threshold with another ``raise_at`` and ``clear_at`` in the same proportion."""
    part = threshold.clear_at / threshold.raise_at if threshold.raise_at else 1.0
    return replace(threshold, raise_at=raise_at, clear_at=min(raise_at, raise_at * part))


def changed(
    now: Threshold, raise_at: float | None, clear_at: float | None, hold_s: float | None
) -> Threshold:
    """A threshold with other values; ``clear_at`` keeps its proportion where it is not told.

    >>> now = Threshold(4.0, 2.0, 0.0, "s", "info")
    >>> changed(now, 6.0, None, None).clear_at
    3.0
    """
    other = now if raise_at is None else scaled(now, raise_at)
    if clear_at is not None:
        other = replace(other, clear_at=clear_at)
    return other if hold_s is None else replace(other, hold_s=hold_s)


def values(rows: Sequence[Hot], threshold: Threshold, labels: Sequence[Label]) -> list[float]:
    """The values worth a point, rising: where pieces of the scores peak, the highest of each label,
    and the one in force."""
    peaks = np.unique(np.concatenate([np.empty(0), *(_peaks(r) for r in rows)]))
    if len(peaks) > POINTS:
        peaks = peaks[np.linspace(0, len(peaks) - 1, POINTS).round().astype(np.intp)]
    sure = [known for known in labels if known.opinion != "undecided"]
    told = {p for p in (_peak(rows, known) for known in sure) if p is not None}
    if len(told) > POINTS:
        ranked = sorted(told)
        told = {ranked[round(i)] for i in np.linspace(0, len(ranked) - 1, POINTS)}
    both = {*peaks.tolist(), *told, threshold.raise_at}
    least = max((r.level for r in rows), default=0.0)
    beyond = max(both) * 1.1
    return sorted(v for v in (*both, beyond) if v > 0 and scaled(threshold, v).clear_at >= least)


def curve(rows: Sequence[Hot], threshold: Threshold, labels: Sequence[Label]) -> list[Point]:
    """What each value would find, rising, from where ``rows`` reach down to its ``clear_at``."""
    points, left = [], list(rows)
    for value in values(rows, threshold, labels):
        other = scaled(threshold, value)
        left = [r.above(other.clear_at) for r in left]  # fewer and fewer
        points.append(Point(value, effect(left, other, labels)))
    return points


def suggestion(points: Sequence[Point], raise_at: float) -> Suggestion | None:
    """The middle of the values that find most of what was confirmed with the fewest unfounded, and
    with no more that nobody has judged than the value in force, where that is possible.

    None where nothing was confirmed: any value would then do, and the highest would seem best.
    """
    if not points or not points[0].effect.confirmed:
        return None
    now = next((p.effect.undecided for p in points if p.raise_at >= raise_at), 0)
    best = min((-p.effect.found, p.effect.unfounded) for p in points)
    equal = [i for i, p in enumerate(points) if (-p.effect.found, p.effect.unfounded) == best]
    last = equal[-1]
    most = max(now, points[last].effect.undecided)
    good = [i in equal and p.effect.undecided <= most for i, p in enumerate(points)]
    first = last
    while first and good[first - 1]:
        first -= 1
    high = points[last].raise_at
    low = points[first - 1].raise_at if first else points[first].raise_at
    return Suggestion(_round(math.sqrt(low * high), low, high), low, high)


def _round(value: float, low: float, high: float) -> float:
    """The value with as few digits as keep it between the two."""
    for digits in range(1, 6):
        short = float(f"{value:.{digits}g}")
        if low < short <= high:
            return short
    return high


def _peaks(rows: Hot) -> F64:
    """The highest value of each of a number of pieces."""
    if len(rows.value) <= _PIECES:
        return rows.value
    return np.maximum.reduceat(
        rows.value, np.linspace(0, len(rows.value), _PIECES, False).astype(int)
    )


def _peak(rows: Sequence[Hot], label: Label) -> float | None:
    for one in (r for r in rows if r.stream == label.stream):
        first = np.searchsorted(one.time, label.start, "left")
        inside = one.value[first : np.searchsorted(one.time, label.end, "right")]
        return float(inside.max()) if len(inside) else None
    return None
