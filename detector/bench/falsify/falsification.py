"""What a falsification of readings is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.bench.clip import Other
from detector.core.observation import Readings

F64 = NDArray[np.float64]
Table = Mapping[str, Readings]


@dataclass(frozen=True, kw_only=True)
class Falsification:
    """What is done to ``stream`` for ``seconds`` s from ``start_s`` s after the first row."""

    kind: ClassVar[str]
    detector: ClassVar[str]
    stream: str
    start_s: float
    seconds: float

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The values (k,) that the rows ``inside`` (n,) get."""
        raise NotImplementedError

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The stream with those rows falsified."""
        value = own.value.copy()
        value[inside] = self.values(own, inside, table, seed)
        return replace(own, value=value)

    def other(self, start: float, end: float) -> Other | None:
        """Where the same was shown, if anywhere; s from the file's first row."""
        return None


@dataclass(frozen=True)
class Seed:
    """Seeded randomness."""

    number: int

    def normal(self, n: int) -> F64:
        """Standard normal numbers (n,)."""
        return np.random.default_rng(self.number).standard_normal(n)


def digits(value: F64) -> int:
    """Decimals that readings have, at most 6."""
    some = value[:1000]
    return next((d for d in range(6) if np.allclose(some, np.round(some, d), atol=1e-9)), 6)
