"""Time axes: where ticks go, and what stands beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from detector.apps.report.texts import offset

#: Steps between ticks that people can read, in s.
STEPS_S = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800),
    *(3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 31536000),
)


@dataclass(frozen=True)
class Tick:
    """A tick at ``x`` % of the axis; ``wide`` ones are left unlabelled on narrow screens."""

    x: float
    label: str
    wide: bool
    anchor: str


def ticks(
    start_s: float, end_s: float, zero: datetime | None = None, at_most: int = 8
) -> list[Tick]:
    """Ticks from ``start_s`` to ``end_s``, at round times of the wall clock, where ``zero`` (its
    time at 0 s) is known.

    >>> [tick.label for tick in ticks(0, 60)]
    ['0:00', '0:10', '0:20', '0:30', '0:40', '0:50', '1:00']
    """
    length = end_s - start_s
    if length <= 0:
        return []
    step = next((s for s in STEPS_S if length / s <= at_most), STEPS_S[-1])
    shift = 0.0 if zero is None else _since_midnight(zero)
    first = math.ceil((start_s + shift) / step - 1e-9)
    last = math.floor((end_s + shift) / step + 1e-9)
    return [_tick(i * step - shift, step, start_s, length, zero, i) for i in range(first, last + 1)]


def _tick(
    at: float, step: float, start_s: float, length: float, zero: datetime | None, number: int
) -> Tick:
    x = 100 * (at - start_s) / length
    anchor = "start" if x < 4 else "end" if x > 96 else "middle"
    return Tick(x=round(x, 3), label=_label(at, step, zero), wide=number % 2 == 1, anchor=anchor)


def _since_midnight(time: datetime) -> float:
    return (time - time.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()


def _label(at: float, step: float, zero: datetime | None) -> str:
    if zero is None:
        return offset(at, decimals=0 if step >= 1 else 1)
    time = zero + timedelta(seconds=round(at, 3))
    midnight = time.hour == time.minute == time.second == 0
    if step >= 86400 or midnight:
        return f"{time:%m-%d}"
    return f"{time:%H:%M}" if step >= 60 else f"{time:%H:%M:%S}"
