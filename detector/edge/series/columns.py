"""Blocks of columns as bytes, and back: little-endian, column after column."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import LAYOUT, TILES, Frames, Readings, Views, join, join_arrived
from detector.core.score import Scores, merged

Kept = Readings | Frames | Views | Scores

#: Kinds of blocks by the name under which they are stored.
KINDS: dict[str, type[Kept]] = {
    "readings": Readings,
    "frames": Frames,
    "views": Views,
    "scores": Scores,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
_COLUMNS: dict[str, dict[str, tuple[str, tuple[int, ...]]]] = {
    "readings": {"time": ("<f8", ()), "value": ("<f8", ())},
    "frames": {
        "time": ("<f8", ()),
        "seconds": ("<f4", ()),
        "pictures": ("<i4", ()),
        "motion": ("|i1", TILES),
        "stir": ("|u1", TILES),
        "coded": ("<i4", ()),
    },
    "views": {
        "time": ("<f8", ()),
        "key": ("|b1", ()),
        "seconds": ("<f4", ()),
        "stir": ("|u1", TILES),
        "detail": ("|u1", TILES),
        "crisp": ("|u1", TILES),
        "layout": ("|u1", LAYOUT),
        "size": ("<i4", (2,)),
    },
    "scores": {"time": ("<f8", ()), "value": ("<f8", ()), "since": ("<f8", ()), "why": ("|i1", ())},
}


def kind_of(block: Kept) -> str:
    """The name of a block's kind."""
    return _NAMES[type(block)]


#: Per kind: name, type, cells of a row and their shape, for each column; and bytes of a row.
_READ = {
    kind: [(n, np.dtype(t), int(np.prod(tail)), tail) for n, (t, tail) in columns.items()]
    for kind, columns in _COLUMNS.items()
}
_READING = struct.Struct("<2d")
_ROW_BYTES = {kind: sum(t.itemsize * n for _, t, n, _ in read) for kind, read in _READ.items()}


def pack(block: Kept) -> bytes:
    """The columns of a block as bytes; those of video are compressed."""
    if isinstance(block, Readings) and len(block.time) == 1:
        return _READING.pack(block.time[0], block.value[0])
    kind = kind_of(block)
    raw = b"".join(
        np.ascontiguousarray(getattr(block, name), dtype=dtype).tobytes()
        for name, (dtype, _) in _COLUMNS[kind].items()
    )
    return zlib.compress(raw, 1) if kind in ("frames", "views") else raw


def unpack(kind: str, rows: int, data: bytes) -> dict[str, NDArray[Any]]:
    """The columns of ``rows`` rows; ValueError where the bytes are no such block."""
    if kind in ("frames", "views"):
        unzip = zlib.decompressobj()
        try:
            data = unzip.decompress(data, rows * _ROW_BYTES[kind] + 1)
        except zlib.error as error:
            raise ValueError(str(error)) from error
    if len(data) != rows * _ROW_BYTES[kind]:
        raise ValueError(f"{len(data)} bytes are not {rows} rows of {kind}")
    columns, start = {}, 0
    for name, dtype, cells, tail in _READ[kind]:
        column = np.frombuffer(data, dtype, rows * cells, start)
        columns[name] = column.reshape((rows, *tail)) if tail else column
        start += column.nbytes
    return columns


def note_of(block: Kept) -> str:
    """What a block holds beside its columns, as text."""
    if isinstance(block, Scores):
        return json.dumps([block.unit, *block.reasons], ensure_ascii=False)
    return ""


def made(kind: str, stream: str, columns: dict[str, Any], note: str) -> Kept:
    """A block of columns; of scores, ``stream`` is "detector/stream"."""
    if kind != "scores":
        return KINDS[kind](stream=stream, **columns)
    detector, _, of = stream.partition("/")
    unit, *reasons = json.loads(note or '[""]')
    return Scores(detector=detector, stream=of, unit=unit, reasons=tuple(reasons), **columns)


def none(kind: str, stream: str) -> Kept:
    """A block without rows."""
    columns = {n: np.empty((0, *tail), t) for n, (t, tail) in _COLUMNS[kind].items()}
    return made(kind, stream, columns, "")


def rows_of(block: Kept, which: slice | NDArray[Any]) -> Any:
    """The same block with only these rows."""
    if not isinstance(block, Scores):
        return block.rows(which)
    named = {f.name: getattr(block, f.name) for f in fields(block)}
    named |= {name: named[name][which] for name in _COLUMNS["scores"]}
    return Scores(**named)


def joined(blocks: Sequence[Any]) -> Any:
    """Blocks of one kind and stream (at least one) as one: readings in the order given, others in
    order of time."""
    if isinstance(blocks[0], Scores):
        return merged(blocks)
    return join_arrived(blocks) if isinstance(blocks[0], Readings) else join(blocks)
