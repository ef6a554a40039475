"""Recordings as they should not be: tiny, made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

FPS = 10
SECONDS = 6


def pictures(width: int, height: int, count: int, seed: int = 0) -> list[NDArray[np.uint8]]:
    """RGB pictures: grain, a bright upper left quarter, and a square that moves to the right."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(count):
        picture = rng.normal(90, 6, (height, width, 3))
        picture[: height // 4, : width // 4] += 90
        left = (3 * i) % max(1, width - 12)
        picture[height // 2 : height // 2 + 10, left : left + 10] = 230
        made.append(np.clip(picture, 0, 255).astype(np.uint8))
    return made


def record(
    path: Path,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (96, 64),
    pix_fmt: str = "yuv420p",
    gop: int = 10,
    seconds: float = SECONDS,
    options: Mapping[str, str] | None = None,
    ticks: Sequence[int] | None = None,
    rotation: int = 0,
    aspect: Fraction | None = None,
    seed: int = 0,
    muxing: Mapping[str, str] | None = None,
) -> Path:
    """Encode a recording of 10 pictures a second; ``ticks`` (in 1/1000 s) places them otherwise."""
    with av.open(str(path), "w", options=dict(muxing or {})) as container:
        stream = container.add_stream(codec, rate=FPS, options=dict(options or {}))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.gop_size = gop
        stream.codec_context.thread_count = 1
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        if ticks is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        count = len(ticks) if ticks is not None else round(seconds * FPS)
        for i, picture in enumerate(pictures(*size, count, seed)):
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = ticks[i] if ticks is not None else i
            frame.time_base = Fraction(1, 1000 if ticks is not None else FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def audio_only(path: Path) -> Path:
    """A container that looks like video and holds sound."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        assert isinstance(stream, AudioStream)
        for i in range(10):
            samples = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, i * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def cut_bytes(source: Path, target: Path, start: float, end: float) -> Path:
    """A part of a file, by shares of its bytes."""
    data = source.read_bytes()
    target.write_bytes(data[int(len(data) * start) : int(len(data) * end)])
    return target


def joined(target: Path, *sources: Path) -> Path:
    """Files one after another, as a recorder that was restarted leaves them."""
    target.write_bytes(b"".join(source.read_bytes() for source in sources))
    return target


def smeared(source: Path, target: Path, seed: int = 0) -> Path:
    """A file with some bytes overwritten in its second half."""
    data = bytearray(source.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(len(data) // 2, len(data), 30):
        data[at] = int(rng.integers(256))
    target.write_bytes(data)
    return target


def _no_index(folder: Path) -> Path:
    return cut_bytes(record(folder / "whole.mp4"), folder / "no_index.mp4", 0, 0.6)


def _short(name: str) -> Callable[[Path], Path]:
    def cut(folder: Path) -> Path:
        options = {"movflags": "faststart"} if name.endswith(".mp4") else {}
        whole = record(folder / f"whole_{name}", codec="libx264", size=(320, 240), muxing=options)
        return cut_bytes(whole, folder / name, 0, 0.6)

    return cut


def _cut_in_gop(folder: Path) -> Path:
    return cut_bytes(record(folder / "whole.ts", gop=20), folder / "cut_in_gop.ts", 0.27, 0.81)


def _backward(folder: Path) -> Path:
    part = record(folder / "part.ts", seconds=4)
    return joined(folder / "backward.ts", part, part)


def _two_sizes(folder: Path) -> Path:
    small = record(folder / "small.ts", seconds=3)
    large = record(folder / "large.ts", seconds=3, size=(160, 96))
    return joined(folder / "two_sizes.ts", small, large)


def _smeared(folder: Path) -> Path:
    return smeared(record(folder / "clear.mkv"), folder / "smeared.mkv")


def _variable_rate(folder: Path) -> Path:
    steps = np.where(np.arange(60) % 20 < 10, 40, 160)
    return record(folder / "variable.mp4", ticks=[int(t) for t in np.cumsum(steps)])


#: Recordings all of whose pictures can be decoded, by name.
ODD: dict[str, Callable[[Path], Path]] = {
    "b_frames_avi": lambda d: record(d / "b.avi", codec="mpeg4", options={"bf": "2"}),
    "mpeg4": lambda d: record(d / "b.mp4", codec="mpeg4", options={"bf": "2"}),
    "h264_open_gop": lambda d: record(
        d / "open.mp4", options={"bf": "3", "x264-params": "open-gop=1"}
    ),
    "h264_ts": lambda d: record(d / "b.ts", options={"bf": "3"}),
    "h264_avi": lambda d: record(d / "h264.avi", options={"bf": "3"}),
    "intra_refresh": lambda d: record(d / "refresh.ts", options={"intra-refresh": "1"}),
    "hevc_open_gop": lambda d: record(
        d / "hevc.mp4",
        codec="libx265",
        options={"preset": "ultrafast", "x265-params": "open-gop=1:keyint=10:log-level=none"},
    ),
    "raw_h264": lambda d: record(d / "raw.h264", options={"bf": "2"}),
    "variable_rate": _variable_rate,
    "rotated": lambda d: record(d / "rotated.mp4", rotation=90),
    "interlaced": lambda d: record(
        d / "fields.mpg", codec="mpeg2video", options={"flags": "+ildct+ilme"}
    ),
    "ten_bit": lambda d: record(d / "ten.mkv", pix_fmt="yuv420p10le"),
    "ten_bit_rotated": lambda d: record(d / "ten.mp4", pix_fmt="yuv420p10le", rotation=90),
    "full_chroma": lambda d: record(d / "444.mp4", pix_fmt="yuv444p"),
    "grey": lambda d: record(d / "grey.mp4", pix_fmt="gray"),
    "odd_size": lambda d: record(d / "odd.avi", codec="mpeg4", size=(97, 65)),
    "raw_bgr": lambda d: record(
        d / "raw.avi", codec="rawvideo", pix_fmt="bgr24", size=(48, 48), seconds=3
    ),
    "motion_jpeg": lambda d: record(d / "m.mjpeg", codec="mjpeg", pix_fmt="yuvj420p"),
    "flv": lambda d: record(d / "a.flv", codec="flv"),
    "names": lambda d: record(d / "主井 口 camera 一.mp4"),
}

#: Recordings of which something can be decoded, but not all, or whose times are faulty.
DAMAGED: dict[str, Callable[[Path], Path]] = {
    "cut_in_gop": _cut_in_gop,
    "backward": _backward,
    "two_sizes": _two_sizes,
    "smeared": _smeared,
    "short_mp4": _short("short.mp4"),
    "short_mkv": _short("short.mkv"),
    "short_avi": _short("short.avi"),
}


def _written(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return write


def _unknown_codec(folder: Path) -> Path:
    data = record(folder / "known.mp4", seconds=1).read_bytes()
    return _written("unknown.mp4", data.replace(b"avc1", b"zzz1"))(folder)


#: Files that are no recordings.
UNREADABLE: dict[str, Callable[[Path], Path]] = {
    "empty": _written("empty.mp4", b""),
    "text": _written("text.mp4", b"minutes of the meeting\n" * 200),
    "noise": _written("noise.mp4", np.random.default_rng(0).bytes(20_000)),
    "no_index": _no_index,
    "audio_only": lambda d: audio_only(d / "sound.mp4"),
    "folder": lambda d: d,
    "missing": lambda d: d / "missing.mp4",
    "codec": _unknown_codec,
}

#: Lists that would have FFmpeg open something else: ``{other}`` is a good recording.
PLAYLISTS: dict[str, str] = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{other}\n#EXT-X-ENDLIST\n",
    "hls_url": "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nhttp://127.0.0.1:9/a.ts\n"
    "#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile {other}\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>'
    "<AdaptationSet><Representation><BaseURL>{other}</BaseURL></Representation>"
    "</AdaptationSet></Period></MPD>",
}
