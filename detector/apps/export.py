"""`trueshaft export`: what the store and the ledger hold, as CSV or JSON."""

from __future__ import annotations

import csv
import itertools
import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from detector.apps.serve.desks import Desks
from detector.apps.serve.store import opened
from detector.apps.serve.telling import iso
from detector.apps.serve.view import View
from detector.core.errors import UsageError
from detector.detectors import CATALOGUE
from detector.edge.series import Key, Series, StoreUnavailable

What = Literal["readings", "scores", "episodes", "alerts"]
Row = dict[str, Any]
#: Columns of each kind in CSV; JSON has whole documents of episodes and alerts.
_COLUMNS = {
    "readings": ("time", "mine", "stream", "value"),
    "scores": ("time", "mine", "stream", "detector", "value", "since"),
    "episodes": (
        *("id", "mine", "stream", "detector", "start", "end", "closed", "peak", "unit"),
        *("severity", "summary"),
    ),
    "alerts": (
        *("id", "mine", "shaft", "state", "severity", "opened", "updated", "closed"),
        *("disposition", "title", "summary"),
    ),
}
#: Seconds that are read at once.
_STEP_S = 30 * 86400.0


def export_command(
    config: Path | None,
    stream: str | None,
    mine: str | None,
    kind: What,
    start: str | None,
    end: str | None,
    form: Literal["csv", "json"],
) -> int:
    """Print what was asked for; returns how many rows. UsageError, ConfigError."""
    out = sys.stdout
    desks = Desks(config)
    span = _time(start, "--start", -math.inf), _time(end, "--end", math.inf)
    try:
        if kind == "alerts":
            return _written(_alerts(desks, stream, mine, span), kind, form, out)
        series = opened(desks)
        try:
            return _written(_rows(series, kind, stream, mine, span), kind, form, out)
        finally:
            series.close()
    except StoreUnavailable as error:
        raise UsageError(f"the store cannot be read: {error}", str(config or "")) from error


def _rows(
    series: Series, kind: What, stream: str | None, mine: str | None, span: tuple[float, float]
) -> Iterator[Row]:
    if kind == "episodes":
        for code, row in series.episodes(mine, *span):
            if stream in (None, row.stream):
                told = {k: v for k, v in asdict(row).items() if k != "document"}
                told |= {"start": iso(row.start), "end": iso(row.end), "mine": code}
                more = {k: row.document.get(k) for k in ("unit", "severity", "summary")}
                yield told | more | {"document": row.document}
        return
    if stream is None:
        raise UsageError("the stream is missing", "--stream", "name one")
    states = [s for s in series.streams() if s.stream == stream and mine in (None, s.mine)]
    if not states:
        raise UsageError("there is no such stream", f"--stream {stream}", "see /api/v1/streams")
    for state in states:
        first, last = max(span[0], state.first), min(span[1], state.last + 1e-3)
        key = Key(state.mine, stream)
        while first < last:
            until = min(first + _STEP_S, last)
            yield from _samples(series, kind, key, first, until)
            first = until


def _samples(series: Series, kind: What, key: Key, start: float, end: float) -> Iterator[Row]:
    named = {"mine": key.mine, "stream": key.stream}
    if kind == "readings":
        found = series.readings(key, start, end)
        for time, value in zip(found.time.tolist(), found.value.tolist(), strict=True):
            yield {"time": _precise(time), **named, "value": _number(value)}
        return
    for detector in CATALOGUE:
        scores = series.scores(key.mine, detector, key.stream, start, end)
        columns = (scores.time.tolist(), scores.value.tolist(), scores.since.tolist())
        for time, value, since in zip(*columns, strict=True):
            told = {"time": _precise(time), **named, "detector": detector}
            yield told | {"value": _number(value), "since": _precise(since)}


def _alerts(
    desks: Desks, stream: str | None, mine: str | None, span: tuple[float, float]
) -> Iterator[Row]:
    path = desks.folder / "ledger.jsonl"
    if not path.exists():
        return
    view = View(path)
    try:
        for alert in view.alerts():
            streams = {e["stream"] for e in alert["episodes"]}
            opened_at = datetime.fromisoformat(alert["opened"]).timestamp()
            inside = span[0] <= opened_at < span[1]
            if inside and mine in (None, alert["mine"]) and (not stream or stream in streams):
                yield {**alert, "document": alert}
    finally:
        view.close()


def _written(rows: Iterator[Row], kind: What, form: str, out: TextIO) -> int:
    number = 0
    if form == "csv":
        writer = csv.DictWriter(out, _COLUMNS[kind], extrasaction="ignore", lineterminator="\n")
        first = next(rows, None)  # tells what is wrong before anything is written
        writer.writeheader()
        for row in itertools.chain([first] if first else [], rows):
            writer.writerow({k: _cell(v) for k, v in row.items()})
            number += 1
        return number
    for row in rows:
        told: Mapping[str, Any] = row.get("document", row)
        out.write("[\n" if not number else ",\n")
        out.write(json.dumps(told, ensure_ascii=False, sort_keys=True))
        number += 1
    out.write("\n]\n" if number else "[]\n")
    return number


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _precise(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


def _time(text: str | None, option: str, otherwise: float) -> float:
    if text is None:
        return otherwise
    try:
        try:
            return float(text)
        except ValueError:
            known = datetime.fromisoformat(text)
            return (known if known.tzinfo else known.replace(tzinfo=UTC)).timestamp()
    except ValueError as error:
        todo = "give ISO 8601 or Unix seconds"
        raise UsageError("it is no time", f"{option} {text}", todo) from error
