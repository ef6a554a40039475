"""Readings that are missing, late, or at wrong times."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.bench.falsify.falsification import F64, Falsification, Seed, Table
from detector.core.observation import Readings


@dataclass(frozen=True, kw_only=True)
class Silence(Falsification):
    """No readings."""

    kind = "silence"
    detector = "silence"

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The rows are missing."""
        return replace(own, time=own.time[~inside], value=own.value[~inside])


@dataclass(frozen=True, kw_only=True)
class ClockBack(Falsification):
    """The clock is set back by ``back_s`` s at the start and right again after the stretch."""

    kind = "clock"
    detector = "clock_fault"
    back_s: float = 3600.0

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The times of the stretch run earlier."""
        return replace(own, time=np.where(inside, own.time - self.back_s, own.time))


@dataclass(frozen=True, kw_only=True)
class ClockRounded(Falsification):
    """Times are cut to whole ``unit_s`` s."""

    kind = "clock-round"
    detector = "clock_fault"
    unit_s: float = 60.0

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The times of the stretch, rounded down."""
        whole = np.floor(own.time / self.unit_s) * self.unit_s
        return replace(own, time=np.where(inside, whole, own.time))


@dataclass(frozen=True, kw_only=True)
class ClockDrift(Falsification):
    """The clock runs fast by ``rate`` during the stretch, and is set right after it."""

    kind = "clock-drift"
    detector = "clock_fault"
    rate: float = 0.01

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The times of the stretch, further and further ahead."""
        ahead = (own.time - own.time[inside].min()) * self.rate
        return replace(own, time=np.where(inside, np.round(own.time + ahead, 3), own.time))


@dataclass(frozen=True, kw_only=True)
class BackFill(Falsification):
    """The stretch is missing until ``late_s`` s after it, when all of it arrives at once."""

    kind = "back-fill"
    detector = "clock_fault"
    late_s: float = 0.0

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The rows of the stretch after those that follow it."""
        later = own.time > own.time[inside].max() + max(self.late_s, 10 * _period(own.time))
        order = np.concatenate([np.flatnonzero(p) for p in (~inside & ~later, inside, later)])
        return replace(own, time=own.time[order], value=own.value[order])


def _period(time: F64) -> float:
    return float(np.median(np.diff(time))) if len(time) > 1 else 0.0
