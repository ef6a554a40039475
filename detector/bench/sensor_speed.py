"""How long the detectors of readings take, on made-up readings that wander like real ones."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from detector.core.observation import Device, Readings
from detector.detectors import ACROSS, CATALOGUE, VIDEO

#: Streams and readings of each for detectors of one stream, and for those across streams.
_ONE, _ACROSS = (50, 20_000), (500, 7 * 1440)
#: Seconds that may be taken.
_ONE_S, _COPIES_S = 5.0, 60.0
_START, _PERIOD_S = 1_700_000_000.0, 60.0


def made_up(streams: int, rows: int, seed: int = 0) -> list[Readings]:
    """Streams of values that wander, with a daily rhythm and noise, to three decimals."""
    rng = np.random.default_rng(seed)
    stamped = _START + _PERIOD_S * np.arange(rows, dtype=np.float64)
    day = np.sin(2 * np.pi * stamped / 86400)
    made = []
    for number in range(streams):
        steps = rng.standard_normal(rows)
        wandering = np.convolve(steps, 0.97 ** np.arange(200), "full")[:rows]
        value = 1 + rng.random() * 0.1 * day + 0.03 * wandering + 0.01 * rng.standard_normal(rows)
        made.append(Readings(f"s{number:03}", stamped, np.round(value, 3).astype(np.float64)))
    return made


def seconds(name: str, readings: Sequence[Readings]) -> float:
    """Processor seconds that a detector takes for readings: one each, or one across all."""
    make, parameters = CATALOGUE[name]
    began = time.process_time()
    groups = [list(readings)] if name in ACROSS else [[one] for one in readings]
    for group in groups:
        detector = make(parameters())
        for one in group:
            detector.update(Device(one.stream))
            detector.update(one)
        detector.finish()
    return time.process_time() - began


def speed() -> str:
    """The Markdown part on speed."""
    readings = made_up(*_ONE)
    names = [name for name in CATALOGUE if name not in VIDEO | ACROSS]
    taken = {name: seconds(name, readings) for name in names}
    total = sum(taken.values())
    many = made_up(*_ACROSS)
    across = {name: seconds(name, many) for name in CATALOGUE if name in ACROSS - VIDEO}
    copies = across["copied_signal"]
    lines = [
        "Speed, processor seconds.",
        (
            f"- One stream each, {_ONE[0]} streams of {_ONE[1]} readings: {total:.1f} s of "
            f"{_ONE_S:.0f} s ({total / _ONE_S:.2f})."
        ),
        (
            f"- `copied_signal`, {_ACROSS[0]} streams of {_ACROSS[1]} readings: {copies:.0f} s of "
            f"{_COPIES_S:.0f} s ({copies / _COPIES_S:.2f})."
        ),
        "",
        "| detector | s |",
        "| --- | ---: |",
        *(f"| {name} | {took:.1f} |" for name, took in (taken | across).items()),
    ]
    return "\n".join(lines)
