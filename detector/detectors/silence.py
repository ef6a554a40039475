"""silence: missing reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.observation import Tick
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.extremes import usual_largest
from detector.signals.series import SeriesStore, period

FEW = "too few reports to tell how often this stream reports"
IRREGULAR = "this stream reports on events, not at regular times"


@dataclass(frozen=True)
class SilenceParameters:
    """Parameters of :class:`Silence`.

    * ``min_missing``: reports that may always be missing;
    * ``stretch``: the longest usual interval is at most so many times the longest other one (>= 1);
    * ``regular``: the 90th percentile of the intervals is at most so many times their median.
    """

    min_missing: float = 3.0
    stretch: float = 2.0
    regular: float = 3.0


class Silence:
    """No reports for longer than this stream's own pauses explain.

    Score: seconds without a report / what the longest interval usually is: of the device's period
    or the median interval, and of the stream's other intervals
    (:func:`detector.signals.extremes.usual_largest`). A Tick tells that time passed, so
    that a stream that stopped is seen. Blind for streams that report on events.
    """

    name: ClassVar[str] = "silence"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: SilenceParameters | None = None) -> None:
        self.parameters = parameters or SilenceParameters()
        self._store = SeriesStore()
        self._until: dict[str, float] = {}

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the stream's own other readings are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices, and until when time passed; judged together at the end."""
        if isinstance(observation, Tick):
            known = self._until.get(observation.stream, -np.inf)
            self._until[observation.stream] = max(known, observation.time)
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge every stream."""
        return [self._judged(stream) for stream in self._store.streams()]

    def _judged(self, stream: str) -> Scores:
        series = self._store.series(stream)
        device = self._store.device(stream)
        if len(series) < 10:
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        until = max(self._until.get(stream, -np.inf), float(series.time[-1]))
        time = np.append(series.time, until)
        interval = np.diff(time)
        step = device.period_s if np.isfinite(device.period_s) else period(series)
        if np.quantile(interval, 0.9) > self.parameters.regular * step:
            return all_blind(self.name, stream, self.unit, series.time, IRREGULAR)
        second, longest = np.partition(interval, len(interval) - 2)[-2:]
        others = np.where(interval == longest, second, longest)
        usual = np.fmin(self.parameters.stretch * others, usual_largest(interval))
        usual = np.maximum(usual, self.parameters.min_missing * step)
        findings = []
        for row in np.flatnonzero(interval > usual):
            start, end = float(time[row]), float(time[row + 1])
            missing = max(1, round((end - start) / step) - 1)
            figures = {"missing_reports": missing, "usual_s": round(float(usual[row]), 1)}
            ratio = (end - start) / float(usual[row])
            findings.append(Finding(start, end, ratio, Evidence(start, end, "silent", figures)))
        return scored(self.name, stream, self.unit, time, findings)
