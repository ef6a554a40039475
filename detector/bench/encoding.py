"""Writing footage: codec, rate, group of pictures."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Picture
from detector.core.errors import TrueshaftError

_ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "mpeg4": "mpeg4",
    "mpeg2video": "mpeg2video",
    "mjpeg": "mjpeg",
    "ffv1": "ffv1",
}
_FINE_TICKS = 12800
_SAME_BYTES = {"fflags": "+bitexact"}
_CRF = {"h264": 23, "hevc": 26, "vp8": 24, "vp9": 34}


@dataclass(frozen=True)
class Encoding:
    """How a clip is encoded; the same clip and encoding give the same bytes.

    `crf` (constant quality: h264, hevc, vp8, vp9; lower is better) and `bitrate_kbps` exclude each
    other; without either a codec's usual quality is taken. `quantizer` is the constant quantiser
    of mpeg4, mpeg2video and mjpeg (2 is best, 31 worst). `gop` is the distance of key frames in
    pictures, `fps` resamples to a fixed rate, `size` is "WIDTHxHEIGHT".
    """

    codec: str = "h264"
    bitrate_kbps: Annotated[int, Field(gt=0)] | None = None
    crf: Annotated[int, Field(ge=0, le=63)] | None = None
    quantizer: Annotated[int, Field(ge=1, le=31)] | None = None
    gop: Annotated[int, Field(ge=1)] = 50
    bframes: Annotated[int, Field(ge=0, le=16)] = 2
    preset: str = "veryfast"
    fps: Annotated[float, Field(gt=0, le=240)] | None = None
    size: Annotated[str, Field(pattern=r"^\d+x\d+$")] | None = None
    pix_fmt: str = "yuv420p"

    def __post_init__(self) -> None:
        if self.codec not in _ENCODERS:
            raise TrueshaftError(
                "the codec is not known", self.codec, f"use one of {', '.join(sorted(_ENCODERS))}"
            )
        if self.crf is not None and self.bitrate_kbps is not None:
            raise TrueshaftError(
                "crf and bitrate_kbps exclude each other", self.codec, "give one of them"
            )


def write_footage(path: Path, clip: Clip, encoding: Encoding) -> None:
    """Encodes the clip's pictures at their times into `path`; the suffix chooses the container.

    Raises TrueshaftError where FFmpeg refuses.
    """
    width, height = parsed_size(encoding.size) if encoding.size else clip.size
    width, height = width - width % 2, height - height % 2
    rate = Fraction(1.0 / clip.period_s).limit_denominator(1001)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with av.open(str(path), "w", options=_SAME_BYTES) as container:
            stream = container.add_stream(_ENCODERS[encoding.codec], rate=rate)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height = width, height
            stream.time_base = stream.codec_context.time_base = _tick(path, encoding, rate)
            _configure(stream, encoding)
            for frame in _frames(clip, (width, height), stream.codec_context.time_base):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise TrueshaftError(
            f"cannot be encoded as {encoding.codec}: {error}",
            str(path),
            "choose a codec, container and options that FFmpeg can combine",
        ) from error


def parsed_size(size: str) -> tuple[int, int]:
    """(width, height) of "WIDTHxHEIGHT"."""
    width, _, height = size.partition("x")
    return int(width), int(height)


def _tick(path: Path, encoding: Encoding, rate: Fraction) -> Fraction:
    """Fine ticks keep a varying rate; some codecs and containers only know the frame's slot."""
    slotted = encoding.codec in ("mpeg2video", "mpeg4") or path.suffix in (".avi", ".mpg")
    return 1 / rate if slotted else Fraction(1, _FINE_TICKS)


def _configure(stream: VideoStream, encoding: Encoding) -> None:
    context = stream.codec_context
    context.thread_count = 2
    context.gop_size = encoding.gop
    context.pix_fmt = "yuvj420p" if encoding.codec == "mjpeg" else encoding.pix_fmt
    if encoding.codec in ("h264", "hevc", "mpeg4", "mpeg2video"):
        context.max_b_frames = encoding.bframes
    options: dict[str, str] = {}
    if encoding.codec in ("h264", "hevc"):
        options["preset"] = encoding.preset
    if encoding.codec == "h264":
        options["x264-params"] = f"threads=2:keyint={encoding.gop}:bframes={encoding.bframes}"
    if encoding.codec == "hevc":
        options["x265-params"] = (
            f"pools=2:frame-threads=1:log-level=none:keyint={encoding.gop}"
            f":bframes={encoding.bframes}"
        )
    if encoding.codec in ("vp8", "vp9"):
        options |= {"deadline": "realtime", "cpu-used": "6"}
    if encoding.bitrate_kbps is not None:
        context.bit_rate = encoding.bitrate_kbps * 1000
    elif encoding.codec in _CRF:
        options["crf"] = str(encoding.crf if encoding.crf is not None else _CRF[encoding.codec])
        context.bit_rate = 0
    elif encoding.codec != "ffv1":
        quantizer = str(encoding.quantizer or 4)
        options |= {"qmin": quantizer, "qmax": quantizer}
    context.options = options


def _frames(clip: Clip, size: tuple[int, int], tick: Fraction) -> Iterator[av.VideoFrame]:
    last = -1
    for k, time_s in enumerate(clip.times_s):
        last = max(last + 1, round(float(time_s) / float(tick)))
        frame = av.VideoFrame.from_ndarray(_fitted(clip.picture(k), size), format="bgr24")
        frame.pts, frame.time_base = last, tick
        yield frame


def _fitted(picture: Picture, size: tuple[int, int]) -> Picture:
    height, width = picture.shape[:2]
    if (width - width % 2, height - height % 2) == size:
        return np.ascontiguousarray(picture[: size[1], : size[0]])
    fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return fitted.astype(np.uint8, copy=False)
