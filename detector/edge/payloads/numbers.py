"""Values as messages tell them, and readings held against the limits."""

from __future__ import annotations

import math

from detector.edge.payloads import BadPayload, Decoded, Fault, Limits, Reported

#: Larger values are none.
MOST = 1e300


def number(told: object) -> float:
    """A value as a float; NaN where a device said so; BadPayload where it is no number."""
    if type(told) is float and -MOST < told < MOST:
        return told  # by far the most frequent
    if isinstance(told, str) and len(told) <= 40:
        try:
            told = float(told)
        except ValueError as error:
            raise BadPayload("value", repr(told)) from error
    if isinstance(told, float | int | bool):  # a switch is 0 or 1
        return float(told) if -MOST < told < MOST else math.nan
    raise BadPayload("value", repr(told)[:80])


def within(
    mine: str,
    stream: str,
    times: list[float],
    values: list[float],
    arrival_s: float,
    limits: Limits,
) -> list[Decoded]:
    """The readings whose times are acceptable, and a fault where some are not."""
    low, high = arrival_s - limits.behind_s, arrival_s + limits.ahead_s
    if times and low <= min(times) and max(times) <= high:
        return [Reported(mine, stream, times, values)]
    kept = [(t, v) for t, v in zip(times, values, strict=True) if low <= t <= high]
    found: list[Decoded] = []
    if kept:
        found.append(Reported(mine, stream, [t for t, _ in kept], [v for _, v in kept]))
    if len(kept) < len(times):
        odd = next(t for t in times if not low <= t <= high)
        off = f"{len(times) - len(kept)} of {len(times)}, one by {odd - arrival_s:.0f} s"
        found.append(Fault(mine, stream, "clock", off))
    return found
