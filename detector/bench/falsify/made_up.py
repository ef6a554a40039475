"""Readings that are made up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector.bench.falsify.falsification import F64, Falsification, Seed, Table, digits
from detector.core.observation import Readings


@dataclass(frozen=True, kw_only=True)
class Fabricate(Falsification):
    """Numbers made up: one short template over and over, a sine, white noise; or noise made to look
    right, with the stream's own spectrum, or pseudo-random with a period of a fifth.
    """

    kind = "fabricate"
    detector = "fabricated_signal"
    form: Literal["template", "sine", "noise", "spectrum", "periodic"] = "template"

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """Made-up values of the stream's own level, spread and number of digits."""
        n = int(inside.sum())
        known = own.value[np.isfinite(own.value)]
        level, spread = float(np.median(known)), float(np.std(known)) or 1.0
        noise = seed.normal(n)
        wave = {
            "template": np.resize(noise[: max(n // 12, 4)], n),
            "sine": np.sqrt(2) * np.sin(np.arange(n) * 2 * np.pi * 6 / max(n, 1)),
            "noise": noise,
            "periodic": np.resize(noise[: max(n // 5, 4)], n),
            "spectrum": _surrogate(known, noise),
        }[self.form]
        size = 1.0 if self.form == "spectrum" else 0.5
        return np.asarray(np.round(level + size * spread * wave, digits(known)))


def _surrogate(value: F64, noise: F64) -> F64:
    """Gaussian noise (k,) with the spectrum of values (n,), of spread 1."""
    size = np.abs(np.fft.rfft(value - value.mean()))
    phase = np.exp(2j * np.pi * np.random.default_rng(int(abs(noise[0]) * 1e6)).random(len(size)))
    made = np.fft.irfft(size * phase, len(value))
    return np.resize(made / (float(made.std()) or 1.0), len(noise))
