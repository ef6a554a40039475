"""Values held, capped, scaled, moved, or such as no device measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.bench.falsify.falsification import F64, Falsification, Seed, Table, digits
from detector.core.observation import Readings


@dataclass(frozen=True, kw_only=True)
class HoldValue(Falsification):
    """The last value before is held."""

    kind = "hold"
    detector = "flat_signal"

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The value of the first row."""
        return np.full(int(inside.sum()), own.value[np.argmax(inside)])


@dataclass(frozen=True, kw_only=True)
class DitherHold(Falsification):
    """The last value before is held, but for one step of the resolution up or down at random."""

    kind = "dither"
    detector = "flat_signal"

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The value of the first row, one step up or down in a third of the rows each."""
        known = own.value[np.isfinite(own.value)]
        step = 10.0 ** -digits(known)
        way = np.clip(np.round(seed.normal(int(inside.sum()))), -1, 1)
        return np.asarray(np.round(own.value[np.argmax(inside)] + step * way, digits(known)))


@dataclass(frozen=True, kw_only=True)
class Cap(Falsification):
    """Nothing above ``limit``: clipped, or with ``squeeze`` shrunk above a knee, so that the
    highest value the stream ever has ends at the limit. The knee: the median of the stream or of
    the stretch, whichever is lower."""

    kind = "cap"
    detector = "capped_signal"
    limit: float
    squeeze: bool = False

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """What is above the limit brought below it, in the stream's number of digits."""
        value = own.value[inside]
        if not self.squeeze:
            return np.asarray(np.minimum(value, self.limit))
        knee = min(float(np.nanmedian(own.value)), float(np.nanmedian(value)))
        part = (self.limit - knee) / max(float(np.nanmax(own.value)) - knee, 1e-9)
        part = min(max(part, 0.0), 1.0)
        shrunk = np.where(value > knee, knee + (value - knee) * part, value)
        return np.asarray(np.round(shrunk, digits(own.value[np.isfinite(own.value)])))


@dataclass(frozen=True, kw_only=True)
class ScaleValues(Falsification):
    """Everything times ``factor``, plus ``offset``."""

    kind = "scale"
    detector = "scaled_signal"
    factor: float = 1.0
    offset: float = 0.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The scaled values."""
        return np.asarray(own.value[inside] * self.factor + self.offset)


@dataclass(frozen=True, kw_only=True)
class Displace(Falsification):
    """The sensor is moved: into fresh air (``clean``: its lowest level, a fifth of its movements)
    or elsewhere. Its movements are those of the stretch backwards: its own, in answer to nothing.
    """

    kind = "displace"
    detector = "displaced_sensor"
    clean: bool = True

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """What it measures where it is now."""
        known = own.value[np.isfinite(own.value)]
        back = own.value[inside][::-1]
        if not self.clean:
            return back
        moved = float(np.quantile(known, 0.05)) + 0.2 * (back - float(np.nanmedian(back)))
        return np.asarray(np.round(moved, digits(known)))


@dataclass(frozen=True, kw_only=True)
class SayCalibrating(Falsification):
    """A status says that its sensor is being calibrated, which nobody does."""

    kind = "calibrating"
    detector = "calibration_fault"
    code: float = 1.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The status "calibrating"."""
        return np.full(int(inside.sum()), self.code)


@dataclass(frozen=True, kw_only=True)
class FaultCode(Falsification):
    """The device's fault code, or any other value it cannot measure."""

    kind = "fault"
    detector = "out_of_range"
    code: float = -999999.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The code."""
        return np.full(int(inside.sum()), self.code)


@dataclass(frozen=True, kw_only=True)
class SpikeValue(Falsification):
    """One reading jumps by ``height`` times the stream's spread."""

    kind = "spike"
    detector = "spike"
    height: float = 12.0
    seconds: float = 0.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The jump in the first row, the others as they are."""
        value = own.value[inside].copy()
        value[:1] += self.height * float(np.nanstd(own.value))
        return value
