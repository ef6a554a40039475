"""`python -m detector.bench`: measures accuracy and speed, and writes BENCHMARKS.md."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import joblib
from rich.console import Console

from detector.bench import sensors, tables
from detector.bench.attacks import attacks
from detector.bench.live import measured_live
from detector.bench.making import Pool, make, pooled
from detector.bench.markdown import target_table
from detector.bench.misses import figures, misses
from detector.bench.negatives import negatives
from detector.bench.running import AUDIT, COARSE, MODES, Outcome, outcomes
from detector.bench.scenarios import GROUPS, Scenario
from detector.bench.speed import measured_speed
from detector.core.errors import TrueshaftError
from detector.edge.cache import default_folder

_PARTS = ("speed", "sensors", "live")
CHECKOUT = Path(__file__).resolve().parents[2]
_INTRODUCTION = """\
# Benchmarks

Written by `make bench`; do not edit. Measured on {machine}. What was to be reached is named beside
what was; on tampered and untouched recordings made by the tamper kit from real fixed cameras and
rendered scenes. Parameters may be tuned on one half of the scenes; the other half is only
reported on. The audit is run by its command, over folders that never hold two variants of one
scene unless copies are meant; `ffmpeg` filters and PDQ frame matching are run over the same files.

- found: right detector, right recording, at least half of the tampered stretch covered; for copies
  and replays the right other recording and the lag within 1 s.
- start off, end off: absolute error of the found ends, median / worst.
- delay: footage seconds from the start of the tampering until the threshold is crossed.
- other name: further episodes inside a tampered stretch, by another detector: true, but not counted
  as found. False episodes: all that nothing explains.
- audit: as it is by default; audit, coarse: only key frames everywhere and chosen stretches in
  full, as with long recordings (here all recordings are short).
- freezedetect: `ffmpeg -vf freezedetect` as it is, tuned: `n=0.003:d=5`; blackdetect as it is;
  PDQ: a frame a second, distance of at most 31 for at least 4 s in a row at one lag.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; returns the exit status: 2 for wrong usage or no footage."""
    options = _parser().parse_args(arguments)
    try:
        return _measure(options)
    except TrueshaftError as error:
        sys.stderr.write(f"bench: {error.where}: {error.what}\n  {error.todo}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m detector.bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"of {', '.join((*GROUPS, *_PARTS))}")
    parser.add_argument("--split", choices=("tune", "report", "all"), default="all")
    parser.add_argument("--quick", action="store_true", help="a small part, in two minutes")
    parser.add_argument("--coarse", action="store_true", help="only with coarse decoding")
    parser.add_argument("--thorough", action="store_true", help="only with thorough decoding")
    parser.add_argument("--default", action="store_true", help="only as audits are by default")
    parser.add_argument("--scenes", default="", help="only these scenes")
    parser.add_argument("--work", type=Path, help="folder of what is made [default: cache]")
    parser.add_argument("--seed", type=int, default=0, help="of where readings are falsified")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--out", type=Path, help="write the tables there [BENCHMARKS.md if whole]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser


def _measure(options: argparse.Namespace) -> int:
    console = Console(stderr=True)
    footage, work = _footage(), options.work or default_folder() / "bench"
    work.mkdir(parents=True, exist_ok=True)
    only = tuple(word for word in options.only.split(",") if word)
    unknown = set(only) - {*GROUPS, *_PARTS}
    if unknown:
        raise TrueshaftError(f"not known: {', '.join(sorted(unknown))}", "--only", "see --help")
    modes = _modes(options)
    pools = pooled(_chosen(options, only))
    results = tables.Results(_outcomes(pools, footage, work, modes, options.jobs, console), modes)
    parts = [_INTRODUCTION.format(machine=f"{os.cpu_count()} cores").rstrip()]
    reached = tables.targets(results) if results.outcomes else []
    speed = None
    if "speed" in only or not (only or options.quick or options.scenes):
        speed = measured_speed(footage, work, console)
        reached += speed.targets()
    live = None
    if "live" in only or not (only or options.quick or options.scenes):
        live = measured_live(work, console)
        reached += live.targets()
    parts += ["## Reached and not reached", target_table(reached)]
    parts += [tables.accuracy(results)] if results.outcomes else []
    parts += [speed.text()] if speed else []
    parts += [live.text()] if live else []
    parts += [misses(results)] if results.outcomes else []
    if "sensors" in only or not (only or options.quick or options.scenes):
        parts.append(sensors.section(footage.parent / "sensor", options.seed, 4).rstrip())
    text = "\n\n".join(parts) + "\n"
    whole = not (only or options.quick or options.scenes) and options.split == "all"
    _written(text, options.out or (CHECKOUT / "BENCHMARKS.md" if whole else None))
    if options.json:
        told = {"targets": [asdict(target) for target in reached], **figures(results)}
        options.json.write_text(json.dumps(told, indent=1))
    return 0


def _footage() -> Path:
    named = os.environ.get("TRUESHAFT_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if not (folder / "video").is_dir():
        raise TrueshaftError("there is no footage", str(folder), "set TRUESHAFT_DATA")
    return folder / "video"


def _modes(options: argparse.Namespace) -> list[str]:
    asked = {AUDIT: options.default, COARSE: options.coarse, "audit, thorough": options.thorough}
    chosen = [mode for mode in MODES if asked[mode]]
    return chosen or ([AUDIT] if options.quick else [AUDIT, COARSE])


def _chosen(options: argparse.Namespace, only: tuple[str, ...]) -> list[Scenario]:
    scenes = tuple(word for word in options.scenes.split(",") if word)
    return [
        scenario
        for scenario in (*attacks(), *negatives())
        if (not only or scenario.group in only)
        and options.split in ("all", scenario.split)
        and (scenario.quick or not options.quick)
        and (not scenes or scenario.scene in scenes)
    ]


def _outcomes(
    pools: Sequence[Pool],
    footage: Path,
    work: Path,
    modes: Sequence[str],
    jobs: int,
    console: Console,
) -> list[Outcome]:
    console.print(f"{sum(len(pool.scenarios) for pool in pools)} scenarios in {len(pools)} folders")
    make([recipe for pool in pools for recipe in pool.recipes], footage, work, jobs)
    told: list[Outcome] = []
    runs = joblib.Parallel(n_jobs=jobs, prefer="threads", return_as="generator")(
        joblib.delayed(outcomes)(pool, footage, work, modes) for pool in pools
    )
    for number, (pool, found) in enumerate(zip(pools, runs, strict=True), 1):
        told += found
        missed = sum(not v.recalled for v in found[0].judgement.verdicts)
        false = len(found[0].judgement.false)
        note = f"{len(found[0].judgement.verdicts)} to find, {missed} missed, {false} false"
        console.print(f"{number}/{len(pools)} {pool.name}: {note} {found[0].answers.failed}")
    return told


def _written(text: str, path: Path | None) -> None:
    if path is None:
        sys.stdout.write(text)
    else:
        path.write_text(text)


if __name__ == "__main__":
    sys.exit(main())
