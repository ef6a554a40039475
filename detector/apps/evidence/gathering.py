"""What belongs to an alert: readings, scores, pictures, configuration, and the ledger's entries."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import numpy as np

from detector import __version__
from detector.apps.audit.verdicts import timed
from detector.apps.report import schema
from detector.apps.serve.desks import Desk
from detector.apps.serve.telling import iso
from detector.core.score import F64
from detector.edge.ledger import Entry
from detector.edge.series import Key, Series

#: Shown before and after what was found: at least so long, at most so much more, s.
_LEAST_S, _MOST_S = 3600.0, 7 * 86400.0
#: Rows of a table at most: the newest are kept.
_ROWS = 500_000
#: Parts of SITE.toml that say what the mine is; the rest is about servers and people.
_SITE = {"mine", "streams", "cameras", "detectors"}

#: Pictures of an episode: name and content of each.
Pictures = Callable[[schema.Episode], Iterator[tuple[str, bytes]]]


@dataclass(frozen=True)
class Case:
    """An alert: its document, its entries of the ledger, its mine's desk."""

    document: Mapping[str, Any]
    episodes: Sequence[schema.Episode]
    entries: Sequence[Entry]
    desk: Desk

    def span(self) -> tuple[float, float]:
        """What is shown, s: what was found and as much again around it, within limits."""
        start = min((e.start_s for e in self.episodes), default=0.0)
        end = max((e.end_s for e in self.episodes), default=0.0)
        around = min(max(end - start, _LEAST_S), _MOST_S)
        return start - around, end + around

    def streams(self) -> list[str]:
        """Where it was found, what shows the same, and what it was told from."""
        claims = [timed(e, 0.0).claim() for e in self.episodes]
        named = [n for c in claims for n in (c.stream, c.other, *sorted(c.rests_on)) if n]
        return list(dict.fromkeys(named))


def gathered(case: Case, series: Series, pictures: Pictures) -> dict[str, bytes]:
    """The files of a package, but for its summary, by name. StoreUnavailable."""
    files = {
        "alert.json": _json(case.document),
        "configuration.json": _json(_configuration(case.desk)),
        "ledger.jsonl": b"".join(entry.line() for entry in case.entries),
    }
    start, end = case.span()
    mine = case.desk.mine
    for stream in case.streams():
        readings = series.readings(Key(mine, stream), start, end)
        if len(readings):
            columns = {"value": readings.value}
            files[f"readings/{_name(stream)}.csv"] = _csv(readings.time, columns)
    for detector, stream in dict.fromkeys((e.detector, e.stream) for e in case.episodes):
        scores = series.scores(mine, detector, stream, start, end)
        if len(scores.time):
            reasons = np.array([*scores.reasons, ""], dtype=object)[scores.why]
            table = {"score": scores.value, "since": scores.since, "blind": reasons}
            files[f"scores/{detector}-{_name(stream)}.csv"] = _csv(scores.time, table)
    for episode in case.episodes:
        for name, content in pictures(episode):
            kind = "jpg" if content.startswith(b"\xff\xd8") else "png"
            files[f"pictures/{episode.id}-{name}.{kind}"] = content
    return files


def _configuration(desk: Desk) -> dict[str, Any]:
    known = desk.configuration
    return {
        "version": __version__,
        "digest": known.digest(desk.parameters),
        "site": known.site.model_dump(mode="json", include=_SITE),
        "thresholds": {name: asdict(t) for name, t in known.thresholds.items()},
        "parameters": {name: asdict(p) for name, p in desk.parameters.items()},
    }


def _json(document: object) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    return text.encode() + b"\n"


def _csv(time: F64, columns: Mapping[str, Any]) -> bytes:
    """A table; times in ISO 8601, UTC; no value where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", *columns])
    kept = [column[-_ROWS:] for column in columns.values()]
    for at, *values in zip(time[-_ROWS:], *kept, strict=True):
        told = (iso(v) if n == "since" else _cell(v) for n, v in zip(columns, values, strict=True))
        writer.writerow([iso(at), *told])
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value if value[:1] not in "=+-@" else "'" + value  # no formula for spreadsheets
    return repr(float(value)) if math.isfinite(value) else ""


def _name(stream: str) -> str:
    """A stream as a file's name: no two have the same."""
    safe = quote(stream, safe="").replace("%", "_").replace(".", "_")
    if len(safe) <= 80 and safe == stream.lower():  # folders may not tell capitals apart
        return safe
    return f"{safe[:60]}-{hashlib.sha256(stream.encode()).hexdigest()[:12]}"
