"""What the detectors of readings tell of tables of readings, and whether and when it is right."""

from __future__ import annotations

import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.detectors import ACROSS, CATALOGUE, VIDEO
from detector.pipeline import Pipeline, Watch

#: Detectors that tell the same of a stream: either is right.
_ALSO = {
    "flat_signal": {"replayed_signal", "fabricated_signal"},
    "fabricated_signal": {"replayed_signal", "flat_signal", "displaced_sensor"},
    "capped_signal": {"fabricated_signal"},
    "displaced_sensor": {"fabricated_signal", "inconsistent_readings"},
    "scaled_signal": {"out_of_range", "inconsistent_readings", "displaced_sensor"},
    "spike": {"out_of_range"},
    "out_of_range": {"spike"},
}
#: What is told by an instant, not by a stretch.
_INSTANTS = frozenset({"spike", "clock_fault"})
#: Part of a falsified stretch to be covered.
_PART = 0.3
#: Halvings of a stretch in search of the moment from which on it is told.
_HALVINGS = 5


class Told:
    """Episodes in tables of readings by the thresholds in force without a site. What detectors of
    one stream say of readings is remembered, as all but one stream of a table stay as they are."""

    def __init__(self) -> None:
        self._thresholds = load(None).thresholds
        self._known: dict[tuple[str, int], tuple[Readings, list[Episode]]] = {}

    def episodes(self, table: dict[str, Readings]) -> list[Episode]:
        """All episodes in a table."""
        found = []
        for name in CATALOGUE:
            if name in ACROSS - VIDEO:
                found += self._run(name, table)
            elif name not in VIDEO:
                found += [e for s in sorted(table) for e in self._of(name, table[s])]
        return found

    def by(self, name: str, table: dict[str, Readings], stream: str) -> list[Episode]:
        """Episodes by one detector, of one stream if it watches single streams."""
        return self._run(name, table if name in ACROSS else {stream: table[stream]})

    def _of(self, name: str, readings: Readings) -> list[Episode]:
        known = self._known.get((name, id(readings)))
        if known is None or known[0] is not readings:
            known = readings, self._run(name, {readings.stream: readings})
            self._known[name, id(readings)] = known
        return known[1]

    def _run(self, name: str, table: dict[str, Readings]) -> list[Episode]:
        make, parameters = CATALOGUE[name]
        watch = Watch(name, tuple(sorted(table)), make(parameters()))
        pipeline = Pipeline([watch], self._thresholds)
        for work in (pipeline.learn, pipeline.feed):
            for stream in sorted(table):
                work(Device(stream))
            for readings in table.values():
                work(readings)
        pipeline.finish()
        for failure in pipeline.failures:
            sys.stderr.write(f"{failure.detector} failed: {failure.error}\n")
        return pipeline.episodes()


@dataclass(frozen=True)
class Claim:
    """A stretch [start, end] s of a stream, falsified as ``detector`` should say."""

    detector: str
    stream: str
    start: float
    end: float

    @property
    def right(self) -> Set[str]:
        """The detectors of which each is right."""
        return {self.detector, *_ALSO.get(self.detector, ())}

    def met_by(self, e: Episode) -> bool:
        """Whether an episode is about this stretch."""
        other = e.evidence.other if e.evidence is not None else None
        mine = e.stream == self.stream or (other is not None and other.stream == self.stream)
        return mine and covered(self, [(e.start, e.end)])


def covered(claim: Claim, stretches: Sequence[tuple[float, float]]) -> bool:
    """Whether stretches (start, end) that do not overlap touch the falsified one and cover enough
    of it; instants need only be touched."""
    long = claim.end - claim.start
    shared = [min(b, claim.end) - max(a, claim.start) for a, b in stretches]
    if not any(s >= -max(1.0, 0.02 * long) for s in shared):
        return False
    enough = sum(max(s, 0.0) for s in shared) >= _PART * long - 1.0
    return claim.detector in _INSTANTS or enough


def first_told(claim: Claim, table: dict[str, Readings], detectors: Set[str], told: Told) -> float:
    """Seconds from the start of the falsification until one of the detectors that find it in the
    whole table finds it in what had been reported by then; NaN without detectors.

    Within the stretch, or else between its end and the last reading, in 2^-5 parts of it.
    """
    if not detectors:
        return float("nan")

    def found(at: float) -> bool:
        until = Claim(claim.detector, claim.stream, claim.start, min(claim.end, at))
        cut = {s: _reported(r, at) for s, r in table.items()}
        return any(
            until.met_by(e) for name in sorted(detectors) for e in told.by(name, cut, claim.stream)
        )

    low, high = claim.start, claim.end
    if not found(high):
        low, high = high, max(float(np.nanmax(r.time)) for r in table.values())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) else (middle, high)
    return high - claim.start


def _reported(readings: Readings, at: float) -> Readings:
    """What had arrived by a moment: no row arrives before those that came before it."""
    arrived = np.maximum.accumulate(np.nan_to_num(readings.time, nan=-np.inf))
    rows = int(np.searchsorted(arrived, at + 1e-9, side="right"))
    return Readings(readings.stream, readings.time[:rows], readings.value[:rows])
