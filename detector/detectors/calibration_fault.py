"""calibration_fault: a sensor is said to be calibrated, and nothing shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.observation import Device
from detector.core.score import Evidence, Scores
from detector.detectors.readings import BlindStretch, Finding, all_blind, scored
from detector.signals.gas_step import GAS, STEP, gas_step, usual_rise
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, without_faults
from detector.signals.working import working

Spans = list[tuple[float, float]]

NO_CODE = "which of the status's values says that the sensor is calibrated is not configured"
NO_SENSOR = "which gas sensor the status belongs to is not configured"
FEW = "the sensor gave too few readings meanwhile to show the gas step of a calibration"

#: Words by which a status of calibrations is told, in its name or place.
_WORDS = ("calib", "标校", "校准", "调校", "标定")
#: Classes of mines of which production is no calibration's business: it is another finding.
_IDLE = frozenset({"renovation", "construction", "stopped", "closed"})


@dataclass(frozen=True)
class CalibrationFaultParameters:
    """Parameters of :class:`CalibrationFault`.

    * ``step``: a gas step rises by so many times what the sensor does by itself;
    * ``at_once``: so many sensors said to be calibrated at one time are in bulk;
    * ``longest_s`` s: no calibration takes longer;
    * ``rest_s`` s: a machine that rests so long within the same day leaves time to calibrate.
    """

    step: float = STEP
    at_once: int = 3
    longest_s: float = 7200.0
    rest_s: float = 14400.0


class CalibrationFault:
    """A status "calibrating" that is set without the step that test gas leaves in the sensor's
    readings; in bulk; for too long; or while machines produce that rest at other times of the day.

    Score: how many of these four are true. A status is a stream of kind ``status`` (``other`` where
    none is configured) with "calib" in its name or place, or with a value configured as
    ``calibrating``. It belongs to the gas sensors whose name its own contains; else to those of its
    place; else to all, of which one must show the step. See :mod:`detector.signals.gas_step`.
    Blind: where it belongs to none, or where that gave too few readings meanwhile.
    """

    name: ClassVar[str] = "calibration_fault"
    unit: ClassVar[str] = "signs"

    def __init__(self, parameters: CalibrationFaultParameters | None = None) -> None:
        self.parameters = parameters or CalibrationFaultParameters()
        self._store = SeriesStore()

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the sensors' own other readings are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are compared at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge every status of calibrations."""
        names = self._store.streams()
        told = {n: spans for n in names if self._is_status(n) for spans in [self._set(n)]}
        machines = self._machines() if told else {}
        return [self._judged(name, told, machines) for name in told]

    def _is_status(self, name: str) -> bool:
        device = self._store.device(name)
        if np.isfinite(device.calibrating):
            return True
        words = f"{name} {device.location}".lower()
        return device.kind in ("status", "other") and any(w in words for w in _WORDS)

    def _set(self, name: str) -> Spans | None:
        """When the status says "calibrating", to its next report; None where that is not known."""
        series, code = self._store.series(name), self._store.device(name).calibrating
        if np.isfinite(code):
            on = series.value == code
        elif len(np.unique(series.value)) > 2:
            return None
        else:
            on = series.value > 0
        after = np.append(series.time[1:], series.time[-1:])
        return [(float(series.time[a]), float(after[b])) for a, b in runs(on)]

    def _machines(self) -> dict[str, Series]:
        """When each machine that shows production works."""
        found = {}
        for name in self._store.streams():
            device = self._store.device(name)
            if device.role != "evidence" or device.kind in GAS or device.mine_status in _IDLE:
                continue
            work = working(without_faults(self._store.series(name), device), device)
            if work is not None:
                found[name] = work.on
        return found

    def _judged(
        self, name: str, told: dict[str, Spans | None], machines: dict[str, Series]
    ) -> Scores:
        time, spans = self._store.series(name).time, told[name]
        if spans is None:
            return all_blind(self.name, name, self.unit, time, NO_CODE)
        sensors = {s: self._sensor(s) for s in self._sensors(name)}
        findings, blind = [], []
        for start, end in spans:
            figures: dict[str, Any] = {"sensors": ", ".join(sensors)}
            signs = self._steps(sensors, spans, (start, end), figures)
            if signs is None:
                blind.append(BlindStretch(start, end, FEW if sensors else NO_SENSOR))
            signs = [*(signs or []), *self._around(told, machines, (start, end), figures)]
            if signs:
                evidence = Evidence(start, end, signs[0], figures)
                findings.append(Finding(start, end, float(len(signs)), evidence))
        return scored(self.name, name, self.unit, time, findings, blind)

    def _sensors(self, name: str) -> list[str]:
        """The gas sensors that a status belongs to."""
        devices = {n: self._store.device(n) for n in self._store.streams() if n != name}
        named = [n for n in devices if n in name and not self._is_status(n)]
        if named:
            longest = max(named, key=len)
            return [longest] if devices[longest].kind in GAS else []
        place = self._store.device(name).location
        gas = [n for n, d in devices.items() if d.kind in GAS]
        return [n for n in gas if place and devices[n].location == place] or gas

    def _sensor(self, name: str) -> Series:
        device: Device = self._store.device(name)
        return without_faults(self._store.series(name), device)

    def _steps(
        self,
        sensors: dict[str, Series],
        spans: Spans,
        span: tuple[float, float],
        figures: dict[str, Any],
    ) -> list[str] | None:
        """Whether a sensor shows the step of the test gas; None where that cannot be told."""
        seen = []
        for series in sensors.values():
            step = gas_step(series, *span) if len(series) >= 3 else None
            if step is None:
                continue
            least = self.parameters.step * usual_rise(series, _within(series.time, spans))
            seen.append(step.shown(least))
            figures |= {"rise": round(step.rise, 3), "least_rise": round(least, 3)}
        if not seen:
            return None
        return [] if any(seen) else ["no gas step"]

    def _around(
        self,
        told: dict[str, Spans | None],
        machines: dict[str, Series],
        span: tuple[float, float],
        figures: dict[str, Any],
    ) -> list[str]:
        """What else is wrong: in bulk, too long, during production."""
        start, end = span
        many = sum(any(a < end and b > start for a, b in s or ()) for s in told.values())
        at_work = [n for n, on in machines.items() if self._could_wait(on, start, end)]
        figures |= {"at_once": many}
        if at_work:
            figures["at_work"] = ", ".join(at_work)
        signs = {
            "in bulk": many >= self.parameters.at_once,
            "too long": end - start > self.parameters.longest_s,
            "during production": bool(at_work),
        }
        return [sign for sign, true in signs.items() if true]

    def _could_wait(self, on: Series, start: float, end: float) -> bool:
        """Whether a machine works meanwhile though it rests long within half a day of it."""
        during = on.between(start, end).value
        if not len(during) or during.mean() < 0.5:
            return False
        day = on.between(start - 43200.0, end + 43200.0)
        rests = runs(day.value < 0.5)
        longest = max((float(day.time[b] - day.time[a]) for a, b in rests), default=0.0)
        return longest >= self.parameters.rest_s


def _within(time: NDArray[np.float64], spans: Spans) -> NDArray[np.bool_]:
    """Which times lie in the spans or the quarter of an hour around them."""
    inside = np.zeros(len(time), dtype=bool)
    for start, end in spans:
        inside |= (time >= start - 900.0) & (time <= end + 900.0)
    return inside
