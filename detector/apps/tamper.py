"""`trueshaft tamper`: makes tampered footage and readings with ground truth."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from detector.bench.clip import Event
from detector.bench.encoding import Encoding
from detector.bench.falsify import (
    Falsification,
    ReadingsTruth,
    Table,
    falsify,
    plain,
    write_readings,
)
from detector.bench.footage import read_footage
from detector.bench.mine import mine
from detector.bench.parsing import (
    is_scene,
    parsed_falsification,
    parsed_mine,
    parsed_scene,
    parsed_step,
)
from detector.bench.tamper import tamper
from detector.bench.truth import Truth, truth_path
from detector.core.errors import TrueshaftError
from detector.edge.readings import read_readings


def tamper_command(
    source: Path,
    target: Path,
    how: list[str],
    seed: int,
    codec: str,
    bitrate_kbps: int | None,
    crf: int | None,
    gop: int,
    fps: float | None,
    size: str | None,
) -> Truth:
    """Writes `source`, changed by the steps `how`, to `target` and its truth beside it.

    `source` is a recording or a rendered scene (`scene:hoist,seconds=60`). Each of `how` is
    `KIND:KEY=VALUE,KEY=VALUE`; they apply in order.
    Raises TrueshaftError for steps and options not understood and for footage that cannot be read.
    """
    steps = [parsed_step(text) for text in how]
    encoding = _encoding(
        codec=codec, bitrate_kbps=bitrate_kbps, crf=crf, gop=gop, fps=fps, size=size
    )
    if target.suffix == "":
        raise TrueshaftError("the output has no suffix", str(target), "name it like out.mp4")
    if is_scene(str(source)):
        return tamper(parsed_scene(str(source)), target, steps, encoding, seed)
    if source.exists() and target.exists() and source.samefile(target):
        raise TrueshaftError("input and output are one file", str(target), "name another output")
    return tamper(read_footage(source), target, steps, encoding, seed)


def tamper_readings(source: Path, target: Path, how: list[str], seed: int) -> ReadingsTruth:
    """Writes the readings `source`, falsified by the steps `how`, to `target`, its truth beside it.

    Raises TrueshaftError for steps not understood and for readings that cannot be read.
    """
    steps = [parsed_falsification(text) for text in how]
    file = read_readings(source)
    if not file.streams:
        raise TrueshaftError("; ".join(file.reasons), str(source), "name a CSV of readings")
    if target.exists() and source.samefile(target):
        raise TrueshaftError("input and output are one file", str(target), "name another output")
    return _written(file.streams, steps, target, seed, source.name)


def tamper_mine(source: str, target: Path, how: list[str], seed: int) -> ReadingsTruth:
    """Writes the readings of a simulated mine (`mine:status=stopped,story=fake-shaft`), falsified
    by the steps `how`, to `target`; its truth and its site (`.toml`) beside it.

    Raises TrueshaftError for mines and steps not understood.
    """
    made = mine(parsed_mine(source))
    if target.suffix.lower() != ".csv":
        raise TrueshaftError("a mine gives readings", str(target), "name it like out.csv")
    steps = [parsed_falsification(text) for text in how]
    truth = _written(made.readings, steps, target, seed, source, made.events)
    target.with_suffix(".toml").write_text(made.site, "utf-8")
    return truth


def _written(
    table: Table,
    steps: Sequence[Falsification],
    target: Path,
    seed: int,
    source: str,
    known: Sequence[tuple[str, Event]] = (),
) -> ReadingsTruth:
    falsified, events = falsify(table, steps, seed)
    write_readings(falsified, target)
    told = tuple({"stream": stream, **asdict(event)} for stream, event in (*known, *events))
    truth = ReadingsTruth(
        source=source, seed=seed, steps=tuple(plain(s) for s in steps), events=told
    )
    truth_path(target).write_bytes(TypeAdapter(ReadingsTruth).dump_json(truth, indent=1) + b"\n")
    return truth


def _encoding(**options: Any) -> Encoding:
    try:
        return Encoding(**options)
    except ValidationError as error:
        first = error.errors()[0]
        name = "--" + ".".join(str(part) for part in first["loc"]).replace("_", "-")
        raise TrueshaftError(f"{first['msg']}", name, "see trueshaft tamper --help") from error
