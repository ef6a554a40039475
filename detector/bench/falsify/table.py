"""Tables of readings falsified, and written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from detector.bench.clip import Event
from detector.bench.falsify.arrivals import BackFill, ClockBack, ClockDrift, ClockRounded, Silence
from detector.bench.falsify.falsification import Falsification, Seed, Table
from detector.bench.falsify.made_up import Fabricate
from detector.bench.falsify.showings import CopyStream, ReplayPast
from detector.bench.falsify.values import (
    Cap,
    Displace,
    DitherHold,
    FaultCode,
    HoldValue,
    SayCalibrating,
    ScaleValues,
    SpikeValue,
)
from detector.core.errors import TrueshaftError
from detector.core.observation import Readings

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


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z") if at == at else ""


def _cell(value: float) -> str:
    return f"{value:.10g}" if value == value else ""
