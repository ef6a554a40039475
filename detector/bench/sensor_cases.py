"""Cases of falsified readings: every kind of falsification, at places chosen by a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.bench.falsify import (
    BackFill,
    Cap,
    ClockBack,
    ClockDrift,
    ClockRounded,
    CopyStream,
    Displace,
    DitherHold,
    Fabricate,
    Falsification,
    FaultCode,
    HoldValue,
    ReplayPast,
    ScaleValues,
    Silence,
    SpikeValue,
)
from detector.core.observation import Readings
from detector.edge.readings import read_readings
from detector.signals.runs import runs
from detector.signals.series import ordered

#: Data sets that parameters may be tuned on; all others are only reported on.
TUNED = ("methane_longwall", "skab_anomaly_free", "batadal_normal_year")
#: Columns that are labels, not readings.
_LABELS = frozenset({"anomaly", "changepoint", "ATT_FLAG"})
#: Files whose own incidents are known: not clean.
_NOT_CLEAN = ("batadal_attacked", "skab_valve1", "nab_")


@dataclass(frozen=True)
class Case:
    """One falsification of one data set."""

    data: str
    name: str
    step: Falsification


@dataclass(frozen=True)
class _Place:
    """Where a falsification goes: a stream, a stretch of it, another stream, and their measures."""

    stream: str
    start_s: float
    seconds: float
    period_s: float
    span_s: float
    spread: float
    longest_s: float
    source: str
    values: NDArray[np.float64]

    def made(self, kind: type[Falsification], **more: object) -> Falsification:
        """A falsification of this stretch."""
        return kind(stream=self.stream, start_s=self.start_s, seconds=self.seconds, **more)

    def limit(self, part: float) -> float:
        """The level below which this part of the stretch lies."""
        return float(np.quantile(self.values, part))

    def capped(self, part: float, squeeze: bool = False) -> Falsification | None:
        """Nothing above the level below which this part lies; None where nothing is."""
        limit = self.limit(part)
        above = bool((self.values > limit).any())
        return self.made(Cap, limit=limit, squeeze=squeeze) if above else None

    def held(self) -> Falsification | None:
        """The value held for far longer than it ever was; None where there is no room."""
        seconds = max(self.seconds, 2.5 * self.longest_s)
        if seconds > 0.3 * self.span_s:
            return None
        start = min(self.start_s, self.span_s - seconds)
        return HoldValue(stream=self.stream, start_s=start, seconds=seconds)

    def dithered(self) -> Falsification | None:
        """As held, but for one step of the resolution."""
        held = self.held()
        return held and DitherHold(stream=held.stream, start_s=held.start_s, seconds=held.seconds)

    def copied(self, **more: float) -> Falsification | None:
        """Another stream copied; None where there is none."""
        return self.made(CopyStream, source=self.source, **more) if self.source else None

    def replayed(self, **more: float) -> Falsification:
        """The past of about 0.4 of the whole span before."""
        lag = round(0.4 * self.span_s / self.period_s) * self.period_s
        return self.made(ReplayPast, lag_s=lag, **more)


STEPS: dict[str, Callable[[_Place], Falsification | None]] = {
    "stuck": lambda p: p.held(),
    "fault code": lambda p: replace(p, seconds=5 * p.period_s).made(FaultCode),
    "spike": lambda p: replace(p, seconds=p.period_s).made(SpikeValue),
    "silence": lambda p: p.made(Silence),
    "clock": lambda p: p.made(ClockBack, back_s=20 * p.period_s),
    "capped": lambda p: p.capped(0.6),
    "squeezed": lambda p: p.capped(0.7, squeeze=True),
    "copy": lambda p: p.copied(),
    "copy noisy": lambda p: p.copied(noise=0.1),
    "copy lagged": lambda p: p.copied(lag_s=10 * p.period_s, factor=1.3, offset=0.2 * p.spread),
    "replay": lambda p: p.replayed(),
    "replay noisy": lambda p: p.replayed(noise=0.1),
    "replay scaled": lambda p: p.replayed(factor=1.2),
    "scaled": lambda p: replace(p, seconds=p.span_s).made(ScaleValues, factor=0.6),
    "fabricated template": lambda p: p.made(Fabricate, form="template"),
    "fabricated sine": lambda p: p.made(Fabricate, form="sine"),
    "fabricated noise": lambda p: p.made(Fabricate, form="noise"),
    "fabricated spectrum": lambda p: p.made(Fabricate, form="spectrum"),
    "fabricated periodic": lambda p: p.made(Fabricate, form="periodic"),
    "displaced": lambda p: p.made(Displace),
    "displaced elsewhere": lambda p: p.made(Displace, clean=False),
    "dithered": lambda p: p.dithered(),
    "clock rounded": lambda p: p.made(ClockRounded, unit_s=20 * p.period_s),
    "clock drifting": lambda p: p.made(ClockDrift),
    "back-filled": lambda p: p.made(BackFill),
}


def cases(
    data: str, table: dict[str, Readings], seed: int, kinds: Sequence[str] = ()
) -> Iterator[Case]:
    """One case per kind of falsification (or of these), each at a place chosen by the seed."""
    rng = np.random.default_rng([seed, sum(data.encode())])
    lively = [s for s in table if is_lively(table[s])]
    for name, make in STEPS.items():
        place = _place(table, lively, rng) if lively else None
        step = make(place) if place is not None else None
        if step is not None and (not kinds or name in kinds):
            yield Case(data, name, step)


def _place(
    table: dict[str, Readings], lively: Sequence[str], rng: np.random.Generator
) -> _Place | None:
    """A stretch in the second half of a stream in which something happens."""
    first = min(float(np.nanmin(r.time)) for r in table.values())
    for _ in range(20):
        stream = str(rng.choice(lively))
        series = ordered(table[stream])
        span, period = float(series.time[-1]) - first, float(np.median(np.diff(series.time)))
        seconds, start = max(120 * period, 0.05 * span), float(rng.uniform(0.55, 0.9)) * span
        inside = series.between(first + start, first + start + seconds)
        spread = float(np.std(series.value))
        others = [s for s in lively if s != stream]
        if len(inside) < 30 or np.std(inside.value) < 0.1 * spread:
            continue
        longest = max((b - a + 1 for a, b in runs(np.diff(series.value) == 0)), default=0)
        source = str(rng.choice(others)) if others else ""
        return _Place(
            *(stream, float(inside.time[0]) - first, seconds, period, span, spread),
            *(longest * period, source, inside.value),
        )
    return None


def is_lively(readings: Readings) -> bool:
    """Whether a stream has enough readings and different values to falsify."""
    known = readings.value[np.isfinite(readings.value)]
    return len(known) >= 600 and len(np.unique(known)) >= 12


def tables(folder: Path) -> dict[str, dict[str, Readings]]:
    """The data sets that are clean by name, without labels and faults known of themselves."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        if path.stem.startswith(_NOT_CLEAN):
            continue
        streams = read_readings(path).streams
        table = {s: r for s, r in streams.items() if s not in _LABELS}
        found[path.stem] = _clean_part(path.stem, table)
    return found


def _clean_part(data: str, table: dict[str, Readings]) -> dict[str, Readings]:
    """The data set without the faults it is known to have of itself."""
    if data != "air_quality_co":
        return table
    return {
        s: replace(r, time=r.time[r.value != -200], value=r.value[r.value != -200])
        for s, r in table.items()
        if (r.value == -200).mean() < 0.5
    }
