"""The packets of a recording, read without decoding: what a first look costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av.error
import numpy as np
from av.packet import Packet

from detector.core.errors import UnreadableInput
from detector.core.observation import F64, I32, Bool
from detector.edge.clock import BACKWARD_S
from detector.edge.recording import Extraction, Reader


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
        found = _Found(reader.base, beat)
        try:
            for packet in reader.demux():
                found.add(packet)
                if found.origin is None:
                    for frame in reader.decoded(packet):
                        found.begins(frame.pts, frame.dts)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            extraction.fault(f"reading stopped early: {error}")
        stream, nominal_s = reader.stream, reader.nominal_s
        width, height, codec = stream.width, stream.height, stream.codec_context.name
    if found.origin is None or not found.size:
        raise UnreadableInput("no picture in it can be decoded")
    time, ordered = found.times(nominal_s)
    if not ordered and found.stamped:
        extraction.fault("time stamps run backward")
    shown = time > -nominal_s / 2
    return Packets(
        time=time[shown],
        size=np.asarray(found.size, dtype=np.int32)[shown],
        key=np.asarray(found.key, dtype=np.bool_)[shown],
        width=width,
        height=height,
        codec=codec,
        duration_s=float(time.max()) + nominal_s,
        faults=tuple(extraction.faults),
        ordered=ordered and found.stamped,
    )


class _Found:
    """Columns of packets as they are read, with their two time stamps in s."""

    def __init__(self, base: float, beat: Callable[[float], None] | None) -> None:
        self._base, self._beat = base, beat
        self._pts: list[float] = []
        self._dts: list[float] = []
        self.size: list[int] = []
        self.key: list[bool] = []
        self.origin: float | None = None
        self.stamped = True

    def add(self, packet: Packet[Any]) -> None:
        """Add a packet that holds a picture to be shown."""
        if not packet.size or packet.is_discard:
            return
        pts = packet.pts if packet.pts is not None else packet.dts
        dts = packet.dts if packet.dts is not None else packet.pts
        self.stamped &= pts is not None
        self._pts.append(np.nan if pts is None else pts * self._base)
        self._dts.append(np.nan if dts is None else dts * self._base)
        self.size.append(packet.size)
        self.key.append(bool(packet.is_keyframe))
        if self._beat is not None and pts is not None:
            self._beat(self._pts[-1] - (self.origin or 0.0))

    def begins(self, pts: int | None, dts: int | None) -> None:
        """The stamps of the first picture."""
        if self.origin is None:
            stamp = pts if pts is not None else dts
            self.origin = 0.0 if stamp is None else stamp * self._base

    def times(self, nominal_s: float) -> tuple[F64, bool]:
        """Times (n,) s from the first picture; whether the stamps only ran forward."""
        n = len(self.size)
        if not self.stamped:
            return np.arange(n, dtype=np.float64) * nominal_s, True
        pts, dts = np.asarray(self._pts, dtype=np.float64), np.asarray(self._dts)
        step = np.diff(dts, prepend=dts[:1])
        back = step < -BACKWARD_S
        pts += np.cumsum(np.where(back, nominal_s - step, 0.0))
        pts -= self.origin or 0.0
        return pts, not back.any()
