"""Readings for detectors: made up as sensors of a mine give them, falsified by the tamper kit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from detector.bench.falsify import Falsification, falsify
from detector.config import load
from detector.core.detector import Observation
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.core.score import Scores
from detector.detectors import CATALOGUE
from detector.detectors.inconsistent_readings import InconsistentReadings
from detector.pipeline import joined, judge
from detector.signals.relations import RelationsModel, learned
from detector.signals.series import ordered

START = 1_700_000_000.0
PERIOD_S = 60.0


def mine(seed: int = 0, days: float = 4.0) -> dict[str, Readings]:
    """Methane of two sensors, wind and temperature, a reading a minute, with a daily rhythm."""
    rng = np.random.default_rng(seed)
    n = round(days * 86400 / PERIOD_S)
    time = START + PERIOD_S * np.arange(n, dtype=np.float64)
    day = np.sin(2 * np.pi * time / 86400)
    coal = _wandering(rng, n, 0.97)
    values = {
        "methane": 0.5 + 0.08 * day + 0.1 * coal + 0.03 * _wandering(rng, n, 0.8),
        "return": 0.4 + 0.05 * day + 0.07 * coal + 0.03 * _wandering(rng, n, 0.8),
        "wind": 2.0 + 0.1 * _wandering(rng, n, 0.9) + 0.02 * rng.standard_normal(n),
        "temperature": 24.0 + 0.6 * day + 0.2 * _wandering(rng, n, 0.95),
    }
    return {
        name: Readings(name, time, np.round(value, 3).astype(np.float64))
        for name, value in values.items()
    }


def _wandering(rng: np.random.Generator, n: int, memory: float) -> NDArray[np.float64]:
    """A stationary series of variance 1 with this correlation from row to row."""
    noise = rng.standard_normal(n)
    result = np.empty(n)
    last = 0.0
    for row in range(n):
        last = memory * last + np.sqrt(1 - memory**2) * noise[row]
        result[row] = last
    return result


def tampered(*steps: Falsification, seed: int = 0) -> dict[str, Readings]:
    """The mine's readings with these falsifications."""
    return falsify(mine(seed), steps, seed)[0]


def blocks(table: dict[str, Readings], rows: int | None = None) -> list[Observation]:
    """Devices and readings, in blocks of so many rows, or whole."""
    cut: list[Observation] = [Device(name) for name in table]
    for readings in table.values():
        step = rows or len(readings)
        cut += [readings.rows(slice(a, a + step)) for a in range(0, len(readings), step)]
    return cut


@cache
def relations() -> RelationsModel:
    """What a fit learns of the mine in another week."""
    found = learned({n: ordered(r) for n, r in mine(seed=90, days=7.0).items()})
    assert found is not None
    return found.model


def scored(detector: str, observations: Sequence[Observation]) -> list[Scores]:
    """What the detector says of observations."""
    make, parameters = CATALOGUE[detector]
    made = make(parameters())
    if isinstance(made, InconsistentReadings):
        made.know(relations())
    for observation in observations:
        made.learn(observation)
    scores = [s for observation in observations for s in made.update(observation)]
    return joined([*scores, *made.finish()])


def found(detector: str, table: dict[str, Readings]) -> list[Episode]:
    """Episodes by the thresholds in force without any configuration."""
    return judge(scored(detector, blocks(table)), load(None).thresholds)
