"""Stretches of a sensor's readings that it had reported before, exactly."""

from __future__ import annotations

from dataclasses import dataclass

from detector.signals.repeats import repeats, steps_of
from detector.signals.series import Series, period

#: Information (bits) of the shortest pieces that are put together.
_PIECE_BITS = 12.0
#: Readings that may be missing between two pieces of one stretch.
_MISSING = 24
#: Part of a stretch for which it may rest, which has no information, before it goes on.
_RESTING = 0.25


@dataclass(frozen=True)
class Again:
    """A stretch [start, end] s that repeats what was reported ``lag`` s before; ``bits``: its
    information."""

    start: float
    end: float
    lag: float
    bits: float

    @property
    def template(self) -> bool:
        """Whether it is one short piece over and over."""
        return self.end - self.start >= 2 * self.lag


def shown_again(series: Series) -> list[Again]:
    """Repeated stretches; pieces at one lag with little between them are one."""
    step = period(series)
    found: list[Again] = []
    for repeat in sorted(repeats([steps_of(series.value)], _PIECE_BITS), key=lambda r: r.first):
        start, end = float(series.time[repeat.first]), float(series.time[repeat.last + 1])
        lag = start - float(series.time[repeat.first - repeat.lag])
        for number in range(len(found) - 1, max(len(found) - 9, -1), -1):
            before = found[number]
            apart = max(_MISSING * step, _RESTING * (before.end - before.start))
            if abs(before.lag - lag) <= 1.5 * step and start - before.end <= apart:
                bits = before.bits + repeat.bits
                found[number] = Again(before.start, max(end, before.end), before.lag, bits)
                break
        else:
            found.append(Again(start, end, lag, repeat.bits))
    return found
