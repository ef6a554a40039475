"""The packets of a recording, read without decoding: what a first look costs next to nothing."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av.error
import numpy as np
from av.packet import Packet

from detector.core.errors import UnreadableInput
from detector.core.observation import F64, I32, Bool
from detector.edge.recording import Extraction, Reader

#: Seconds, and share of the recording, that may be missing at its end before it is a fault.
MISSING_S, MISSING_SHARE = 1.0, 0.02


@dataclass(frozen=True)
class Packets:
    """The packets of a recording's video stream, in order of coding.

    ``time`` float64 (n,) s from the first picture, ``size`` int32 (n,) bytes, ``key`` bool (n,).
    ``faults`` says in words what was wrong with the container or its time stamps. ``ordered``: the
    time stamps are there and run forward, so that they say where to seek.
    """

    time: F64
    size: I32
    key: Bool
    width: int
    height: int
    codec: str
    duration_s: float
    faults: tuple[str, ...] = ()
    ordered: bool = True

    @property
    def pixels(self) -> int:
        """Luma pixels of the whole recording, the measure of what decoding it costs."""
        return self.width * self.height * len(self.time)


def read_packets(path: Path, beat: Callable[[float], None] | None = None) -> Packets:
    """Read all packets, of which ``beat`` hears; only the first picture is decoded, for its time.

    Raises :class:`UnreadableInput` where there is no picture.
    """
    extraction = Extraction()
    with Reader(path, extraction) as reader:
        found = _Found(reader, beat)
        begun: list[float] = []
        try:
            for packet in reader.demux():
                found.add(packet)
                if not begun:
                    begun = [reader.clock.time(frame) for frame in reader.decoded(packet)]
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            extraction.fault(f"reading stopped early: {error}")
        found.check_end(reader.declared_s, extraction)
        stream, nominal_s = reader.stream, reader.nominal_s
        width, height, codec = stream.width, stream.height, stream.codec_context.name
    if not begun or not found.size:
        raise UnreadableInput("no picture in it can be decoded")
    time = found.times()
    shown = time > -nominal_s / 2
    return Packets(
        time=time[shown],
        size=np.asarray(found.size, dtype=np.int32)[shown],
        key=np.frombuffer(found.key, dtype=np.bool_)[shown],
        width=width,
        height=height,
        codec=codec,
        duration_s=float(time.max()) + nominal_s,
        faults=tuple(extraction.faults),
        ordered=reader.ordered and found.stamped,
    )


class _Found:
    """Columns of packets as they are read, with their time stamps in s."""

    def __init__(self, reader: Reader, beat: Callable[[float], None] | None) -> None:
        self._reader, self._beat = reader, beat
        self._time = array("d")
        self.size = array("l")
        self.key = bytearray()
        self.stamped = True
        self._count = 0

    def add(self, packet: Packet[Any]) -> None:
        """Add a packet that holds a picture to be shown."""
        if not packet.size:
            return
        self._count += 1
        if packet.is_discard:
            return
        stamp = packet.pts if packet.pts is not None else packet.dts
        self.stamped &= stamp is not None
        self._time.append(np.nan if stamp is None else stamp * self._reader.base)
        self.size.append(packet.size)
        self.key.append(packet.is_keyframe)
        if self._beat is not None and stamp is not None:
            self._beat(self._time[-1] - self._reader.clock.origin_s)

    def check_end(self, declared_s: float, extraction: Extraction) -> None:
        """Whether what the container declares is there."""
        if not len(self.size):
            return
        nominal_s = self._reader.nominal_s
        held_s = max(float(np.nanmax(self.times())) + nominal_s, self._count * nominal_s)
        if declared_s - held_s > max(MISSING_S, MISSING_SHARE * declared_s):
            missing_s = declared_s - held_s
            extraction.fault(f"it ends early: {missing_s:.0f} of {declared_s:.0f} s are missing")

    def times(self) -> F64:
        """Times (n,) s from the first picture."""
        if not self.stamped:
            return np.arange(len(self.size), dtype=np.float64) * self._reader.nominal_s
        return np.asarray(self._time, dtype=np.float64) - self._reader.clock.origin_s
