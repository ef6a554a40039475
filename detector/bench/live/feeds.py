"""What sensors and cameras of a mine send, made up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from detector.bench.scenes import SCENES, Settings, scene
from detector.bench.sensor_speed import made_up
from detector.edge.payloads.jpeg import stamped

#: Mines, and streams of each.
MINES, STREAMS = 5, 100
#: The readings are of yesterday on: nothing of the future.
_AGO_S, _ROWS = 86_400.0, 2000
#: Pictures of each scene, and how they are coded.
_PICTURES, _QUALITY, SIZE = 24, 75, "1280x720"
#: Seconds of the scene from one picture to the next.
_APART_S = 7.3


def mine(number: int) -> str:
    """The code of a mine."""
    return f"2206{number:08d}"


def singles() -> Iterator[tuple[str, bytes]]:
    """Topics and payloads: a reading each, of all streams in turn."""
    start, rows = time.time() - _AGO_S, _wandering()
    for row in count():
        for number in range(MINES * STREAMS):
            place, stream = divmod(number, STREAMS)
            value = float(rows[stream, (row + 97 * place) % _ROWS])
            told = json.dumps({"t": start + row, "value": value}).encode()
            yield f"mines/{mine(place)}/sensors/S{stream:03d}", told


def hundreds() -> Iterator[tuple[str, bytes]]:
    """Topics and payloads: a reading each of all 100 streams of a mine at one time."""
    start, rows = time.time() - _AGO_S, _wandering()
    for row in count():
        for place in range(MINES):
            now = rows[:, (row + 97 * place) % _ROWS].tolist()
            values = {f"S{stream:03d}": [value] for stream, value in enumerate(now)}
            told = json.dumps({"t": [start + row], "values": values}).encode()
            yield f"mines/{mine(place)}/readings", told


def _wandering() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([one.value for one in made_up(STREAMS, _ROWS)])


def pictures(work: Path) -> list[list[bytes]]:
    """JPEG pictures of 720p of each scene; made where they are not there yet."""
    folder = work / "live" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return [[_picture(folder, name, k) for k in range(_PICTURES)] for name in SCENES]


def _picture(folder: Path, name: str, number: int) -> bytes:
    path = folder / f"{name}-live-{number:02d}.jpg"
    if not path.is_file():  # each has noise of its own, as live pictures have
        settings = Settings(seconds=_PICTURES * _APART_S, fps=1 / _APART_S, size=SIZE)
        shown = scene(name, settings).picture(number)
        coded = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
        path.write_bytes(coded.tobytes())
    return path.read_bytes()


class Cameras:
    """Cameras of one picture a second; each shows those of its scene in an order of its own."""

    def __init__(self, shown: Sequence[Sequence[bytes]]) -> None:
        self._shown = shown
        self._chance = np.random.default_rng(0)
        self._last: dict[int, int] = {}

    def picture(self, camera: int) -> tuple[str, bytes]:
        """Topic and payload of its next picture, which is not that before, and tells its time."""
        scene = self._shown[camera % len(self._shown)]
        step = int(self._chance.integers(1, len(scene)))
        self._last[camera] = number = (self._last.get(camera, 0) + step) % len(scene)
        place, name = divmod(camera, 20)
        return f"mines/{mine(place)}/cameras/C{name:02d}/frame", stamped(scene[number], time.time())
