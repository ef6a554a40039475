"""Readings shown before, or by another stream."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.bench.clip import Other
from detector.bench.falsify.falsification import F64, Falsification, Seed, Table, digits
from detector.core.observation import Readings


@dataclass(frozen=True, kw_only=True)
class ReplayPast(Falsification):
    """The stream's own past of ``lag_s`` s before, with noise of ``noise`` of its spread, scaled by
    ``factor`` and shifted by ``offset``."""

    kind = "replay"
    detector = "replayed_signal"
    lag_s: float
    noise: float = 0.0
    factor: float = 1.0
    offset: float = 0.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """What was reported the lag before, at the nearest row."""
        return _shown(own, own.time[inside] - self.lag_s, self, seed)

    def other(self, start: float, end: float) -> Other | None:
        """The earlier showing."""
        return Other("own", start - self.lag_s, end - self.lag_s, self.lag_s)


@dataclass(frozen=True, kw_only=True)
class CopyStream(Falsification):
    """Another stream's readings, ``lag_s`` s later, with noise, factor and offset as in replay."""

    kind = "copy"
    detector = "copied_signal"
    source: str
    lag_s: float = 0.0
    noise: float = 0.0
    factor: float = 1.0
    offset: float = 0.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """What the other stream reported the lag before, at the nearest row."""
        return _shown(table[self.source], own.time[inside] - self.lag_s, self, seed)

    def other(self, start: float, end: float) -> Other | None:
        """The stream copied."""
        return Other(self.source, start - self.lag_s, end - self.lag_s, self.lag_s)


def _shown(source: Readings, at: F64, step: ReplayPast | CopyStream, seed: Seed) -> F64:
    known = np.isfinite(source.value)
    time, value = source.time[known], source.value[known]
    order = np.argsort(time, kind="stable")
    time, value = time[order], value[order]
    after = np.clip(np.searchsorted(time, at), 1, len(time) - 1)
    nearest = np.where(at - time[after - 1] <= time[after] - at, after - 1, after)
    shown = value[nearest] * step.factor + step.offset
    if step.noise:
        spread = float(np.std(value[nearest])) or 1.0
        shown = shown + step.noise * spread * seed.normal(len(at))
    return np.round(shown, digits(value)) if step.noise or step.factor != 1 else shown
