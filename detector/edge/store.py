"""Columns on disk: written block by block in one process, mapped into memory in another.

A store is a folder with a raw file per column, ``KIND.COLUMN``, and ``columns.json`` with their
types. What was written survives a crash of the writer: a block cut off is not seen. ``sealed.json``
closes a store and holds the sizes and checksums of its files. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import LAYOUT, TILES, Frames, Views

#: Columns up to this many bytes are read, larger ones mapped.
READ_BYTES = 1 << 20

_TYPES = "columns.json"
_SEAL = "sealed.json"
_Types = dict[str, dict[str, tuple[str, list[int]]]]


class FeatureStore:
    """Blocks of columns of one recording in a folder of their own, made where ``create``."""

    def __init__(self, folder: Path, create: bool = True) -> None:
        self.folder = folder
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        self._known = _types(folder)

    def write(self, block: Frames | Views) -> int:
        """Append a block; the number of its rows."""
        names = [field.name for field in fields(block) if field.name != "stream"]
        return self.append(_kind(type(block)), {name: getattr(block, name) for name in names})

    def append(self, kind: str, columns: Mapping[str, NDArray[Any]]) -> int:
        """Append columns that share their first axis; the number of rows."""
        if kind not in self._known:
            types = {n: (c.dtype.str, list(c.shape[1:])) for n, c in columns.items()}
            self._known[kind] = types
            _write_json(self.folder / _TYPES, self._known)
        rows = 0
        for name, column in columns.items():
            with (self.folder / f"{kind}.{name}").open("ab") as file:
                np.ascontiguousarray(column).tofile(file)
            rows = len(column)
        return rows

    def read(self, stream: str) -> tuple[Frames, Views]:
        """All rows as blocks of ``stream``, mapped read-only where large; empty where none."""
        frames = {**_none(Frames), **self.columns("frames")}
        views = {**_none(Views), **self.columns("views")}
        return Frames(stream=stream, **frames), Views(stream=stream, **views)

    def columns(self, kind: str) -> dict[str, NDArray[Any]]:
        """The columns of a kind, as many rows as all of them have; empty where there are none."""
        found: dict[str, tuple[Path, np.dtype[Any], list[int]]] = {}
        rows: list[int] = []
        for name, (text, tail) in self._known.get(kind, {}).items():
            path, dtype = self.folder / f"{kind}.{name}", np.dtype(text)
            found[name] = path, dtype, tail
            width = dtype.itemsize * int(np.prod(tail, dtype=np.int64))
            rows.append(path.stat().st_size // width if path.exists() else 0)
        return {name: _column(*what, min(rows)) for name, what in found.items()}

    def seal(self, facts: Mapping[str, Any]) -> None:
        """Close the store with ``facts`` (JSON) about it; nothing can be appended after."""
        sums = {path.name: _checksum(path) for path in sorted(self.folder.iterdir())}
        _write_json(self.folder / _SEAL, {"facts": dict(facts), "files": sums})

    def facts(self) -> dict[str, Any] | None:
        """What the store was sealed with; None where it is not sealed, or damaged."""
        try:
            seal = json.loads((self.folder / _SEAL).read_text())
            for name, checksum in seal["files"].items():
                if _checksum(self.folder / Path(name).name) != checksum:
                    return None
            facts: dict[str, Any] = dict(seal["facts"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return facts


def _kind(block: type[Frames | Views]) -> str:
    return block.__name__.lower()


def _column(path: Path, dtype: np.dtype[Any], tail: list[int], rows: int) -> NDArray[Any]:
    shape = (rows, *tail)
    count = int(np.prod(shape, dtype=np.int64))
    if count * dtype.itemsize <= READ_BYTES:
        column = np.fromfile(path, dtype=dtype, count=count) if count else np.empty(0, dtype)
        return column.reshape(shape)
    return np.asarray(np.memmap(path, dtype=dtype, mode="r", shape=shape))


def _none(block: type[Frames | Views]) -> dict[str, NDArray[Any]]:
    """Columns without rows, as the row builders would have made them."""
    tails: dict[str, tuple[type, tuple[int, ...]]] = {
        "time": (np.float64, ()),
        "seconds": (np.float32, ()),
        "pictures": (np.int32, ()),
        "motion": (np.int8, TILES),
        "coded": (np.int32, ()),
        "key": (np.bool_, ()),
        "layout": (np.uint8, LAYOUT),
        "size": (np.int32, (2,)),
    }
    names = [field.name for field in fields(block) if field.name != "stream"]
    made = {name: tails.get(name, (np.uint8, TILES)) for name in names}
    return {name: np.empty((0, *tail), dtype) for name, (dtype, tail) in made.items()}


def _types(folder: Path) -> _Types:
    try:
        read = json.loads((folder / _TYPES).read_text())
        return {
            str(kind): {
                Path(str(name)).name: (str(kind_of[0]), [int(n) for n in kind_of[1]])
                for name, kind_of in columns.items()
            }
            for kind, columns in read.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return {}


def _checksum(path: Path) -> list[int]:
    """Size in bytes and CRC-32 of a file."""
    size, crc = 0, 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            size, crc = size + len(block), zlib.crc32(block, crc)
    return [size, crc]


def _write_json(path: Path, what: object) -> None:
    """Write a file so that it is either the old or the new one, never half."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(json.dumps(what, sort_keys=True))
    half.replace(path)
