"""Falsified readings with ground truth: the tamper kit for sensors."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from detector.bench.clip import Event, Other
from detector.core.errors import TrueshaftError
from detector.core.observation import Readings

F64 = NDArray[np.float64]
Table = Mapping[str, Readings]


@dataclass(frozen=True, kw_only=True)
class Falsification:
    """What is done to ``stream`` for ``seconds`` s from ``start_s`` s after the first row."""

    kind: ClassVar[str]
    detector: ClassVar[str]
    stream: str
    start_s: float
    seconds: float

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The values (k,) that the rows ``inside`` (n,) get."""
        raise NotImplementedError

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The stream with those rows falsified."""
        value = own.value.copy()
        value[inside] = self.values(own, inside, table, seed)
        return replace(own, value=value)

    def other(self, start: float, end: float) -> Other | None:
        """Where the same was shown, if anywhere; s from the file's first row."""
        return None


@dataclass(frozen=True)
class Seed:
    """Seeded randomness."""

    number: int

    def normal(self, n: int) -> F64:
        """Standard normal numbers (n,)."""
        return np.random.default_rng(self.number).standard_normal(n)


@dataclass(frozen=True, kw_only=True)
class HoldValue(Falsification):
    """The last value before is held."""

    kind = "hold"
    detector = "flat_signal"

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The value of the first row."""
        return np.full(int(inside.sum()), own.value[np.argmax(inside)])


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
        return np.asarray(np.round(shrunk, _digits(own.value[np.isfinite(own.value)])))


@dataclass(frozen=True, kw_only=True)
class ReplayPast(Falsification):
    """The stream's own past of ``lag_s`` s before, with noise of ``noise`` of its spread, scaled by
    ``factor`` and shifted by ``offset``."""

    kind = "replay"
    detector = "replayed_signal"
    lag_s: float
    noise: float = 0.0
    factor: float = 1.0
    offset: float = 0.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """What was reported the lag before, at the nearest row."""
        return _shown(own, own.time[inside] - self.lag_s, self, seed)

    def other(self, start: float, end: float) -> Other | None:
        """The earlier showing."""
        return Other("own", start - self.lag_s, end - self.lag_s, self.lag_s)


@dataclass(frozen=True, kw_only=True)
class CopyStream(Falsification):
    """Another stream's readings, ``lag_s`` s later, with noise, factor and offset as in replay."""

    kind = "copy"
    detector = "copied_signal"
    source: str
    lag_s: float = 0.0
    noise: float = 0.0
    factor: float = 1.0
    offset: float = 0.0

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """What the other stream reported the lag before, at the nearest row."""
        return _shown(table[self.source], own.time[inside] - self.lag_s, self, seed)

    def other(self, start: float, end: float) -> Other | None:
        """The stream copied."""
        return Other(self.source, start - self.lag_s, end - self.lag_s, self.lag_s)


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
        return np.asarray(np.round(moved, _digits(known)))


