"""clock_fault: times that run back, repeat, cannot be read, are rounded or drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import BlindStretch, Finding, scored
from detector.signals.clocks import drifting, rounded, summer_time_ends
from detector.signals.runs import runs
from detector.signals.series import SeriesStore

SUMMER_TIME = "local time without an offset: the hour that repeats when summer time ends"

F64 = NDArray[np.float64]

_REPEATED, _BACKWARD, _UNREADABLE = 1, 2, 3


@dataclass(frozen=True)
class ClockFaultParameters:
    """Parameters of :class:`ClockFault`.

    * ``link``: faults at most so many reports apart are one.
    """

    link: int = 20


class ClockFault:
    """Times that no clock that is let alone gives.

    Score: reports with a wrong time in a row of faults, in order of arrival: earlier than a time
    that came before (``back-filled`` where they fill a hole that was left), the same as the one
    before, unreadable, suddenly rounded (:func:`detector.signals.clocks.rounded`), or drifting
    (:func:`detector.signals.clocks.drifting`). Blind in the hour that repeats when summer time
    ends. Does not see a clock that is wrong by a constant.
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
        time = arrived.time[np.isfinite(arrived.time)]
        findings, blind = self._disorder(arrived.time)
        told = [(f.start, f.end) for f in findings]
        for kind, stretches in (("rounded", rounded(time)), ("drifting", drifting(time))):
            for first, last in stretches:
                start, end = float(time[first]), float(time[last])
                if not any(start <= e and end >= s for s, e in told):
                    findings.append(_finding(start, end, kind, last - first + 1))
        return scored(self.name, stream, self.unit, np.unique(time), findings, blind)

    def _disorder(self, time: F64) -> tuple[list[Finding], list[BlindStretch]]:
        """Times that repeat, run back or cannot be read, and hours that summer time repeats."""
        kinds, known = _kinds(time), np.isfinite(time)
        right = time[kinds == 0]
        step = float(np.median(np.diff(right))) if len(right) >= 3 else 0.0
        latest = np.fmax.accumulate(np.where(known, time, -np.inf))
        latest = np.maximum(latest, time[known][0] if known.any() else 0.0)
        findings, blind = [], []
        for a, b in _linked(runs(kinds > 0), self.parameters.link):
            wrong = a + np.flatnonzero(kinds[a : b + 1])
            before, end = float(latest[max(a - 1, 0)]), float(latest[b])
            which = int(np.argmax(np.bincount(kinds[wrong], minlength=4)))
            if known[wrong].all() and summer_time_ends(time[wrong], before, step):
                blind.append(BlindStretch(float(time[a]), end, SUMMER_TIME))
            elif which == _BACKWARD:
                back = round(float(np.nanmax(latest[wrong] - time[wrong])), 3)
                kind = "back-filled" if _fills(right, time[wrong], step) else "backward"
                start = float(np.nanmin(time[wrong]))
                findings.append(_finding(start, end, kind, len(wrong), back_s=back))
            else:
                kind = "repeated" if which == _REPEATED else "unreadable"
                findings.append(_finding(before, end, kind, len(wrong)))
        return findings, blind


def _finding(start: float, end: float, kind: str, reports: int, **more: float) -> Finding:
    evidence = Evidence(start, max(start, end), kind, {"reports": reports, **more})
    return Finding(start, max(start, end), float(reports), evidence)


def _fills(right: F64, times: F64, step: float) -> bool:
    """Whether late times (n,) fall into holes that the ``right`` ones, rising, left open."""
    after = np.searchsorted(right, times)
    if np.any((after == 0) | (after == len(right))):
        return False
    return bool(np.all(right[after] - right[after - 1] > 1.5 * step)) and not np.any(
        right[after] == times
    )


def _kinds(time: F64) -> NDArray[np.int8]:
    """Per reading (n,): what is wrong with its time, 0 where nothing is."""
    kinds = np.zeros(len(time), dtype=np.int8)
    kinds[~np.isfinite(time)] = _UNREADABLE
    latest = np.fmax.accumulate(np.where(np.isfinite(time), time, -np.inf))
    kinds[1:][time[1:] < latest[:-1]] = _BACKWARD
    kinds[1:][time[1:] == time[:-1]] = _REPEATED
    return kinds


def _linked(found: list[tuple[int, int]], link: int) -> list[tuple[int, int]]:
    linked: list[tuple[int, int]] = []
    for first, last in found:
        if linked and first - linked[-1][1] <= link:
            linked[-1] = (linked[-1][0], last)
        else:
            linked.append((first, last))
    return linked
