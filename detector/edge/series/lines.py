"""Blocks as lines of InfluxDB's line protocol, and its answers as blocks.

Measurements ``readings``, ``frames``, ``views`` and ``scores`` have tags ``mine`` and ``stream``
(scores also ``detector``) and times in ns, rounded to the microsecond. Of video a row is one field
``data``: its columns, compressed, in base 64. A field cannot be NaN: ``nan`` says so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import F64, Frames, Readings, Views
from detector.core.score import Scores
from detector.edge.series import Block
from detector.edge.series.columns import joined, kind_of, made, none, pack, unpack

#: The fields that are asked for, by measurement.
FIELDS = {
    "readings": "value, nan",
    "frames": "data",
    "views": "data",
    "scores": "value, since, why, reason, unit",
}


def stamps(time: F64) -> list[int]:
    """Times in s as ns."""
    return [int(ns) for ns in (np.round(time * 1e6).astype(np.int64) * 1000)]


def seconds(ns: Sequence[int]) -> F64:
    """Times in ns as s."""
    return (np.asarray(ns, dtype=np.int64) // 1000) / 1e6


def tag(name: str) -> str:
    """A name as it is kept in a tag: printable, without backslash and never empty."""
    kept = (c if c.isprintable() and c not in "\\%" else _percent(c) for c in name)
    return "".join(kept) or "%"


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def name_of(kept: str) -> str:
    """The name that :func:`tag` kept."""
    return "" if kept == "%" else unquote(kept)


def escaped(kept: str) -> str:
    """A tag as it is written in a line."""
    return kept.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def quoted(text: str) -> str:
    """A text as a field in a line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lines(mine: str, block: Block | Scores) -> list[str]:
    """A block as lines; rows whose time is no number are left out."""
    kind = kind_of(block)
    which = np.flatnonzero(np.isfinite(block.time))
    head = f"{kind},mine={escaped(tag(mine))},stream={escaped(tag(block.stream))}"
    if isinstance(block, Scores):
        head += f",detector={escaped(tag(block.detector))}"
        fields: Iterable[str] = _score_fields(block)
    elif isinstance(block, Readings):
        fields = [
            f"value={v!r}" if abs(v) < np.inf else "value=0,nan=t" for v in block.value.tolist()
        ]
    else:
        fields = (f"data={quoted(_coded(block, int(row)))}" for row in range(len(block)))
    told = list(fields)
    times = stamps(block.time[which])
    return [f"{head} {told[row]} {ns}" for row, ns in zip(which.tolist(), times, strict=True)]


def _score_fields(scores: Scores) -> list[str]:
    found = []
    rows = zip(scores.value.tolist(), scores.since.tolist(), scores.why.tolist(), strict=True)
    for value, since, why in rows:
        reason = scores.reasons[why] if why >= 0 else ""
        shown = value if abs(value) < np.inf else 0.0
        begun = since if abs(since) < np.inf else 0.0
        blind = 1 if abs(value) < np.inf else 0
        text = f"value={shown!r},since={begun!r},why={blind}i"
        found.append(f"{text},reason={quoted(reason)},unit={quoted(scores.unit)}")
    return found


def _coded(block: Frames | Views, row: int) -> str:
    return base64.b64encode(pack(block.rows(slice(row, row + 1)))).decode()


def block_of(kind: str, stream: str, values: Sequence[Sequence[Any]]) -> Any:
    """The block of an answer's rows: times in ns and the measurement's :data:`FIELDS`; of scores
    ``stream`` is "detector/stream"."""
    if not values:
        return none(kind, stream)
    time = seconds([row[0] for row in values])
    if kind == "readings":
        value = np.array([np.nan if row[2] else row[1] for row in values], dtype=np.float64)
        return Readings(stream=stream, time=time, value=value)
    if kind == "scores":
        return _scores_of(stream, time, values)
    return joined([_row_of(kind, stream, str(row[1])) for row in values])


def _row_of(kind: str, stream: str, data: str) -> Block:
    try:
        row = made(kind, stream, unpack(kind, 1, base64.b64decode(data, validate=True)), "")
    except binascii.Error as error:
        raise ValueError(f"{kind} of {stream} are damaged: {error}") from error
    assert isinstance(row, Frames | Views)
    return row


def _scores_of(stream: str, time: F64, values: Sequence[Sequence[Any]]) -> Scores:
    detector, _, of = stream.partition("/")
    _, numbers, since, judged, told, units = zip(*values, strict=True)
    reasons = tuple(dict.fromkeys(reason for reason in told if reason))
    sees = np.array(judged, dtype=np.int64) == 1
    why: NDArray[np.int8] = np.array(
        [reasons.index(reason) if reason else -1 for reason in told], dtype=np.int8
    )
    return Scores(
        detector=detector,
        stream=of,
        unit=str(units[-1]),
        time=time,
        value=np.where(sees, np.array(numbers, dtype=np.float64), np.nan),
        since=np.array(since, dtype=np.float64),
        why=why,
        reasons=reasons,
    )
