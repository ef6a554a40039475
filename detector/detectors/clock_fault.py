"""clock_fault: times that run back, repeat or cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.observation import Readings
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, scored
from detector.signals.runs import runs
from detector.signals.series import SeriesStore


@dataclass(frozen=True)
class ClockFaultParameters:
    """Parameters of :class:`ClockFault`.

    * ``link``: faults at most so many reports apart are one.
    """

    link: int = 20


class ClockFault:
    """Times that no clock that is let alone gives.

    Score: reports with a wrong time in a row of faults: earlier than a time that came before, the
    same as the one before, or unreadable. Judged in order of arrival. Does not see a clock that is
    wrong by a constant.
    """

    name: ClassVar[str] = "clock_fault"
    unit: ClassVar[str] = "reports"

    def __init__(self, parameters: ClockFaultParameters | None = None) -> None:
        self.parameters = parameters or ClockFaultParameters()
        self._store = SeriesStore()

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the stream's own other readings are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are judged together at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge every stream."""
        return [self._judged(stream) for stream in self._store.streams()]

    def _judged(self, stream: str) -> Scores:
        arrived = self._store.arrived(stream)
        kinds = _kinds(arrived)
        known = np.isfinite(arrived.time)
        latest = np.fmax.accumulate(np.where(known, arrived.time, -np.inf))
        first = arrived.time[known][0] if known.any() else 0.0
        latest = np.maximum(latest, first)
        findings = []
        for a, b in _linked(runs(kinds > 0), self.parameters.link):
            part = kinds[a : b + 1]
            count = int(np.count_nonzero(part))
            start, end = float(latest[max(a - 1, 0)]), float(latest[b])
            which = int(np.argmax(np.bincount(part[part > 0], minlength=4)))
            kind = ("", "repeated", "backward", "unreadable")[which]
            figures: dict[str, object] = {"reports": count}
            if which == 2:
                back = np.nanmax(latest[a : b + 1] - arrived.time[a : b + 1])
                figures["back_s"] = round(float(back), 3)
                start = float(np.nanmin(arrived.time[a : b + 1]))
            evidence = Evidence(start, max(end, start), kind, figures)
            findings.append(Finding(start, max(end, start), float(count), evidence))
        return scored(self.name, stream, self.unit, np.unique(arrived.time[known]), findings)


def _kinds(arrived: Readings) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Per reading (n,): 0 right, 1 as the one before, 2 earlier than one before, 3 unreadable."""
    time = arrived.time
    kinds = np.zeros(len(time), dtype=np.int8)
    kinds[~np.isfinite(time)] = 3
    latest = np.fmax.accumulate(np.where(np.isfinite(time), time, -np.inf))
    kinds[1:][time[1:] < latest[:-1]] = 2
    kinds[1:][time[1:] == time[:-1]] = 1
    return kinds


def _linked(found: list[tuple[int, int]], link: int) -> list[tuple[int, int]]:
    linked: list[tuple[int, int]] = []
    for first, last in found:
        if linked and first - linked[-1][1] <= link:
            linked[-1] = (linked[-1][0], last)
        else:
            linked.append((first, last))
    return linked
