"""Opening a recording: one local file of a known container, its pictures of bearable size.

Runs inside a process of its own (:mod:`detector.edge.worker`): a decoder may crash.
"""

from __future__ import annotations

from pathlib import Path

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detector.core.errors import UnreadableInput

#: Pictures with more pixels than this are refused before they are decoded.
MAX_PIXELS = 64_000_000
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
    if not hasattr(stream, "width"):  # there is no decoder behind it
        container.close()
        raise UnreadableInput("its pictures are coded in a way that is not known")
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


def check_size(frame: VideoFrame) -> None:
    """Refuse a picture that is larger than the recording said."""
    if frame.width * frame.height > MAX_PIXELS:
        raise UnreadableInput(f"pictures of {frame.width} x {frame.height} are beyond the limit")
