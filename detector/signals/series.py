"""Readings of one sensor as a series: in order, without what cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Device, Readings, join_arrived

F64 = NDArray[np.float64]

#: Values devices report instead of a reading when they have a fault.
FAULT_CODES = (-200.0, -999.0, -9999.0, -99999.0, -999999.0, 9999.0, 99999.0, 999999.0)
_NEAREST_BELOW = max(code for code in FAULT_CODES if code < 0)
_NEAREST_ABOVE = min(code for code in FAULT_CODES if code > 0)


@dataclass(frozen=True)
class Series:
    """One sensor's readings, times rising: ``time`` (n,) s, ``value`` (n,) without NaN."""

    time: F64
    value: F64

    def __len__(self) -> int:
        return len(self.time)

    def between(self, start: float, end: float) -> Series:
        """The readings with start <= time <= end."""
        a, b = np.searchsorted(self.time, [start, end + 1e-9])
        return Series(self.time[a:b], self.value[a:b])


def ordered(readings: Readings) -> Series:
    """Readable readings by time; of those at one time the first that arrived."""
    known = np.isfinite(readings.time) & np.isfinite(readings.value)
    if known.all() and (readings.time[1:] > readings.time[:-1]).all():
        return Series(readings.time, readings.value)
    time, first = np.unique(readings.time[known], return_index=True)
    return Series(time, readings.value[known][first])


def fault_codes(value: F64) -> NDArray[np.bool_]:
    """Which of some values are fault codes."""
    if not len(value) or (value.min() > _NEAREST_BELOW and value.max() < _NEAREST_ABOVE):
        return np.zeros(len(value), dtype=bool)
    return np.isin(value, FAULT_CODES)


def without_faults(series: Series, device: Device) -> Series:
    """The series without fault codes and without what the device cannot report."""
    use = ~fault_codes(series.value)
    if np.isfinite(device.low):
        use &= series.value >= device.low
    if np.isfinite(device.high):
        use &= series.value <= device.high
    return Series(series.time[use], series.value[use])


def at_rest(series: Series) -> bool:
    """Whether nine readings in ten are one value: a machine that is hardly ever at work, of which
    the few readings at work do not tell how they usually run."""
    if not len(series):
        return True
    _, count = np.unique(series.value, return_counts=True)
    return bool(count.max() > 0.9 * len(series))


def period(series: Series) -> float:
    """Seconds between readings: the median; NaN of less than three readings."""
    return float(np.median(np.diff(series.time))) if len(series) >= 3 else float("nan")


def resolution(series: Series) -> float:
    """The smallest step between values that occurs again and again; 0 where there is none.

    A device of coarse resolution repeats few distinct values at even distances.
    """
    values = np.unique(series.value)
    if len(values) < 2:
        return 0.0
    if len(values) > len(series) / 2:
        return 0.0
    return float(np.quantile(np.diff(values), 0.1))


@dataclass
class SeriesStore:
    """Readings and devices of the streams seen so far."""

    _blocks: dict[str, list[Readings]] = field(default_factory=dict)
    _devices: dict[str, Device] = field(default_factory=dict)

    def add(self, observation: object) -> None:
        """Keep readings and what is known of their device; anything else is not for us."""
        if isinstance(observation, Readings) and len(observation):
            self._blocks.setdefault(observation.stream, []).append(observation)
        elif isinstance(observation, Device):
            self._devices[observation.stream] = observation

    def streams(self) -> Sequence[str]:
        """Streams with readings, in order of names."""
        return sorted(self._blocks)

    def arrived(self, stream: str) -> Readings:
        """All readings of a stream in order of arrival."""
        return join_arrived(self._blocks[stream])

    def series(self, stream: str) -> Series:
        """All readable readings of a stream by time."""
        return ordered(self.arrived(stream))

    def device(self, stream: str) -> Device:
        """What is known of the stream's device."""
        return self._devices.get(stream, Device(stream))
