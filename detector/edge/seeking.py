"""Stretches of a recording decoded without what lies between, and yet as if all had been decoded.

Decoding after a seek goes wrong for some recordings: pictures that need what was skipped, headers
that came only once, time stamps that do not lead where they should. So the first seek of a
recording is proved: some pictures after a key frame, decoded in sequence, must come out the same,
pixel by pixel and at the same times, after a seek to it. Where they do not, everything is decoded
in sequence.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av.error
import numpy as np

from detector.edge.packets import Packets
from detector.edge.recording import Extraction, Picture, Reader

#: Pictures that must come out the same after a seek.
PROOF_PICTURES = 8
#: Key frames tried, one before the other, where a seek does not come to the first one.
TRIES = 3
#: Seconds before a key frame to seek to, tried in turn.
MARGINS_S = (0.0, 0.5, 2.0, 8.0)


class SeekingReader:
    """Pictures of stretches of a recording, in order, from the key frames before them.

    ``sequential`` says that seeks are not to be trusted and everything is decoded; ``proved``,
    given or found, that they were tried and are to be.
    """

    def __init__(
        self,
        path: Path,
        packets: Packets,
        extraction: Extraction,
        threads: int = 1,
        proved: bool = False,
    ) -> None:
        self._path, self._extraction, self._threads = path, extraction, threads
        self._keys = np.sort(packets.time[packets.key])[1:]
        self.sequential = not packets.ordered
        self._proved = proved
        self._begun = False
        self._margin_s = 0.0
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.__exit__(kind, error, trace)

    @property
    def proved(self) -> bool:
        """Seeks were proved, or were before, and led where they should."""
        return self._proved and not self.sequential

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel over its height."""
        return self._reader.pixel_aspect

    def stretch(self, start: float, end: float) -> Iterator[Picture]:
        """Time, picture and coded bytes of all pictures up to ``end`` s, from before ``start`` s.

        The first one is not after ``start``, unless none is. Ask for stretches in order.
        """
        self._approach(start)
        while (picture := self._next()) is not None:
            if picture[0] > end:
                self._held.append(picture)
                return
            yield picture

    def _open(self) -> None:
        self._reader = Reader(self._path, self._extraction, self._threads)
        self._run = self._reader.pictures()
        self._held: list[Picture] = []
        self._position = 0.0

    def _restart(self) -> None:
        """Decode from the beginning, in sequence from now on."""
        self.sequential = True
        self._reader.__exit__(None, None, None)
        self._open()

    def _next(self) -> Picture | None:
        picture = self._held.pop(0) if self._held else next(self._run, None)
        self._begun = True
        if picture is not None:
            self._position = picture[0]
        return picture

    def _approach(self, start: float) -> None:
        """Come to a picture from which decoding goes on to ``start`` in sequence."""
        ahead = self._keys[(self._keys > self._position) & (self._keys <= start)]
        if self.sequential or not len(ahead):
            return
        if self._proved and not self._begun:
            self._next()  # the decoder and the clock learn from the first picture
        if not self._proved:
            self._proved = True
            if not self._proof():
                self._restart()
                return
            self._position = 0.0
        if not any(self._seek(float(key)) for key in ahead[::-1][:TRIES]):
            self._restart()

    def _seek(self, key: float) -> bool:
        """Go to a key frame; whether its picture came out, whole.

        Some containers (MPEG-TS) are searched by time, not for key frames: then come from before.
        """
        for margin_s in MARGINS_S:
            if margin_s < self._margin_s:
                continue
            try:
                self._reader.seek(key - margin_s)
            except (av.error.FFmpegError, ValueError, OverflowError):
                return False
            picture = self._arrival(key)
            if picture is not None and abs(picture[0] - key) <= self._slack_s:
                self._margin_s = margin_s
                self._held = [picture]
                return not picture[1].is_corrupt
        return False

    def _arrival(self, key: float) -> Picture | None:
        """The first picture at or after a key frame's time, after a seek."""
        self._run = self._reader.pictures()
        self._held = []
        self._reader.approaching = True
        for picture in self._run:
            if picture[0] >= key - self._slack_s:
                self._reader.approaching = False
                return picture
        return None

    def _proof(self) -> bool:
        """Whether a seek to the next key frame gives what decoding in sequence gives."""
        key = float(self._keys[self._keys > self._position][0])
        while (picture := self._next()) is not None and picture[0] < key - self._slack_s:
            continue
        if picture is None:
            return False
        expected = [_print(picture), *self._prints(PROOF_PICTURES - 1)]
        return self._seek(key) and self._prints(len(expected)) == expected

    @property
    def _slack_s(self) -> float:
        return self._reader.nominal_s / 2

    def _prints(self, count: int) -> list[tuple[int, int]]:
        pictures = (self._next() for _ in range(count))
        return [_print(picture) for picture in pictures if picture is not None]


def _print(picture: Picture) -> tuple[int, int]:
    """Time in ms and checksum of a picture."""
    time, frame, _ = picture
    checksum = 0
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), dtype=np.uint8)
        rows = rows[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)
        checksum = zlib.crc32(rows[:, : plane.width].tobytes(), checksum)
    return round(time * 1000), checksum