@dataclass(frozen=True, kw_only=True)
class Fabricate(Falsification):
    """Numbers made up: one short template over and over, a sine, white noise; or noise made to look
    right, with the stream's own spectrum, or pseudo-random with a period of a fifth.
    """

    kind = "fabricate"
    detector = "fabricated_signal"
    form: Literal["template", "sine", "noise", "spectrum", "periodic"] = "template"

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """Made-up values of the stream's own level, spread and number of digits."""
        n = int(inside.sum())
        known = own.value[np.isfinite(own.value)]
        level, spread = float(np.median(known)), float(np.std(known)) or 1.0
        noise = seed.normal(n)
        wave = {
            "template": np.resize(noise[: max(n // 12, 4)], n),
            "sine": np.sqrt(2) * np.sin(np.arange(n) * 2 * np.pi * 6 / max(n, 1)),
            "noise": noise,
            "periodic": np.resize(noise[: max(n // 5, 4)], n),
            "spectrum": _surrogate(known, noise),
        }[self.form]
        size = 1.0 if self.form == "spectrum" else 0.5
        return np.asarray(np.round(level + size * spread * wave, _digits(known)))


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


@dataclass(frozen=True, kw_only=True)
class Silence(Falsification):
    """No readings."""

    kind = "silence"
    detector = "silence"

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The rows are missing."""
        return replace(own, time=own.time[~inside], value=own.value[~inside])


@dataclass(frozen=True, kw_only=True)
class ClockBack(Falsification):
    """The clock is set back by ``back_s`` s at the start and right again after the stretch."""

    kind = "clock"
    detector = "clock_fault"
    back_s: float = 3600.0

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The times of the stretch run earlier."""
        return replace(own, time=np.where(inside, own.time - self.back_s, own.time))


@dataclass(frozen=True, kw_only=True)
class ClockRounded(Falsification):
    """Times are cut to whole ``unit_s`` s."""

    kind = "clock-round"
    detector = "clock_fault"
    unit_s: float = 60.0

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The times of the stretch, rounded down."""
        whole = np.floor(own.time / self.unit_s) * self.unit_s
        return replace(own, time=np.where(inside, whole, own.time))


@dataclass(frozen=True, kw_only=True)
class ClockDrift(Falsification):
    """The clock runs fast by ``rate`` during the stretch, and is set right after it."""

    kind = "clock-drift"
    detector = "clock_fault"
    rate: float = 0.01

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The times of the stretch, further and further ahead."""
        ahead = (own.time - own.time[inside].min()) * self.rate
        return replace(own, time=np.where(inside, np.round(own.time + ahead, 3), own.time))


@dataclass(frozen=True, kw_only=True)
class BackFill(Falsification):
    """The stretch is missing until ``late_s`` s after it, when all of it arrives at once."""

    kind = "back-fill"
    detector = "clock_fault"
    late_s: float = 0.0

    def rows(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> Readings:
        """The rows of the stretch after those that follow it."""
        later = own.time > own.time[inside].max() + max(self.late_s, 10 * _period(own.time))
        order = np.concatenate([np.flatnonzero(p) for p in (~inside & ~later, inside, later)])
        return replace(own, time=own.time[order], value=own.value[order])


@dataclass(frozen=True, kw_only=True)
class DitherHold(Falsification):
    """The last value before is held, but for one step of the resolution up or down at random."""

    kind = "dither"
    detector = "flat_signal"

    def values(self, own: Readings, inside: NDArray[np.bool_], table: Table, seed: Seed) -> F64:
        """The value of the first row, one step up or down in a third of the rows each."""
        known = own.value[np.isfinite(own.value)]
        step = 10.0 ** -_digits(known)
        way = np.clip(np.round(seed.normal(int(inside.sum()))), -1, 1)
        return np.asarray(np.round(own.value[np.argmax(inside)] + step * way, _digits(known)))


KINDS: dict[str, type[Falsification]] = {
    kind.kind: kind
    for kind in (
        *(HoldValue, DitherHold, Cap, ReplayPast, CopyStream, ScaleValues, Displace, Fabricate),
        *(FaultCode, SpikeValue, Silence, ClockBack, ClockRounded, ClockDrift, BackFill),
        SayCalibrating,
    )
}


@dataclass(frozen=True, kw_only=True)
class ReadingsTruth:
    """What was done to a file of readings and what should be found in which stream."""

    schema: str = "trueshaft.truth/1"
    source: str
    seed: int
    steps: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...] = field(default=())


def falsify(
    table: Table, steps: Sequence[Falsification], seed: int = 0
) -> tuple[dict[str, Readings], list[tuple[str, Event]]]:
    """The table with every step done in order, and (stream, event) of each.

    Raises TrueshaftError where a step names a stream or a stretch that is not there.
    """
    result = dict(table)
    first = min(float(np.nanmin(r.time)) for r in table.values())
    events = []
    for number, step in enumerate(steps):
        named = [step.stream, *([step.source] if isinstance(step, CopyStream) else [])]
        for name in named:
            if name not in result:
                known = ", ".join(sorted(result)[:8])
                raise TrueshaftError(f"there is no stream {name!r}", step.kind, f"use {known}")
        own = result[step.stream]
        start, end = first + step.start_s, first + step.start_s + step.seconds
        inside = (own.time >= start) & (own.time <= end)
        if not inside.any():
            where = f"{step.kind} on {step.stream}"
            raise TrueshaftError("no readings in the stretch", where, "choose another start")
        result[step.stream] = step.rows(own, inside, result, Seed(seed * 1000 + number))
        a, b = float(own.time[inside].min()) - first, float(own.time[inside].max()) - first
        event = Event(step.detector, step.kind, a, b, other=step.other(a, b))
        events.append((step.stream, event))
    return result, events


def write_readings(table: Table, path: Path) -> None:
    """Write a table as CSV: wide where all streams have the same times, else long."""
    streams = list(table)
    first = table[streams[0]].time
    same = all(np.array_equal(table[s].time, first) for s in streams)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if same:
            writer.writerow(["time", *streams])
            columns = [table[s].value for s in streams]
            for row, at in enumerate(first):
                writer.writerow([_iso(at), *(_cell(c[row]) for c in columns)])
            return
        writer.writerow(["time", "stream", "value"])
        rows = [
            (i, float(t), s, float(v))
            for s in streams
            for i, (t, v) in enumerate(zip(table[s].time, table[s].value, strict=True))
        ]
        for _, at, stream, value in sorted(rows, key=lambda r: (r[2], r[0])):
            writer.writerow([_iso(at), stream, _cell(value)])


def plain(step: Falsification) -> dict[str, Any]:
    """A step as it is written to the truth."""
    return {"kind": step.kind, **asdict(step)}


def _shown(source: Readings, at: F64, step: ReplayPast | CopyStream, seed: Seed) -> F64:
    known = np.isfinite(source.value)
    time, value = source.time[known], source.value[known]
    order = np.argsort(time, kind="stable")
    time, value = time[order], value[order]
    after = np.clip(np.searchsorted(time, at), 1, len(time) - 1)
    nearest = np.where(at - time[after - 1] <= time[after] - at, after - 1, after)
    shown = value[nearest] * step.factor + step.offset
    if step.noise:
        spread = float(np.std(value[nearest])) or 1.0
        shown = shown + step.noise * spread * seed.normal(len(at))
    return np.round(shown, _digits(value)) if step.noise or step.factor != 1 else shown


def _surrogate(value: F64, noise: F64) -> F64:
    """Gaussian noise (k,) with the spectrum of values (n,), of spread 1."""
    size = np.abs(np.fft.rfft(value - value.mean()))
    phase = np.exp(2j * np.pi * np.random.default_rng(int(abs(noise[0]) * 1e6)).random(len(size)))
    made = np.fft.irfft(size * phase, len(value))
    return np.resize(made / (float(made.std()) or 1.0), len(noise))


def _period(time: F64) -> float:
    return float(np.median(np.diff(time))) if len(time) > 1 else 0.0


def _digits(value: F64) -> int:
    """Decimals that readings have, at most 6."""
    some = value[:1000]
    return next((d for d in range(6) if np.allclose(some, np.round(some, d), atol=1e-9)), 6)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z") if at == at else ""


def _cell(value: float) -> str:
    return f"{value:.10g}" if value == value else ""
