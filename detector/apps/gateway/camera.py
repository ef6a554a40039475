"""One camera of the gateway, in a process of its own: pulled, measured or coded, published."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame

from detector.apps.gateway.outbox import Outbox
from detector.config.gateway import Gateway, Source
from detector.core.observation import U8, Frames, Views
from detector.edge.payloads.features import encoded
from detector.edge.payloads.jpeg import stamped
from detector.edge.source import SourceEnded, host_is_there, pictures, with_login
from detector.edge.video import luma_of
from detector.signals.rows import FrameRows, ViewRows

LOG = logging.getLogger("trueshaft.gateway")
#: Seconds before a camera is tried again, from the first to the most.
_FIRST_S, _MOST_S = 1.0, 30.0
#: Seconds of features in a message.
_FEATURES_S = 1.0


@dataclass(frozen=True)
class Pulled:
    """A camera to be pulled: where its messages go, and its neighbours on the network."""

    source: Source
    gateway: Gateway
    frame_topic: str
    features_topic: str
    status_topic: str
    neighbours: tuple[str, ...]


class Camera:
    """Pulls a camera until ``stopped``; ``outbox`` takes what is to be published."""

    def __init__(self, pulled: Pulled, outbox: Outbox, stopped: Callable[[], bool]) -> None:
        self._pulled, self._outbox, self._stopped = pulled, outbox, stopped
        self._state = ""
        self._last = -np.inf
        self._frames, self._views = FrameRows(""), ViewRows("")
        self._sent_s = 0.0

    def run(self) -> None:
        """Pull it, again and again where it ends; a file is played once."""
        wait_s = _FIRST_S
        while not self._stopped():
            began = time.monotonic()
            try:
                self._pull()
            except SourceEnded as ended:
                self._told(*judged(ended, self._pulled.neighbours))
                if ended.state == "ended":
                    break
            if time.monotonic() - began > _MOST_S:
                wait_s = _FIRST_S
            self._rest(wait_s)
            wait_s = min(2 * wait_s, _MOST_S)
        self._send_features(at_least=0)
        self._outbox.flush()

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopped():
            self._outbox.flush()
            time.sleep(0.05)

    def _pull(self) -> None:
        source, gateway = self._pulled.source, self._pulled.gateway
        username, password = _from_env(source.username_env), _from_env(source.password_env)
        url = with_login(source.url, username, password)
        self._frames.cut()
        for at, frame in pictures(url, gateway.timeout_s, gateway.keys_only, self._stopped):
            if at <= self._last:
                continue
            self._told("streaming", "")
            if gateway.send == "features":
                self._measure(at, frame)
            elif self._due(at):
                self._send_picture(at, frame)
            self._outbox.flush()

    def _due(self, at: float) -> bool:
        """Whether a picture's time has come; half a picture early rather than a whole one late."""
        period = 1.0 / self._pulled.gateway.rate_hz
        if at - self._last < period - 0.02:
            return False
        behind = at - self._last - period
        self._last = at - behind if 0 < behind < period else at
        return True

    def _send_picture(self, at: float, frame: VideoFrame) -> None:
        gateway = self._pulled.gateway
        turns = round((frame.rotation or 0) / 90) % 4
        upright = np.rot90(frame.to_ndarray(format="bgr24"), turns)
        picture: U8 = np.ascontiguousarray(upright, dtype=np.uint8)
        height, width = picture.shape[:2]
        if width > gateway.width:
            size = (gateway.width, max(1, round(height * gateway.width / width)))
            picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, gateway.quality])
        if done:
            payload = stamped(coded.tobytes(), at)
            self._outbox.put(self._pulled.frame_topic, payload, {"t": _iso(at)})

    def _measure(self, at: float, frame: VideoFrame) -> None:
        luma = luma_of(frame)
        self._last = at
        self._frames.add(at, luma, 0)
        self._views.add(at, luma, bool(frame.key_frame))
        if at - self._sent_s >= _FEATURES_S:
            self._sent_s = at
            self._send_features()

    def _send_features(self, at_least: int | None = None) -> None:
        """Publish the finished rows; 0 ends the stream and finishes the last."""
        frames = self._frames.finished() if at_least is None else self._frames.blocks(at_least)
        blocks: list[Frames | Views] = [*frames, *self._views.blocks(0)]
        for block in blocks:
            self._outbox.put(self._pulled.features_topic, encoded(block), {})

    def _told(self, state: str, detail: str) -> None:
        """Publish the camera's state when it changes."""
        if state == self._state:
            return
        self._state = state
        camera = self._pulled.source.camera
        (LOG.info if state == "streaming" else LOG.warning)("%s: %s %s", camera, state, detail)
        told: dict[str, Any] = {"camera": camera, "state": state, "detail": detail}
        told |= {"t": _iso(time.time()), "dropped": self._outbox.dropped}
        payload = json.dumps(told, ensure_ascii=False).encode()
        self._outbox.put(self._pulled.status_topic, payload, {}, retain=True)


def judged(ended: SourceEnded, neighbours: Sequence[str]) -> tuple[str, str]:
    """State and detail: of a camera that is not reached, whether it is off or the network down.

    It is off where another camera's host answers; down where none does. Where there is no other
    camera nothing tells them apart, and it is called unreachable.
    """
    if ended.state != "unreachable" or not neighbours:
        return ended.state, ended.detail
    for url in neighbours:
        if host_is_there(url, 1.0) != "away":
            return "off", f"{ended.detail}; other cameras answer"
    return "network_down", f"{ended.detail}; no other camera answers either"


def _from_env(name: str | None) -> str | None:
    return os.environ.get(name) if name is not None else None


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
