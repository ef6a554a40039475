"""A live camera (RTSP) or a file played like one: opened, its pictures timed by the wall clock.

Decoders can crash: run it in a process of its own for each camera.
"""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame

from detector.edge.opening import MAX_PIXELS

#: Seconds by which a camera's clock may lag behind ours before it is set anew.
LAG_S = 2.0
_RTSP = {
    "rtsp_transport": "tcp",
    "protocol_whitelist": "rtsp,rtsps,rtp,srtp,tcp,udp,tls",
    "analyzeduration": "1000000",
}
_FILE = {"protocol_whitelist": "file"}
#: Seconds for which a host is asked whether it is there.
_PROBE_S = 3.0


class SourceEnded(Exception):
    """No more pictures come. ``state`` is one word: ``ended`` (a file), ``refused`` (user or
    password), ``absent`` (no such stream), ``broken`` (what comes cannot be decoded), ``silent``
    (nothing comes any more), ``off`` (the host is there, the camera is not), ``unreachable``."""

    def __init__(self, state: str, detail: str) -> None:
        super().__init__(f"{state}: {detail}")
        self.state, self.detail = state, detail


@dataclass
class WallClock:
    """Times of pictures by our clock, spaced by the camera's.

    The picture that came with the least delay sets it; where the camera's clock falls behind by
    more than :data:`LAG_S`, or jumps, it is set anew.
    """

    now: Callable[[], float] = time.time
    _zero: float | None = None

    def time(self, stamp_s: float) -> float:
        """Unix time of the picture of a stamp, s, that has just come."""
        zero = self.now() - stamp_s
        if self._zero is None or zero < self._zero or zero - self._zero > LAG_S:
            self._zero = zero
        return self._zero + stamp_s


def with_login(url: str, username: str | None, password: str | None) -> str:
    """An address with user and password in it."""
    if username is None:
        return url
    parts = urlsplit(url)
    login = quote(username, safe="") + (f":{quote(password, safe='')}" if password else "")
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


def pictures(
    url: str,
    timeout_s: float,
    keys_only: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[tuple[float, VideoFrame]]:
    """Pictures and their Unix times, as they come; files as fast as they were recorded.

    Ends when ``stopped``; otherwise raises :class:`SourceEnded`.
    """
    live = not url.startswith("file:")
    clock, started = WallClock(), time.time()
    with _opened(url, timeout_s, live) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        if keys_only:
            stream.codec_context.skip_frame = "NONKEY"
        try:
            for number, frame in enumerate(container.decode(stream)):
                if stopped():
                    return
                stamp = number / 25 if frame.pts is None else float(frame.time)
                if live:
                    yield clock.time(stamp), frame
                else:
                    _pace(started + stamp, stopped)
                    yield started + stamp, frame
        except av.error.FFmpegError as error:
            raise _ended(url, error) from error
    raise SourceEnded("silent" if live else "ended", "no more pictures come")


def _opened(url: str, timeout_s: float, live: bool) -> InputContainer:
    try:
        options = dict(_RTSP if live else _FILE)
        container = av.open(url, mode="r", options=options, timeout=(timeout_s, timeout_s))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _ended(url, error) from error
    videos = container.streams.video
    if not videos or videos[0].width * videos[0].height > MAX_PIXELS:
        container.close()
        raise SourceEnded("broken", "there is no video in it, or its pictures are too large")
    return container


def _pace(until: float, stopped: Callable[[], bool]) -> None:
    while (wait_s := until - time.time()) > 0 and not stopped():
        time.sleep(min(wait_s, 0.2))


def _ended(url: str, error: Exception) -> SourceEnded:
    """What an error says of a source; the address in it is left out, as it holds the password."""
    told = (getattr(error, "strerror", None) or type(error).__name__).strip()
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return SourceEnded("refused", told)
    if isinstance(error, av.error.HTTPNotFoundError | FileNotFoundError):
        return SourceEnded("absent", told)
    if url.startswith("file:"):
        return SourceEnded("broken", told)
    there = host_is_there(url)
    if there == "listening":
        return SourceEnded(
            "broken" if isinstance(error, av.error.InvalidDataError) else "silent", told
        )
    return SourceEnded("off" if there == "up" else "unreachable", told)


def host_is_there(url: str, timeout_s: float = _PROBE_S) -> str:
    """Whether the host of an address is "listening", only "up" (it refuses), or "away"."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 554), timeout_s):
            return "listening"
    except ConnectionRefusedError:
        return "up"
    except OSError as error:
        return "up" if error.errno == errno.ECONNRESET else "away"
