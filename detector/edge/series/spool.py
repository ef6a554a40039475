"""What could not be stored, kept on disk until it can be, and then stored in order.

A folder with a file for each batch, numbered; a file is there whole or not at all. When the spool
is full a batch is refused, not an older one dropped: it stays unacknowledged, so that the broker
holds it, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from detector.edge.series import Block, Series, Stored, StoreUnavailable
from detector.edge.series.columns import kind_of, made, note_of, pack, unpack

_MAGIC = b"trueshaft.spool/1\n"
#: Bytes that are stored at once when the spool is emptied.
TOGETHER = 16_000_000
#: Seconds after which a store that failed is tried again: at first, and at most.
FIRST_S, MOST_S = 0.5, 30.0


class SpoolFull(StoreUnavailable):
    """Neither the store nor the spool can take a batch now."""


class Spool:
    """Batches in a folder, oldest first, ``most`` bytes at most. One process may use it."""

    def __init__(self, folder: Path, most: int = 10_000_000_000) -> None:
        self._folder, self._most = folder, most
        folder.mkdir(parents=True, exist_ok=True)
        for half in folder.glob("*.half"):
            half.unlink()
        self._files = {int(p.stem): p.stat().st_size for p in sorted(folder.glob("*.batch"))}
        self.bytes = sum(self._files.values())
        self.damaged = len(list(folder.glob("*.damaged")))
        self._next = max(self._files, default=0) + 1

    def __len__(self) -> int:
        return len(self._files)

    def append(self, batch: Sequence[Stored]) -> None:
        """Keep a batch, on disk when it returns; :class:`SpoolFull` where it cannot be."""
        body = _MAGIC + _coded(batch)
        body += zlib.crc32(body).to_bytes(4, "little")
        if self.bytes + len(body) > self._most:
            raise SpoolFull(f"the spool is full: {self.bytes} bytes in {len(self)} batches")
        path = self._path(self._next)
        half = path.with_suffix(".half")
        try:
            with half.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
            _sync(self._folder)
        except OSError as error:
            half.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            raise SpoolFull(f"the spool cannot be written: {error.strerror}") from error
        self._files[self._next] = len(body)
        self.bytes += len(body)
        self._next += 1

    def oldest(self, together: int = TOGETHER) -> tuple[list[int], list[Stored]]:
        """Numbers of the oldest batches and what is in them, about ``together`` bytes; a file that
        is damaged is put aside."""
        numbers: list[int] = []
        batch: list[Stored] = []
        for number, size in list(self._files.items()):
            try:
                batch += _decoded(self._path(number).read_bytes())
                numbers.append(number)
            except (OSError, ValueError, KeyError, TypeError):
                self.put_aside([number])
            together -= size
            if together <= 0:
                break
        return numbers, batch

    def done(self, numbers: Sequence[int]) -> None:
        """Let go of batches that are stored."""
        for number in numbers:
            self._path(number).unlink(missing_ok=True)
            self.bytes -= self._files.pop(number)

    def put_aside(self, numbers: Sequence[int]) -> None:
        """Keep batches that can never be stored under another name, for engineers."""
        for number in numbers:
            path = self._path(number)
            if path.exists():
                path.replace(path.with_suffix(".damaged"))
            self.bytes -= self._files.pop(number)
            self.damaged += 1

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012d}.batch"


class SpooledWriter:
    """Stores batches in order through a spool; the store is opened by ``opened`` when needed.

    ``trouble`` says why the store does not take batches now, "" where it does. A batch that the
    store refuses for good is put aside in the spool (``spool.damaged``, ``refused`` says why).
    """

    def __init__(
        self,
        opened: Callable[[], Series],
        spool: Spool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opened, self.spool, self._clock = opened, spool, clock
        self._series: Series | None = None
        self._wait_s, self._again = FIRST_S, clock()
        self.trouble = self.refused = ""

    def store(self, batch: Sequence[Stored]) -> None:
        """Store a batch, or keep it in the spool behind what is there already: durable when it
        returns. :class:`SpoolFull` where neither can be: it must not be acknowledged."""
        try:
            if not len(self.spool) and self._tried(batch):
                return
        except Exception as error:  # noqa: BLE001 - told, and found out in the spool
            self.refused = f"{type(error).__name__}: {error}"
        try:
            self.spool.append(batch)
        except SpoolFull:
            self.drain()  # only this makes room
            self.spool.append(batch)
        self.drain()

    def drain(self) -> bool:
        """Store what is in the spool, some of it, if the time has come; whether it is empty."""
        if len(self.spool) and self._clock() >= self._again:
            self._move(TOGETHER)
        return not len(self.spool)

    def _move(self, together: int) -> None:
        numbers, batch = self.spool.oldest(together)
        try:
            if self._tried(batch):
                self.spool.done(numbers)
        except Exception as error:  # noqa: BLE001 - told, and put aside
            if len(numbers) > 1:
                self._move(1)  # to find the one that cannot be stored
            else:
                self.refused = f"{type(error).__name__}: {error}"
                self.spool.put_aside(numbers)  # it would stand in the way for ever

    def _tried(self, batch: Sequence[Stored]) -> bool:
        if self._clock() < self._again:
            return False
        try:
            if self._series is None:
                self._series = self._opened()
            self._series.store(batch)
        except StoreUnavailable as error:
            self.trouble = str(error) or "the store is not available"
            self._again = self._clock() + self._wait_s
            self._wait_s = min(2 * self._wait_s, MOST_S)
            return False
        self.trouble, self._wait_s = "", FIRST_S
        return True

    def close(self) -> None:
        """Store what can be stored now, and let go of the store."""
        while len(self.spool) and not self.trouble:
            self.drain()
        if self._series is not None:
            self._series.close()
            self._series = None


def _coded(batch: Sequence[Stored]) -> bytes:
    parts = []
    for mine, block in batch:
        data = pack(block)
        head = [mine, kind_of(block), block.stream, len(block), note_of(block), len(data)]
        parts.append(json.dumps(head).encode() + b"\n" + data)
    return b"".join(parts)


def _decoded(body: bytes) -> list[Stored]:
    if not body.startswith(_MAGIC) or zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little"):
        raise ValueError("it is damaged")
    batch: list[Stored] = []
    at, end = len(_MAGIC), len(body) - 4
    while at < end:
        line = body.index(b"\n", at)
        mine, kind, stream, rows, note, size = json.loads(body[at:line])
        at = line + 1 + size
        columns = unpack(kind, rows, body[line + 1 : at])
        batch.append((mine, cast("Block", made(kind, stream, columns, note))))
    return batch


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
