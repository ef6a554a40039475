"""Pictures of a recording as JPEG files, for evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from detector.core.observation import U8
from detector.edge.packets import Packets, read_packets
from detector.edge.recording import Extraction
from detector.edge.seeking import SeekingReader

#: JPEG quality of stills, 0-100.
QUALITY = 88
#: A picture this much after the time asked for, in s, is still the one shown then.
SLACK_S = 0.001


def save_stills(
    path: Path,
    times_s: Sequence[float],
    targets: Sequence[Path],
    max_width: int = 960,
    packets: Packets | None = None,
    progress: Callable[[float], None] | None = None,
    seekable: bool = False,
) -> list[bool]:
    """Save the pictures shown at ``times_s`` (s from the first picture) as JPEG.

    Pictures are upright, of the right aspect ratio and at most ``max_width`` wide. Returns for each
    whether it could be decoded and was written; the last picture stands for times beyond the end.
    ``packets``, where read before, save reading them again; ``progress`` hears of every picture;
    ``seekable``: seeks were proved before.
    """
    saved = [False] * len(times_s)
    extraction = Extraction(beat=progress)
    shown: VideoFrame | None = None
    found = packets or read_packets(path, progress)
    with SeekingReader(path, found, extraction, proved=seekable) as reader:
        for i in sorted(range(len(times_s)), key=lambda i: times_s[i]):
            for picture in reader.stretch(times_s[i], times_s[i] + SLACK_S):
                shown = picture[1]
            saved[i] = shown is not None and _save(
                upright(shown, max_width, reader.pixel_aspect), targets[i]
            )
    return saved


def upright(frame: VideoFrame, max_width: int, pixel_aspect: float = 1.0) -> U8:
    """BGR picture uint8 (h, w, 3) as a viewer should see it; pixels are not always square."""
    turns = round((frame.rotation or 0) / 90) % 4
    picture: NDArray[Any] = frame.to_ndarray(format="bgr24")
    height, width = picture.shape[0], picture.shape[1] * pixel_aspect
    scale = min(1.0, max_width / (height if turns % 2 else width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size != (picture.shape[1], picture.shape[0]):
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.rot90(picture, turns), dtype=np.uint8)


def _save(picture: U8, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if done:
        target.write_bytes(data.tobytes())
    return bool(done)
