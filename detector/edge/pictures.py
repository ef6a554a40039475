"""Pictures that arrive one by one (JPEG) to the same features as recordings have."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

import cv2
import numpy as np

from detector.core.observation import STEP_S, U8, Frames, Views
from detector.edge.memory import keep_memory
from detector.edge.payloads import BadPayload, Shot
from detector.signals.rows import Fine, FrameRows, ViewRows

#: Pictures wider than this are halved, by the decoder, until they are not: what coding leaves of a
#: camera's noise is coarser than a pixel and still there.
MAX_WIDTH = 960
_REDUCED = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
#: Bytes after the end of a picture that are still its own.
_PADDING = 4096
#: Rows of change are closed at once where pictures come this much slower than steps.
_SLOW_S = 2 * STEP_S


def luma_of(shot: Shot) -> U8:
    """Luma picture uint8 (h, w), upright; BadPayload where it cannot be decoded, or not all of it.

    Wide pictures are decoded at a half, a quarter or an eighth of their size.
    """
    if b"\xff\xd9" not in shot.jpeg[-_PADDING:]:
        raise BadPayload("picture", "it is cut off")
    parts = next((n for n in _REDUCED if shot.width <= n * MAX_WIDTH), max(_REDUCED))
    try:
        luma = cv2.imdecode(np.frombuffer(shot.jpeg, dtype=np.uint8), _REDUCED[parts])
    except cv2.error as error:
        raise BadPayload("picture", str(error)[:120]) from error
    if luma is None or luma.ndim != 2:
        raise BadPayload("picture", "it cannot be decoded")
    while luma.shape[1] > MAX_WIDTH:
        half = (luma.shape[1] // 2, max(1, luma.shape[0] // 2))
        luma = cv2.resize(luma, half, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(luma, dtype=np.uint8)


class Camera:
    """One camera's pictures, each a key frame.

    Of pictures slower than the steps of :class:`Frames` each is a row at once; faster ones are
    folded into their step, whose row comes with the next one's first picture. Where time runs
    backward (late, sent again, or the clock was set) all begins anew: the picture is compared with
    none. The same picture at the same time gives no rows.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._last = np.inf
        self._same = 0
        self._begin()

    def _begin(self) -> None:
        self._frames, self._views = FrameRows(self._stream), ViewRows(self._stream)
        self._closed = -np.inf

    def add(self, shot: Shot) -> list[Frames | Views]:
        """The rows that a picture completes; BadPayload where it cannot be decoded, or its time is
        that of another picture."""
        checksum = crc32(shot.jpeg)
        if shot.time == self._last:
            if checksum == self._same or shot.time.is_integer():  # stamps of whole seconds
                return []
            raise BadPayload("clock", "its time is that of the picture before")
        luma = luma_of(shot)
        left: list[Frames] = []
        if shot.time < self._last:
            left = list(self._frames.blocks(0))
            self._begin()
        slow = shot.time - self._last >= _SLOW_S
        self._last, self._same = shot.time, checksum
        step = np.floor(shot.time / STEP_S + 1e-6)
        fine = Fine(luma)
        if step > self._closed:
            self._frames.add(shot.time, luma, len(shot.jpeg), fine)
        self._views.add(shot.time, luma, True, fine)
        if slow:
            self._closed = step
        rows = self._frames.blocks(0) if slow else self._frames.finished()
        return [*left, *rows, *self._views.blocks(0)]


class Cameras:
    """The cameras whose pictures came last, at most ``most`` of them."""

    def __init__(self, most: int = 2000, threads: int = 2) -> None:
        keep_memory()
        self._most = most
        self._known: OrderedDict[tuple[str, str], Camera] = OrderedDict()
        self._before: dict[tuple[str, str, float], list[tuple[str, Frames | Views]]] = {}
        self._pool = ThreadPoolExecutor(threads, "pictures") if threads > 1 else None

    def add(self, shot: Shot) -> list[tuple[str, Frames | Views]]:
        """The rows that a picture completes, with their mine; BadPayload as :func:`luma_of`."""
        return [(shot.mine, block) for block in self._camera(shot).add(shot)]

    def add_all(self, shots: Sequence[Shot]) -> list[list[tuple[str, Frames | Views]] | BadPayload]:
        """The rows that each picture completes, or why it cannot be read: cameras side by side,
        which uses more than one core, as decoding and measuring are done outside Python.

        Pictures that were in the call before give the same rows again: a batch that could not be
        stored may be tried again.
        """
        apart: dict[tuple[str, str], list[int]] = {}
        for number, shot in enumerate(shots):
            apart.setdefault((shot.mine, shot.stream), []).append(number)
        found: dict[int, list[tuple[str, Frames | Views]] | BadPayload] = {}
        before, self._before = self._before, {}

        def one(work: tuple[Camera, list[int]]) -> None:
            camera, numbers = work
            for number in numbers:
                shot = shots[number]
                try:
                    known = before.get((shot.mine, shot.stream, shot.time))
                    rows = known or [(shot.mine, block) for block in camera.add(shot)]
                    found[number] = rows
                except BadPayload as bad:
                    found[number] = bad
                    continue
                self._before[shot.mine, shot.stream, shot.time] = rows

        todo = [(self._camera(shots[numbers[0]]), numbers) for numbers in apart.values()]
        for _ in map(one, todo) if self._pool is None else self._pool.map(one, todo):
            continue
        return [found[number] for number in range(len(shots))]

    def _camera(self, shot: Shot) -> Camera:
        key = (shot.mine, shot.stream)
        camera = self._known.pop(key, None) or Camera(shot.stream)
        self._known[key] = camera
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return camera
