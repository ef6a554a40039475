"""out_of_range: values that no device can measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.observation import Device
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, scored
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, fault_codes, period

#: Kinds that are never below zero.
POSITIVE = frozenset(
    {"methane", "co", "dust", "humidity", "belt_scale", "count", "airflow", "wind_speed", "level"}
)
#: Highest possible value by kind and unit.
HIGHEST = {("methane", "%"): 100.0, ("humidity", "%"): 100.0}


@dataclass(frozen=True)
class OutOfRangeParameters:
    """Parameters of :class:`OutOfRange`.

    * ``far``: a value so many times the range of all others away from them is none of theirs.
    """

    far: float = 3.0


class OutOfRange:
    """Outside what the device can report, a fault code, or impossible for the kind of quantity.

    Score: reports in a row that are. A fault code (-200, -999999, ...) counts where the stream's
    other values do not reach it. Where the device's range is not known, so does a value ``far``
    times the range of all other values away. See spike for single jumps within range.
    """

    name: ClassVar[str] = "out_of_range"
    unit: ClassVar[str] = "reports"

    def __init__(self, parameters: OutOfRangeParameters | None = None) -> None:
        self.parameters = parameters or OutOfRangeParameters()
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
        series, device = self._store.series(stream), self._store.device(stream)
        kinds = _kinds(series, device, self.parameters.far)
        step = period(series) if len(series) >= 3 else 0.0
        findings = []
        for first, last in runs(kinds > 0):
            start, end = float(series.time[first]), float(series.time[last])
            values = series.value[first : last + 1]
            worst = float(values[np.argmax(np.abs(values))])
            kind = ("", "impossible", "out of range", "fault code")[int(kinds[first])]
            figures = {"value": worst, "reports": last - first + 1}
            evidence = Evidence(start, end + step, kind, figures)
            findings.append(Finding(start, end, float(last - first + 1), evidence))
        return scored(self.name, stream, self.unit, series.time, findings)


def _kinds(series: Series, device: Device, far: float) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Per reading (n,): 0 possible, 1 impossible, 2 out of the device's range, 3 a fault code."""
    value = series.value
    kinds = np.zeros(len(value), dtype=np.int8)
    slack = 1e-9 + (device.resolution / 2 if np.isfinite(device.resolution) else 0.0)
    if device.kind in POSITIVE:
        kinds[value < -slack] = 1
    if np.isfinite(device.low):
        kinds[value < device.low - slack] = 2
    if np.isfinite(device.high):
        kinds[value > device.high + slack] = 2
    codes = fault_codes(value)
    rest = value[~codes & (kinds == 0)]
    if len(rest) < 10:
        return kinds
    low, high = np.quantile(rest, [0.005, 0.995])
    span = float(high - low)
    inner = rest[(rest >= low - span) & (rest <= high + span)]
    lowest, highest = float(inner.min()), float(inner.max())
    reach = max(highest - lowest, 1e-9)
    outside = (value < lowest - 0.5 * reach) | (value > highest + 0.5 * reach)
    kinds[codes & outside] = 3
    if span > 0:
        away = (value < lowest - far * reach) & ~np.isfinite(device.low)
        away |= (value > highest + far * reach) & ~np.isfinite(device.high)
        kinds[away & (kinds == 0)] = 2
    return kinds
