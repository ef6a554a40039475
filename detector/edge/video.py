"""Recordings to observations: every picture, key frames or stretches, folded into features.

Runs inside a process of its own (:mod:`detector.edge.worker`): a decoder may crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame

from detector.core.observation import STEP_S, U8, VIEW_S, Bool, Frames, Views
from detector.edge.packets import Packets, read_packets
from detector.edge.recording import Extraction, NoKeyPictures, Reader, SeekAstray
from detector.edge.seeking import SeekingReader
from detector.signals.rows import FrameRows, ViewRows

__all__ = ["Extraction", "Packets", "extract", "luma_of", "read_packets"]

#: Luma pictures wider than this are halved until they are not.
MAX_WIDTH = 1920
#: Rows of a block handed on at once.
BLOCK_ROWS = 512


def luma_of(frame: VideoFrame) -> U8:
    """Luma picture uint8 (h, w), upright."""
    turns = round((frame.rotation or 0) / 90) % 4
    if frame.format.name not in ("yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p"):
        frame = frame.reformat(format="yuv420p")
    luma = _luma_plane(frame)
    while luma.shape[1] > MAX_WIDTH:
        half = (luma.shape[1] // 2, max(1, luma.shape[0] // 2))
        luma = np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if turns:
        luma = np.rot90(luma, turns)
    return np.ascontiguousarray(luma)


def _luma_plane(frame: VideoFrame) -> U8:
    plane = frame.planes[0]
    rows: U8 = np.frombuffer(memoryview(plane), dtype=np.uint8)
    rows = rows[: plane.line_size * plane.height]
    return rows.reshape(plane.height, plane.line_size)[:, : plane.width]


def extract(
    path: Path,
    stream_name: str,
    extraction: Extraction,
    *,
    keys_only: bool = False,
    between: tuple[float, float] | None = None,
    windows: Sequence[tuple[float, float]] | None = None,
    packets: Packets | None = None,
    threads: int = 1,
) -> Iterator[Frames | Views]:
    """Decode a recording into blocks of observations.

    By default every picture is decoded: ``Frames`` and ``Views``. ``keys_only`` decodes key frames
    (every picture where key frames do not stand by themselves): ``Views`` only, and of those with
    ``between`` (start, end in s) only that part, so that parts can be read side by side.
    ``windows`` (s) decodes these stretches, widened to whole steps: ``Frames`` only, the rows as
    by default but for the first of a stretch, which compares with nothing; it is the step before.
    ``packets``, where read before, save reading them again.
    Faults and counts go to ``extraction`` as they come.
    """
    if windows is not None:
        found = packets or read_packets(path, extraction.beat)
        yield from _stretches(path, stream_name, extraction, found, windows, threads)
        return
    try:
        yield from _keys_or_all(path, stream_name, extraction, keys_only, threads, between, packets)
    except NoKeyPictures:
        extraction.pictures = 0
        for block in _whole(path, stream_name, extraction, False, threads):
            if isinstance(block, Views):
                yield block.rows(_between(block, between))


def _keys_or_all(
    path: Path,
    stream_name: str,
    extraction: Extraction,
    keys_only: bool,
    threads: int,
    between: tuple[float, float] | None,
    packets: Packets | None,
) -> Iterator[Frames | Views]:
    """All pictures, or key frames; of a part of an orderly recording what lies before and after is
    not read, and its first key frame is compared with the one before it."""
    if not keys_only or between is None or packets is None or not packets.ordered:
        yield from _whole(path, stream_name, extraction, keys_only, threads, between)
        return
    before = packets.time[packets.key & (packets.time <= between[0] - VIEW_S)]
    lead = float(before.max(initial=0.0))  # nearer to the first picture than VIEW_S it is not due
    wider = (lead - VIEW_S / 2 if lead >= VIEW_S else -1.0, between[1])
    for seeking in (True, False):
        try:
            for block in _whole(path, stream_name, extraction, True, threads, wider, seeking):
                yield block.rows(_between(block, between)) if isinstance(block, Views) else block
        except SeekAstray:
            continue
        return


def _between(views: Views, between: tuple[float, float] | None) -> Bool:
    first, last = between or (-np.inf, np.inf)
    return np.asarray((views.time >= first) & (views.time < last))


def _whole(
    path: Path,
    stream_name: str,
    extraction: Extraction,
    keys_only: bool,
    threads: int,
    between: tuple[float, float] | None = None,
    seeking: bool = False,
) -> Iterator[Frames | Views]:
    frames, views = FrameRows(stream_name), ViewRows(stream_name)
    with Reader(path, extraction, threads) as reader:
        pictures = reader.key_pictures(VIEW_S, between, seeking) if keys_only else reader.pictures()
        for time, frame, coded in pictures:
            if between is not None and not between[0] <= time < between[1]:
                continue
            luma = luma_of(frame)
            extraction.pictures += 1
            extraction.sizes.add((frame.width, frame.height))
            if not keys_only:
                frames.add(time, luma, coded)
            views.add(time, luma, bool(frame.key_frame))
            yield from frames.blocks(BLOCK_ROWS)
            yield from views.blocks(BLOCK_ROWS)
    yield from frames.blocks(0)
    yield from views.blocks(0)


def _stretches(
    path: Path,
    stream_name: str,
    extraction: Extraction,
    packets: Packets,
    windows: Sequence[tuple[float, float]],
    threads: int,
) -> Iterator[Frames]:
    frames = FrameRows(stream_name)
    with SeekingReader(path, packets, extraction, threads) as reader:
        for start, end in whole_steps(windows):
            frames.cut()
            for time, frame, coded in reader.stretch(start, end):
                if time >= start:
                    extraction.pictures += 1
                    frames.add(time, luma_of(frame), coded)
                yield from frames.blocks(BLOCK_ROWS)
        extraction.seekable = reader.proved
    yield from frames.blocks(0)


def whole_steps(windows: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Windows in s widened to whole steps and the step before, joined where they then meet."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        first, last = (int(np.floor(time / STEP_S + 1e-6)) for time in (start, end))
        first -= 1
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    half = STEP_S * 1e-6
    return [(max(0.0, a * STEP_S - half), (b + 1) * STEP_S - 2 * half) for a, b in joined]
