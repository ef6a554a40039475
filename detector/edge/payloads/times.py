"""Times as messages tell them: ISO 8601, or Unix time in s, ms, us or ns."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from detector.edge.payloads import BadPayload

#: A number up to the first of these is in s, up to the next in ms, then us, then ns.
_SIZES = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
#: Longer texts are no time.
_LONGEST = 40


def seconds(told: object) -> float:
    """Unix time in s, to the microsecond, of a number or a text; BadPayload where it is none.

    >>> seconds("2026-01-02T03:04:05.6Z") == seconds(1767323045.6) == seconds(1767323045600)
    True
    """
    if isinstance(told, str):
        return _of_text(told)
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise BadPayload("time", repr(told)[:80])
    return _of_number(told)


def _of_number(told: float) -> float:
    size = abs(told)
    for most, unit in _SIZES:
        if size < most:
            return round(told / unit, 6)
    raise BadPayload("time", repr(told)[:80])


def _of_text(text: str) -> float:
    if len(text) > _LONGEST:
        raise BadPayload("time", repr(text[:80]))
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if not math.isfinite(number):
            raise BadPayload("time", repr(text))
        return _of_number(int(text) if text.strip().isdecimal() else number)
    try:
        stamp = datetime.fromisoformat(text.strip())
        stamp = stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)
        return round(stamp.timestamp(), 6)
    except (ValueError, OverflowError) as error:
        raise BadPayload("time", repr(text)) from error
