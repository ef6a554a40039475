"""Reading footage: a recording as a clip whose pictures are decoded when asked for."""

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from detector.bench.clip import Clip, FloatArray, Picture
from detector.core.errors import TrueshaftError

_KEPT_BYTES = 400_000_000
_SHORTEST_S = 1e-6


def read_footage(path: Path, kept_bytes: int = _KEPT_BYTES) -> Clip:
    """Opens a recording as a clip named by its stem.

    Decodes it once to learn the times of its pictures. Later accesses decode forward from where
    the last one was; going back further than the pictures still kept (`kept_bytes`, as decoded)
    starts again at the beginning, because seeking is not exact in every file.
    Raises TrueshaftError for what cannot be decoded.
    """
    pictures = _Pictures(path, kept_bytes)
    times_s = pictures.index()
    if not len(times_s):
        raise TrueshaftError("no picture could be decoded", str(path), "give a video file")
    period_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.04
    return Clip(
        times_s=times_s,
        picture=pictures.at,
        size=pictures.size,
        period_s=period_s,
        shown_of=np.full(len(times_s), path.stem, dtype=f"<U{max(64, len(path.stem))}"),
        shown_s=times_s.copy(),
    )


class _Pictures:
    """Random access to the pictures of one file over a forward decoder and a bounded memory."""

    def __init__(self, path: Path, kept_bytes: int) -> None:
        self._path, self._kept_bytes = path, kept_bytes
        self._kept: OrderedDict[int, av.VideoFrame] = OrderedDict()
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._next = 0
        self._converted: tuple[int, Picture] | None = None
        self.size = (0, 0)

    def index(self) -> FloatArray:
        """Decodes everything once; times in seconds of all pictures from the first."""
        self._restart()
        times: list[float] = []
        while (frame := self._advance()) is not None:
            times.append(np.nan if frame.pts is None else float(frame.time))
        return _rising(np.asarray(times, dtype=np.float64))

    def at(self, index: int) -> Picture:
        if self._converted is None or self._converted[0] != index:
            frame, (width, height) = self._frame(index), self.size
            picture = frame.to_ndarray(format="bgr24", width=width, height=height)
            picture.flags.writeable = False
            self._converted = (index, picture.astype(np.uint8, copy=False))
        return self._converted[1]

    def _frame(self, index: int) -> av.VideoFrame:
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        if index < self._next:
            self._restart()
        while self._next <= index:
            if self._advance() is None:
                raise TrueshaftError(
                    f"picture {index} could be decoded once but not again",
                    str(self._path),
                    "repair the file, for instance by re-encoding it",
                )
        return self._kept[index]

    def _restart(self) -> None:
        self._frames, self._next = _decoded(self._path), 0

    def _advance(self) -> av.VideoFrame | None:
        frame = next(self._frames, None)
        if frame is not None:
            self.size = self.size if any(self.size) else (frame.width, frame.height)
            self._kept[self._next] = frame
            self._kept.move_to_end(self._next)
            self._next += 1
            most = max(2, self._kept_bytes // (2 * frame.width * frame.height))
            while len(self._kept) > most:
                self._kept.popitem(last=False)
        return frame


def _decoded(path: Path) -> Iterator[av.VideoFrame]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise TrueshaftError("there is no video stream", str(path), "give a video file")
            container.streams.video[0].thread_type = "AUTO"
            container.streams.video[0].codec_context.thread_count = 2
            yield from container.decode(video=0)
    except (av.FFmpegError, OSError) as error:
        raise TrueshaftError(
            f"cannot be decoded: {error}", str(path), "give a file that FFmpeg can decode"
        ) from error


def _rising(stamps: FloatArray) -> FloatArray:
    """Times from 0 of pictures in the order they are shown, from their stamps (NaN = none).

    Stamps out of order are put in order: pictures come out as shown, but some files stamp
    bidirectional ones wrongly. A missing or repeated one is a usual period after the one before.
    """
    times = np.full(len(stamps), np.nan)
    known = np.isfinite(stamps)
    times[known] = np.sort(stamps[known])
    steps = np.diff(times)
    good = steps[np.isfinite(steps) & (steps > _SHORTEST_S)]
    period = float(np.median(good)) if good.size else 0.04
    steps = np.where(np.isfinite(steps) & (steps > _SHORTEST_S), steps, period)
    return np.concatenate([[0.0], np.cumsum(steps)]) if times.size else times
