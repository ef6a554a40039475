"""Recordings: their packets read, their pictures decoded and timed. PyAV is used here.

Runs inside a process of its own (:mod:`detector.edge.worker`): a decoder may crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detector.edge.clock import Clock
from detector.edge.opening import check_size, open_recording

#: Seconds from which on it is quicker to seek than to read what lies between.
LEAP_S = 10.0
#: Seconds by which time stamps must run backward to count as a new beginning.
BACKWARD_S = 1.0
#: Key frames after which they are given up where no pictures come from most, and not any more.
MOST_BARREN, TRIED = 2, 20
#: Faults of one recording that are told apart.
MAX_FAULTS = 8
#: Flag of containers without time stamps, AVFMT_NOTIMESTAMPS.
_NO_STAMPS = 0x80
#: Containers with an index of key frames.
_INDEXED = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi")
#: Containers whose header tells how long they are meant to be.
_WITH_DURATION = ("matroska,webm", "flv")
#: Time in s, picture, bytes coded since the picture before.
Picture = tuple[float, VideoFrame, int]


@dataclass
class Extraction:
    """Counts of one recording and what went wrong with it; ``beat`` hears of every picture;
    ``seekable``: seeks in it were proved (:mod:`detector.edge.seeking`)."""

    faults: list[str] = field(default_factory=list)
    pictures: int = 0
    last_time: float = 0.0
    sizes: set[tuple[int, int]] = field(default_factory=set)
    beat: Callable[[float], None] | None = None
    seekable: bool = False

    def at(self, time: float) -> None:
        """A picture was decoded at ``time`` s: a sign of life."""
        self.last_time = max(self.last_time, time)
        if self.beat is not None:
            self.beat(time)

    def fault(self, text: str) -> None:
        """Note a fault once, the first few of them."""
        if text not in self.faults and len(self.faults) < MAX_FAULTS:
            self.faults.append(text)


class NoKeyPictures(Exception):
    """What the recording calls key frames cannot be decoded by themselves (intra refresh)."""


class SeekAstray(Exception):
    """A seek did not lead to where it should."""


class Reader:
    """A recording's video stream: packets, and pictures with their times from the first picture.

    ``damaged`` counts packets that could not be decoded and pictures that are not whole; they are
    faults, but not while ``approaching`` a key frame from somewhere before it. ``ordered``: time
    stamps have not run backward so far.
    """

    def __init__(self, path: Path, extraction: Extraction, threads: int = 1) -> None:
        self._container, self.stream = open_recording(path)
        self._extraction = extraction
        self.stream.codec_context.thread_count = threads
        self.stream.thread_type = "FRAME" if threads > 1 else "NONE"
        self.base = float(self.stream.time_base or 0)
        self.nominal_s = _nominal_s(self._container, self.stream)
        self.clock = Clock(self.base, self.nominal_s, extraction.fault)
        self.damaged = 0
        self.approaching = False
        self.ordered = True
        self._dts: int | None = None
        self._moved = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel over its height; 1 where that is not told or cannot be."""
        ratio = float(self.stream.sample_aspect_ratio or 1)
        return ratio if 0.1 < ratio < 10 else 1.0

    @property
    def declared_s(self) -> float:
        """How long the container says that its pictures last in s; 0 where it does not."""
        if self.stream.frames:
            return self.stream.frames * self.nominal_s
        alone = len(self._container.streams) == 1
        whole = self._container.format.name in _WITH_DURATION
        return (self._container.duration or 0) / 1e6 if alone and whole else 0.0

    def demux(self) -> Iterator[Packet[Any]]:
        """The packets in order of coding; an empty one at the end.

        Where time stamps run backward, as after a restart of the recorder, they are moved on.
        """
        for packet in self._container.demux(self.stream):
            if packet.dts is not None:
                self._move_on(packet, packet.dts)
            yield packet

    def _move_on(self, packet: Packet[Any], dts: int) -> None:
        dts += self._moved
        last, self._dts = self._dts, dts
        if last is not None and (dts - last) * self.base < -BACKWARD_S:
            at_s = last * self.base - self.clock.origin_s
            self._extraction.fault(f"time stamps run backward at {at_s:.1f} s")
            self.ordered = False
            self._dts = last + round(self.nominal_s / self.base)
            self._moved += self._dts - dts
        packet.dts = self._dts
        if packet.pts is not None:
            packet.pts += self._moved

    def pictures(self) -> Iterator[Picture]:
        """All pictures from where the recording is."""
        coded = 0
        try:
            for packet in self.demux():
                coded += packet.size
                for frame in self.decoded(packet):
                    yield self._timed(frame, coded)
                    coded = 0
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            self._extraction.fault(f"reading stopped early: {error}")

    def key_pictures(
        self, spacing_s: float, between: tuple[float, float] | None = None, seeking: bool = False
    ) -> Iterator[Picture]:
        """The first picture, then key frames alone, ``spacing_s`` s apart or more; with ``between``
        (s) only those from its start on and before its end. ``seeking``: time stamps are there and
        run forward, so that what lies before and after need not be read.

        The decoder is emptied after each: otherwise it would hold back or lose pictures whose
        order depends on what was skipped (H.264 with open GOPs). Raises :class:`NoKeyPictures`
        where most key frames are none.
        """
        coded = given = got = 0
        last_s: float | None = None
        try:
            for number, packet in enumerate(self._leaping(between if seeking else None)):
                coded += packet.size
                if packet.pts is None and packet.dts is None and packet.size:
                    packet.pts = round(number * self.nominal_s / self.base)
                if last_s is not None and not (
                    self._due(packet, last_s, spacing_s) and self._within(packet, between)
                ):
                    continue
                given += last_s is not None
                if MOST_BARREN < given < TRIED and got < given / 2:
                    raise NoKeyPictures
                for frame in self._emptied(packet, first=last_s is None):
                    got += last_s is not None
                    picture = self._timed(frame, coded)
                    last_s = picture[0] if frame.key_frame else picture[0] - spacing_s
                    coded = 0
                    yield picture
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            self._extraction.fault(f"reading stopped early: {error}")

    def _leaping(self, between: tuple[float, float] | None) -> Iterator[Packet[Any]]:
        """The packets until a picture came out, then those of a stretch (s) alone, where a seek to
        it ends before it; or all packets."""
        packets = self.demux()
        if between is None:
            yield from packets
            return
        for packet in packets:
            yield packet
            if self.clock.now_s >= 0:
                break
        indexed = self._container.format.name in _INDEXED
        if indexed and between[0] - self.clock.now_s > LEAP_S:
            self.seek(between[0])
            packets = self.demux()
            first = next(packets)
            if first.dts is None or self._at(first.dts) > between[0] + self.nominal_s / 2:
                raise SeekAstray
            yield first
        for packet in packets:
            if packet.dts is not None and self._at(packet.dts) >= between[1]:
                return
            yield packet

    def _at(self, stamp: int) -> float:
        """Time in s of a time stamp."""
        return stamp * self.base - self.clock.origin_s

    def decoded(self, packet: Packet[Any] | None) -> Iterator[VideoFrame]:
        """The pictures that come out of the decoder for a packet, or for None all it holds back."""
        try:
            for frame in self.stream.codec_context.decode(packet):
                if frame.is_corrupt:
                    self._damage()
                check_size(frame)
                yield frame
        except MemoryError:
            raise
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, ValueError):
            self._damage()

    def _emptied(self, packet: Packet[Any], first: bool) -> Iterator[VideoFrame]:
        """All the decoder makes of a packet, leaving it empty; or only its ``first`` picture."""
        frames = list(self.decoded(packet))
        if first and not frames:
            return
        yield from frames[:1] if first else [*frames, *self.decoded(None)]
        self.stream.codec_context.flush_buffers()

    def _within(self, packet: Packet[Any], between: tuple[float, float] | None) -> bool:
        """Whether a packet is shown in a stretch (start, end) in s."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        if between is None or stamp is None:
            return True
        return between[0] <= stamp * self.base - self.clock.origin_s < between[1]

    def _due(self, packet: Packet[Any], last_s: float, spacing_s: float) -> bool:
        """Whether a packet is a key frame ``spacing_s`` after ``last_s`` (or time ran backward)."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        if not packet.is_keyframe or not packet.size or stamp is None:
            return False
        return not 0 <= stamp * self.base - self.clock.origin_s - last_s < spacing_s - 1e-6

    def _timed(self, frame: VideoFrame, coded: int) -> Picture:
        time = self.clock.time(frame)
        self._extraction.at(time)
        return time, frame, coded

    def seek(self, time_s: float) -> None:
        """Go to the key frame at or before ``time_s`` s; FFmpegError where that cannot be done."""
        target = round((time_s + self.clock.origin_s) / self.base)
        self._container.seek(target, stream=self.stream, backward=True, any_frame=False)
        self.stream.codec_context.flush_buffers()
        self.clock.jump()
        self._dts = None

    def _damage(self) -> None:
        self.damaged += 1
        if not self.approaching:
            self._extraction.fault("some pictures are damaged and could not be decoded")


def _nominal_s(container: InputContainer, stream: VideoStream) -> float:
    """Seconds between pictures: on average, or as the codec says where nothing else does."""
    rates = [stream.average_rate, stream.guessed_rate]
    if int(container.format.flags) & _NO_STAMPS:
        rates.reverse()
    rate = float(rates[0] or rates[1] or 0)
    return 1.0 / rate if 0.01 < rate < 1000 else 0.04
