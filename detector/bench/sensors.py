"""Recall, delay and false episodes of the detectors of readings, on falsified real readings.

`python -m detector.bench.sensors` injects every kind of falsification into every data set, one at
a time, runs the detectors that watch readings as an audit does, and what a user would otherwise
pick over the same readings, and prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector.bench.calibrations import calibrations
from detector.bench.falsify import falsify
from detector.bench.sensor_cases import Case, cases, is_lively, tables
from detector.bench.sensor_rivals import RIVALS, flagged, installed
from detector.bench.sensor_speed import speed
from detector.bench.sensor_tables import Clean, Result, clean_table, recall
from detector.bench.sensor_told import Claim, Told, covered, first_told
from detector.core.episode import Episode
from detector.core.observation import Readings
from detector.signals.series import Series, ordered, period

_INTRODUCTION = """\
Every kind of falsification injected into real readings at random places of the second half, one at
a time ({seeds} seeds a data set; "tuned on": methane_longwall, skab_anomaly_free,
batadal_normal_year; "reported on": air_quality_co without its fault codes, transformer_load), no
site configured. Found: an episode of the right kind, or of a kind that says the same, over at least
30 % of the stretch; delay: readings from the start of the falsification to the moment from which an
audit of the readings up to then finds it, to a thirty-second of the stretch (or, where it is found
only later, of what follows). Beside: what a user would otherwise pick, over the same streams, each
told which half of the stream is clean, its limits half as much again as the most extreme there, and
given credit for whatever it flags over 30 % of the stretch: ioos_qc (gross range, spike, rate of
change, flat line, time gap), saqc (range, constants, local outlier factor, missing), pyod (nearest
neighbours of what windows of 60 readings look like), stumpy (matrix profile of 60 readings, its
discords and repeats). Streams with few values are spared them. Delays are of the first seed only.
"""


def section(folder: Path, first_seed: int, seeds: int, with_speed: bool = True) -> str:
    """The part "Readings" of BENCHMARKS.md, measured on the data sets in a folder."""
    told = _measured(folder, range(first_seed, first_seed + seeds), installed(), delays=True)
    parts = ["## Readings", "", _INTRODUCTION.format(seeds=seeds), *told]
    parts += ["", calibrations(first_seed, seeds)]
    return "\n".join([*parts, *(["", speed()] if with_speed else [])]) + "\n"


def judged(
    case: Case,
    table: dict[str, Readings],
    clean: Sequence[Episode],
    told: Told,
    rivals: Sequence[str] = (),
    delays: bool = False,
) -> Result:
    """Falsify, run and compare with what is found in the clean table anyway."""
    falsified, events = falsify(table, [case.step], seed=3)
    (_, event) = events[0]
    first = min(float(np.nanmin(r.time)) for r in table.values())
    claim = Claim(event.detector, case.step.stream, first + event.start_s, first + event.end_s)
    known = {(e.detector, e.stream, round(e.start)) for e in clean}
    slack = 0.05 * (claim.end - claim.start) + 3600.0
    by: set[str] = set()
    false = 0
    for e in told.episodes(falsified):
        if claim.met_by(e):
            by.add(e.detector)
        elif min(e.end, claim.end + slack) < max(e.start, claim.start - slack):
            false += (e.detector, e.stream, round(e.start)) not in known
    delay = first_told(claim, falsified, by & claim.right, told) if delays else float("nan")
    return Result(
        case,
        found=bool(by & claim.right),
        named=event.detector in by,
        false=false,
        delay=delay / period(ordered(table[claim.stream])),
        rivals=frozenset(r for r in rivals if _found_by(r, claim, falsified, table)),
    )


def _found_by(
    rival: str, claim: Claim, falsified: dict[str, Readings], table: dict[str, Readings]
) -> bool:
    series = ordered(falsified[claim.stream])
    return covered(claim, flagged(rival, series, _history(table[claim.stream])))


def _history(readings: Readings) -> Series:
    """The first half of a stream."""
    series = ordered(readings)
    return series.between(series.time[0], (series.time[0] + series.time[-1]) / 2)


def _false(rival: str, table: dict[str, Readings]) -> int:
    """Episodes of a rival in clean readings; states are spared."""
    lively = [r for r in table.values() if is_lively(r)]
    return sum(len(flagged(rival, ordered(r), _history(r))) for r in lively)


def _measured(
    folder: Path,
    seeds: range,
    rivals: Sequence[str],
    delays: bool = False,
    only: Sequence[str] = (),
    kinds: Sequence[str] = (),
    told: bool = False,
) -> list[str]:
    """Lines of Markdown: false episodes per data set, recall per falsification, misses."""
    results: list[Result] = []
    cleans: list[Clean] = []
    for data, table in tables(folder).items():
        if only and data not in only:
            continue
        known = Told()
        clean = known.episodes(table)
        days = sum(float(np.ptp(r.time)) for r in table.values()) / 86400
        by = Counter(e.detector for e in clean)
        false = {r: _false(r, table) for r in rivals}
        usual = float(np.median([period(ordered(r)) for r in table.values()]))
        cleans.append(Clean(data, days, usual, by, false))
        sys.stderr.write(f"{data}: {len(clean)} in clean data {dict(by)}, rivals {false}\n")
        for e in clean if told else ():
            figures = e.evidence.figures if e.evidence else ""
            sys.stderr.write(f"{e.detector} {e.stream} {e.end - e.start:.0f} s {e.peak:.2f}")
            sys.stderr.write(f" {figures}\n")
        results += [
            judged(case, table, clean, known, rivals, delays and seed == seeds[0])
            for seed in seeds
            for case in cases(data, table, seed, kinds)
        ]
    missing = [r for r in RIVALS if r not in rivals]
    lacks = [f"Not installed, and so not measured: {', '.join(missing)}.", ""] if missing else []
    return [*lacks, *clean_table(cleans, rivals), "", *recall(results, rivals)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m detector.bench.sensors", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0, help="of the places, to try others")
    parser.add_argument("--only", default="", help="only these data sets")
    parser.add_argument("--kinds", default="", help="only these falsifications")
    parser.add_argument("--told", action="store_true", help="print what is found in clean data")
    parser.add_argument("--rivals", action="store_true", help="run those that are installed too")
    parser.add_argument("--delays", action="store_true", help="measure delays too")
    parser.add_argument("--speed", action="store_true", help="only how long the detectors take")
    options = parser.parse_args(arguments)
    root = Path(os.environ.get("TRUESHAFT_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if options.speed:
        sys.stdout.write(speed() + "\n")
        return 0
    only, kinds = (
        [name for name in text.split(",") if name] for text in (options.only, options.kinds)
    )
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    rivals = installed() if options.rivals else []
    lines = _measured(root / "sensor", seeds, rivals, options.delays, only, kinds, options.told)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
