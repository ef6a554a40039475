"""Recordings to observations: packets, chosen pictures, features. Decodes with PyAV.

Runs inside a process of its own (:mod:`detector.edge.worker`): a decoder may crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from detector.core.errors import UnreadableInput
from detector.core.observation import U8, VIEW_S, Frames, Views
from detector.signals.rows import FrameRows, ViewRows

#: Luma pictures wider than this are halved until they are not.
MAX_WIDTH = 1920
#: Pictures with more pixels than this are refused before they are decoded.
MAX_PIXELS = 64_000_000
#: Faults of one recording that are told apart.
MAX_FAULTS = 8
#: Containers that are read; playlists, lists of pictures and devices are not among them.
CONTAINERS = (
    *("matroska", "webm", "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "avi", "mpegts", "mpegtsraw"),
    *("flv", "live_flv", "kux", "dhav", "mpeg", "asf", "asf_o", "mxf", "nut", "rm", "ogg", "wtv"),
    *("gxf", "dv", "pva", "ty", "nsv", "nuv", "ivr", "lxf", "mpegvideo", "m4v", "h261", "h263"),
    *("h264", "hevc", "vvc", "vc1", "vc1test", "av1", "obu", "ivf", "evc", "mjpeg", "mpjpeg"),
    *("cavsvideo", "avs2", "avs3", "ingenient", "ipmovie", "yuv4mpegpipe"),
)
#: FFmpeg opens this one local file: no network, nothing that the file refers to.
_LOCAL = {"protocol_whitelist": "file", "format_whitelist": ",".join(CONTAINERS)}
#: Rows of a block handed on at once.
BLOCK_ROWS = 512


@dataclass(frozen=True)
class Packets:
    """The packets of a recording's video stream, in order of coding.

    ``time`` float64 (n,) s from the first picture, ``size`` int32 (n,) bytes, ``key`` bool (n,).
    ``faults`` says in words what was wrong with the container or its time stamps.
    """

    time: NDArray[np.float64]
    size: NDArray[np.int32]
    key: NDArray[np.bool_]
    width: int
    height: int
    codec: str
    duration_s: float
    faults: tuple[str, ...] = ()

    @property
    def pixels(self) -> int:
        """Luma pixels of the whole recording, the measure of what decoding it costs."""
        return self.width * self.height * len(self.time)


@dataclass
class Extraction:
    """Counts of one recording and what went wrong with it; ``beat`` hears of every picture."""

    faults: list[str] = field(default_factory=list)
    pictures: int = 0
    last_time: float = 0.0
    sizes: set[tuple[int, int]] = field(default_factory=set)
    beat: Callable[[float], None] | None = None

    def at(self, time: float) -> None:
        """A picture was decoded at ``time`` s: a sign of life."""
        self.last_time = max(self.last_time, time)
        if self.beat is not None:
            self.beat(time)

    def fault(self, text: str) -> None:
        """Note a fault once, the first few of them."""
        if text not in self.faults and len(self.faults) < MAX_FAULTS:
            self.faults.append(text)


class _Clock:
    """Presentation times in s from the first picture; always forward, faults are noted.

    Decoders hand out pictures in order of presentation, but some containers (AVI with B frames)
    hold no usable presentation stamps: of the two stamps the one that ran backward less often rules.
    """

    def __init__(self, stream: VideoStream, origin: float | None = None) -> None:
        self._base = float(stream.time_base or 0)
        rate = stream.average_rate or stream.guessed_rate
        self._nominal = 1.0 / float(rate) if rate else 0.04
        self._origin = origin
        self._offset = 0.0
        self._last: float | None = None
        self._stamps: list[int | None] = [None, None]
        self._backward = [0, 0]

    def time(self, frame: VideoFrame, extraction: Extraction) -> float:
        """Time of the next picture in s."""
        stamp = self._stamp(frame)
        if stamp is None:
            extraction.fault("time stamps are missing; the nominal frame rate stands in")
            time = 0.0 if self._last is None else self._last + self._nominal
        else:
            if self._origin is None:
                self._origin = stamp * self._base
            time = stamp * self._base - self._origin + self._offset
        if self._last is not None and time <= self._last:
            if time < self._last - 1.0 and min(self._backward) > 0:
                extraction.fault(f"time stamps run backward at {self._last:.1f} s")
                self._offset += self._last + self._nominal - time
                time = self._last + self._nominal
            else:
                time = self._last + 1e-4
        self._last = time
        return time

    def _stamp(self, frame: VideoFrame) -> int | None:
        for i, stamp in enumerate((frame.pts, frame.dts)):
            before = self._stamps[i]
            if stamp is None or (before is not None and stamp <= before):
                self._backward[i] += 1
            if stamp is not None:
                self._stamps[i] = stamp
        first = (frame.pts, frame.dts)
        if self._backward[0] > self._backward[1]:
            first = (frame.dts, frame.pts)
        return first[0] if first[0] is not None else first[1]


def open_recording(path: Path) -> tuple[InputContainer, VideoStream]:
    """Open a recording; :class:`UnreadableInput` says why where that fails."""
    try:
        container = av.open(
            f"file:{path.absolute()}", mode="r", options=dict(_LOCAL), metadata_errors="replace"
        )
    except MemoryError:
        raise
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableInput(_reason(error)) from error
    videos = [s for s in container.streams.video if not _is_cover(s)]
    if not videos:
        container.close()
        raise UnreadableInput("there is no video in it")
    stream = videos[0]
    if stream.width * stream.height > MAX_PIXELS:
        container.close()
        raise UnreadableInput(f"pictures of {stream.width} x {stream.height} are beyond the limit")
    return container, stream


def _is_cover(stream: VideoStream) -> bool:
    return bool(int(stream.disposition) & int(type(stream.disposition).attached_pic))


def _reason(error: Exception) -> str:
    if isinstance(error, av.error.InvalidDataError):
        return "it is no recording, or its beginning or index is missing or damaged"
    if isinstance(error, av.error.ArgumentError):
        return "it is no recording but a playlist, a list of pictures or the like"
    text = getattr(error, "strerror", None) or str(error)
    return f"it cannot be opened as a recording: {text}"


def read_packets(path: Path, beat: Callable[[float], None] | None = None) -> Packets:
    """Read all packets without decoding anything; ``beat`` hears of every one."""
    container, stream = open_recording(path)
    faults: list[str] = []
    times: list[float] = []
    sizes: list[int] = []
    keys: list[bool] = []
    base = float(stream.time_base or 0)
    rate = stream.average_rate or stream.guessed_rate
    nominal = 1.0 / float(rate) if rate else 0.04
    with container:
        try:
            for packet in container.demux(stream):
                if not packet.size:
                    continue
                stamp = packet.pts if packet.pts is not None else packet.dts
                following = times[-1] + nominal if times else 0.0
                times.append(stamp * base if stamp is not None else following)
                sizes.append(packet.size)
                keys.append(bool(packet.is_keyframe))
                if beat is not None:
                    beat(times[-1])
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            faults.append(f"reading stopped early: {error}")
        width, height, codec = stream.width, stream.height, stream.codec_context.name
    if not times:
        raise UnreadableInput("there are no pictures in it")
    time = np.asarray(times, dtype=np.float64)
    time -= time.min()
    return Packets(
        time=time,
        size=np.asarray(sizes, dtype=np.int32),
        key=np.asarray(keys, dtype=np.bool_),
        width=width,
        height=height,
        codec=codec,
        duration_s=float(time.max()) + nominal,
        faults=tuple(faults),
    )


def luma_of(frame: VideoFrame) -> tuple[U8, tuple[float, float]]:
    """Luma picture uint8 (h, w), upright, and the mean chroma (Cb - 128, Cr - 128)."""
    if frame.format.name not in ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p"):
        frame = _as_yuv420(frame)
    planes = [_plane(frame, i) for i in range(3)]
    luma = planes[0]
    while luma.shape[1] > MAX_WIDTH:
        luma = luma[: luma.shape[0] // 2 * 2, : luma.shape[1] // 2 * 2]
        quads = luma.reshape(luma.shape[0] // 2, 2, luma.shape[1] // 2, 2)
        luma = quads.mean(axis=(1, 3)).astype(np.uint8)
    turns = round((frame.rotation or 0) / 90) % 4
    if turns:
        luma = np.rot90(luma, turns)
    chroma = (float(planes[1][::4, ::4].mean()) - 128, float(planes[2][::4, ::4].mean()) - 128)
    return np.ascontiguousarray(luma), chroma


def _as_yuv420(frame: VideoFrame) -> VideoFrame:
    turned = frame.rotation
    if not turned:
        return frame.reformat(format="yuv420p")
    return frame.reformat(format="yuv420p")


def _plane(frame: VideoFrame, index: int) -> U8:
    plane = frame.planes[index]
    rows: U8 = np.frombuffer(memoryview(plane), dtype=np.uint8)
    rows = rows[: plane.line_size * plane.height]
    return rows.reshape(plane.height, plane.line_size)[:, : plane.width]


def extract(
    path: Path,
    stream_name: str,
    extraction: Extraction,
    *,
    keys_only: bool = False,
    windows: Sequence[tuple[float, float]] | None = None,
    threads: int = 1,
) -> Iterator[Frames | Views]:
    """Decode a recording into blocks of observations.

    By default every picture is decoded: ``Frames`` and ``Views``. ``keys_only`` decodes key frames:
    ``Views`` only. ``windows`` (s, in order, apart) decodes these stretches: ``Frames`` only.
    Faults and counts go to ``extraction`` as they come.
    """
    container, stream = open_recording(path)
    with container:
        context = stream.codec_context
        context.thread_count = threads
        stream.thread_type = "FRAME" if threads > 1 else "NONE"
        frames = FrameRows(stream_name)
        views = ViewRows(stream_name)
        if windows is None:
            pictures = _pictures(container, stream, extraction, keys_only)
            for time, frame, coded in pictures:
                luma, chroma = luma_of(frame)
                extraction.pictures += 1
                extraction.at(time)
                extraction.sizes.add((frame.width, frame.height))
                if not keys_only:
                    frames.add(time, luma, coded)
                views.add(time, luma, chroma, bool(frame.key_frame))
                yield from frames.blocks(BLOCK_ROWS)
                yield from views.blocks(BLOCK_ROWS)
        else:
            origin = _origin(container, stream)
            for start, end in windows:
                frames.cut()
                for time, frame, coded in _window(container, stream, extraction, origin, start, end):
                    frames.add(time, luma_of(frame)[0], coded)
                    yield from frames.blocks(BLOCK_ROWS)
        yield from frames.blocks(0)
        yield from views.blocks(0)


def _decoded(
    packet: Packet[Any], extraction: Extraction, count: list[int]
) -> Iterator[VideoFrame]:
    try:
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                yield frame
    except MemoryError:
        raise
    except av.error.EOFError:
        return
    except (av.error.FFmpegError, ValueError):
        count[0] += 1
        extraction.fault("some pictures are damaged and could not be decoded")


def _pictures(
    container: InputContainer, stream: VideoStream, extraction: Extraction, keys_only: bool
) -> Iterator[tuple[float, VideoFrame, int]]:
    """Time, picture and coded bytes since the picture before, of all or of the key frames."""
    clock = _Clock(stream)
    damaged = [0]
    coded = 0
    last_key = -VIEW_S
    base = float(stream.time_base or 0)
    try:
        for packet in container.demux(stream):
            coded += packet.size
            if keys_only and packet.size:
                stamp = packet.pts if packet.pts is not None else packet.dts
                time = stamp * base if stamp is not None else last_key + VIEW_S
                if not packet.is_keyframe or 0 <= time - last_key < VIEW_S:
                    continue
                last_key = time
            for frame in _decoded(packet, extraction, damaged):
                if frame.is_corrupt:
                    extraction.fault("some pictures are damaged and could not be decoded")
                if frame.width * frame.height > MAX_PIXELS:
                    raise UnreadableInput(
                        f"pictures of {frame.width} x {frame.height} are beyond the limit"
                    )
                yield clock.time(frame, extraction), frame, coded
                coded = 0
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        extraction.fault(f"reading stopped early: {error}")


def _origin(container: InputContainer, stream: VideoStream) -> float:
    """Presentation time in s of the first picture."""
    base = float(stream.time_base or 0)
    first = [p.pts for _, p in zip(range(32), container.demux(stream), strict=False) if p.size]
    stamps = [pts for pts in first if pts is not None]
    return min(stamps) * base if stamps else 0.0


def _window(
    container: InputContainer,
    stream: VideoStream,
    extraction: Extraction,
    origin: float,
    start: float,
    end: float,
) -> Iterator[tuple[float, VideoFrame, int]]:
    base = float(stream.time_base or 0)
    target = int((start + origin) / base) if base else 0
    container.seek(target, stream=stream, backward=True, any_frame=False)
    stream.codec_context.flush_buffers()
    clock = _Clock(stream, origin)
    damaged = [0]
    coded = 0
    for packet in container.demux(stream):
        coded += packet.size
        for frame in _decoded(packet, extraction, damaged):
            time = clock.time(frame, extraction)
            extraction.at(time)
            if time > end:
                return
            if time >= start:
                yield time, frame, coded
            coded = 0
