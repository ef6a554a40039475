"""The demo's camera: the head of a shaft, live, then held for a while, then live again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import cv2

from detector.apps.serve.role import Stop
from detector.bench.scenes import Settings, scene
from detector.edge.mqtt import Connection
from detector.edge.payloads.jpeg import stamped

CAMERA = "shaft-head"
#: Seconds for which it is live, and is held then.
LIVE_S, HELD_S = 60, 40
_SIZE, _QUALITY = "320x180", 80


def pictures() -> Iterator[bytes]:
    """A JPEG for every second, without end."""
    shown = scene("idle_shaft", Settings(seconds=86400.0, fps=1.0, size=_SIZE))
    held = b""
    for k in count():
        if not LIVE_S <= k < LIVE_S + HELD_S:
            picture = shown.picture(k % len(shown.times_s))
            held = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
        yield held


def show(connection: Connection, mine: str, stop: Stop) -> None:
    """Publish them as they would come, until told to end."""
    began = time.monotonic()
    for k, picture in enumerate(pictures()):
        stop.wait(max(began + k - time.monotonic(), 0.0))
        if stop:
            return
        now = time.time()
        connection.publish(f"mines/{mine}/cameras/{CAMERA}/frame", stamped(picture, now))
