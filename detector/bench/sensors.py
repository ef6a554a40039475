"""Recall and false episodes of the detectors of readings, on falsified real readings.

`python -m detector.bench.sensors` injects every kind of falsification into every data set, one at
a time, runs the detectors that watch readings as an audit does, and prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
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
    falsify,
)
from detector.bench.sensor_speed import speed
from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.detectors import ACROSS, CATALOGUE, VIDEO
from detector.edge.readings import read_readings
from detector.pipeline import Pipeline, Watch
from detector.signals.runs import runs
from detector.signals.series import ordered

_INTRODUCTION = """\
Every kind of falsification injected into real readings at random places of the second half, one at
a time ({seeds} seeds a data set; "tuned on": methane_longwall, skab_anomaly_free,
batadal_normal_year; "reported on": air_quality_co without its fault codes, transformer_load), no
site configured. Found: an episode of the right kind, or of a kind that says the same, over at least
30 % of the stretch.
"""
#: Data sets that parameters may be tuned on; all others are only reported on.
TUNED = ("methane_longwall", "skab_anomaly_free", "batadal_normal_year")
#: Columns that are labels, not readings.
_LABELS = frozenset({"anomaly", "changepoint", "ATT_FLAG"})
#: Files whose own incidents are known: not clean.
_NOT_CLEAN = ("batadal_attacked", "skab_valve1", "nab_")
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


@dataclass(frozen=True)
class Case:
    """One falsification of one data set."""

    data: str
    name: str
    step: Falsification


@dataclass(frozen=True)
class Result:
    """What came of a case: the right detector or another one found it, and what was false."""

    case: Case
    found: bool
    named: bool
    false: int
    delay_s: float


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


_STEPS: dict[str, Callable[[_Place], Falsification | None]] = {
    "stuck": lambda p: p.held(),
    "fault code": lambda p: replace(p, seconds=5 * p.period_s).made(FaultCode),
    "spike": lambda p: replace(p, seconds=p.period_s).made(SpikeValue),
    "silence": lambda p: p.made(Silence),
    "clock": lambda p: p.made(ClockBack, back_s=20 * p.period_s),
    "capped": lambda p: p.made(Cap, limit=p.limit(0.6)),
    "squeezed": lambda p: p.made(Cap, limit=p.limit(0.7), squeeze=True),
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


def cases(data: str, table: dict[str, Readings], seed: int) -> Iterator[Case]:
    """One case per kind of falsification, each at a place chosen by the seed."""
    rng = np.random.default_rng([seed, sum(data.encode())])
    lively = [s for s in table if _lively(table[s])]
    for name, make in _STEPS.items():
        place = _place(table, lively, rng) if lively else None
        step = make(place) if place is not None else None
        if step is not None:
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


def _lively(readings: Readings) -> bool:
    """Whether a stream has enough readings and different values to falsify."""
    known = readings.value[np.isfinite(readings.value)]
    return len(known) >= 600 and len(np.unique(known)) >= 12


def judged(case: Case, table: dict[str, Readings], clean: Sequence[Episode], told: Told) -> Result:
    """Falsify, run and compare with what is found in the clean table anyway."""
    falsified, events = falsify(table, [case.step], seed=3)
    (_, event) = events[0]
    first = min(float(np.nanmin(r.time)) for r in table.values())
    start, end = first + event.start_s, first + event.end_s
    right = {event.detector, *_ALSO.get(event.detector, ())}
    found = named = False
    false = 0
    delay = float("nan")
    known = {(e.detector, e.stream, round(e.start)) for e in clean}
    slack = 0.05 * (end - start) + 3600.0
    for e in told.episodes(falsified):
        own = e.stream == case.step.stream
        other = e.evidence is not None and e.evidence.other is not None
        mine = own or (other and e.evidence.other.stream == case.step.stream)  # type: ignore[union-attr]
        shared = min(e.end, end) - max(e.start, start)
        touches = shared >= -max(1.0, 0.02 * (end - start))
        enough = event.detector in _INSTANTS or shared >= 0.3 * (end - start) - 1.0
        if mine and touches and enough:
            found = found or e.detector in right
            named = named or e.detector == event.detector
            delay = np.fmin(delay, max(e.start - start, 0.0))
        elif not (min(e.end, end + slack) >= max(e.start, start - slack)):
            false += (e.detector, e.stream, round(e.start)) not in known
    return Result(case, found, named, false, float(delay))


def tables(folder: Path) -> dict[str, dict[str, Readings]]:
    """The data sets by name, without their labels."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        streams = read_readings(path).streams
        found[path.stem] = {s: r for s, r in streams.items() if s not in _LABELS}
    return found


