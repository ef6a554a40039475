"""A level shift: from one reading to the next a series goes on at another level, as never before.

Source: own. The difference of means over as many readings before and after, for many lengths; the
largest against the largest elsewhere, so that a series is measured by its own habit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.series import Series, period

F64 = NDArray[np.float64]

#: Readings below which a series has no habit to be measured by.
LEAST = 200
#: The longest mean is this part of the series: beyond it seasons are compared, not readings.
_PART = 1 / 40
#: Part of a shift that must be left in the level of what follows, over eight times its length.
_LASTS = 0.6
#: Readings of what follows at least.
_FOLLOWS = 30
#: Part of a shift that must show within an eighth of its length on either side.
_SHARP = 0.8
#: Part of a shift by which a later or earlier one the other way undoes it.
_UNDONE = 0.8
#: Periods without a reading after which one does not follow the other.
_APART = 3.0


@dataclass(frozen=True)
class LevelShift:
    """A shift by ``size`` (in the series' unit) between ``start`` and ``end`` s; ``beyond``: times
    the largest elsewhere; ``lasting``: it is not undone within the series."""

    start: float
    end: float
    size: float
    beyond: float
    lasting: bool


def level_shift(series: Series) -> LevelShift | None:
    """The shift of a series most beyond its habit; None of a short one, or where none is sharp.

    Where two shifts undo each other, what lies between is shifted; else all from it on.
    """
    count = len(series)
    if count < LEAST:
        return None
    total = np.concatenate([[0.0], np.cumsum(series.value - np.mean(series.value))])
    before = np.flatnonzero(np.diff(series.time) > _APART * period(series)) + 1
    best: LevelShift | None = None
    length = 1
    while length <= count * _PART:
        found = _of_length(series, total, before, length)
        if found is not None and (best is None or found.beyond > best.beyond):
            best = found
        length *= 2
    return best


def _of_length(
    series: Series, total: F64, gaps: NDArray[np.intp], length: int
) -> LevelShift | None:
    """The largest shift between means of ``length`` readings."""
    change = _change(total, length)
    size = np.abs(change)
    for gap in gaps.tolist():  # what changes while nothing is reported says nothing
        size[_around(gap - length, 2 * (length // 8) + 1)] = 0.0
    k = int(np.argmax(size))
    at = k + length
    elsewhere = size.copy()
    elsewhere[_around(k, 2 * length)] = 0.0
    opposite = np.where(change * change[k] < 0, elsewhere, 0.0)
    back = int(np.argmax(opposite))
    undone = bool(opposite[back] > _UNDONE * size[k]) and _sharp(
        total, back + length, length, change[back]
    )
    if undone:
        elsewhere[_around(back, 2 * length)] = 0.0
    usual = float(elsewhere.max())
    if usual <= 0 or not (
        _lasts(series.value, at, length, change[k]) and _sharp(total, at, length, change[k])
    ):
        return None
    first, last = sorted((at, back + length)) if undone else (at, len(series) - 1)
    return LevelShift(
        start=float(series.time[first]),
        end=float(series.time[last]),
        size=float(change[k] if first == at else change[back]),
        beyond=float(size[k]) / usual,
        lasting=not undone,
    )


def _around(place: int, reach: int) -> slice:
    return slice(max(place - reach, 0), max(place + reach + 1, 0))


def _change(total: F64, length: int) -> F64:
    """Mean of ``length`` readings from each on less that of those before; row 0: at ``length``."""
    middle = total[length:-length]
    return np.asarray((total[2 * length :] - 2 * middle + total[: -2 * length]) / length)


def _lasts(value: F64, at: int, length: int, change: float) -> bool:
    reach = max(8 * length, _FOLLOWS)
    after, before = value[at : at + reach], value[max(at - reach, 0) : at]
    return bool((np.median(after) - np.median(before)) / change > _LASTS)


def _sharp(total: F64, at: int, length: int, change: float) -> bool:
    near = max(length // 8, 1)
    short = max(2 * near, 1)
    places = np.arange(max(at - near, short), min(at + near, len(total) - 1 - short) + 1)
    if not len(places):
        return False
    shown = (total[places + short] - 2 * total[places] + total[places - short]) / short
    return bool((shown / change).max() > _SHARP)