def clean_part(data: str, table: dict[str, Readings]) -> dict[str, Readings]:
    """The data set without the faults it is known to have of itself."""
    if data != "air_quality_co":
        return table
    return {
        s: replace(r, time=r.time[r.value != -200], value=r.value[r.value != -200])
        for s, r in table.items()
        if (r.value == -200).mean() < 0.5
    }


def section(folder: Path, first_seed: int, seeds: int, with_speed: bool = True) -> str:
    """The part "Readings" of BENCHMARKS.md, measured on the data sets in a folder."""
    told = _measured(folder, range(first_seed, first_seed + seeds))
    parts = ["## Readings", "", _INTRODUCTION.format(seeds=seeds), *told]
    return "\n".join([*parts, *(["", speed()] if with_speed else [])]) + "\n"


def _measured(
    folder: Path, seeds: range, only: Sequence[str] = (), told: bool = False
) -> list[str]:
    """Lines of Markdown: false episodes per data set, recall per falsification, misses."""
    results: list[Result] = []
    lines = ["| data | stream-days | false episodes | by |", "| --- | ---: | ---: | --- |"]
    for data, raw in tables(folder).items():
        if data.startswith(_NOT_CLEAN) or (only and data not in only):
            continue
        table, known = clean_part(data, raw), Told()
        clean = known.episodes(table)
        days = sum(float(np.ptp(r.time)) for r in table.values()) / 86400
        by = ", ".join(f"{n} {c}" for n, c in sorted(Counter(e.detector for e in clean).items()))
        lines.append(f"| {data} | {days:.0f} | {len(clean)} | {by} |")
        sys.stderr.write(f"{data}: {len(clean)} in clean data {by}\n")
        for e in clean if told else ():
            figures = e.evidence.figures if e.evidence else ""
            sys.stderr.write(f"{e.detector} {e.stream} {e.end - e.start:.0f} s {e.peak:.2f}")
            sys.stderr.write(f" {figures}\n")
        for seed in seeds:
            results += [judged(case, table, clean, known) for case in cases(data, table, seed)]
    return [*lines, "", *recall(results)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m detector.bench.sensors", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0, help="of the places, to try others")
    parser.add_argument("--only", default="", help="only these data sets")
    parser.add_argument("--told", action="store_true", help="print what is found in clean data")
    parser.add_argument("--speed", action="store_true", help="only how long the detectors take")
    options = parser.parse_args(arguments)
    root = Path(os.environ.get("TRUESHAFT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if options.speed:
        sys.stdout.write(speed() + "\n")
        return 0
    only = [name for name in options.only.split(",") if name]
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    lines = _measured(root / "sensor", seeds, only, options.told)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def recall(results: Sequence[Result]) -> list[str]:
    """The table of recall per falsification, tuned and only reported on."""
    by: dict[str, dict[bool, list[Result]]] = defaultdict(lambda: {True: [], False: []})
    for result in results:
        by[result.case.name][result.case.data in TUNED].append(result)
    lines = [
        "| falsification | reported on | by its name | tuned on | by its name | further false |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in _STEPS:
        told = []
        for tuned in (False, True):
            some = by[name][tuned]
            told.append(f"{sum(r.found for r in some)} of {len(some)}")
            told.append(f"{sum(r.named for r in some)}")
        false = sum(r.false for part in by[name].values() for r in part)
        lines.append(f"| {name} | {' | '.join(told)} | {false} |")
    missed = [f"{r.case.data} {r.case.step}" for r in results if not r.found]
    return [*lines, "", "Missed:", "", *(f"- {m}" for m in missed)]


if __name__ == "__main__":
    sys.exit(main())
