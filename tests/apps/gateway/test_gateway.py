"""Cameras pulled from a real RTSP server, published to a real broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from detector.apps.gateway import camera as camera_module
from detector.apps.gateway.camera import judged
from detector.apps.gateway.command import pulled
from detector.apps.gateway.outbox import Outbox
from detector.config.configuration import load
from detector.core.errors import ConfigError
from detector.core.observation import Frames, Views
from detector.edge.mqtt import Broker, Connection
from detector.edge.mqtt_client import Message
from detector.edge.payloads import Features, Limits, Shot
from detector.edge.payloads.decoding import decode
from detector.edge.payloads.sparkplug import Nodes
from detector.edge.pictures import luma_of
from detector.edge.source import SourceEnded, WallClock, pictures, with_login
from detector.edge.topics import Topics
from tests.servers import Server, eventually, free_port, mosquitto, rtsp

MINE = "220600000001"


class Subscriber:
    """What arrives at the broker."""

    def __init__(self, port: int) -> None:
        self.queue: SimpleQueue[Message] = SimpleQueue()
        broker = Broker("127.0.0.1", port, "subscriber")
        self.connection = Connection(broker, ["mines/#", "trueshaft/#"], self._arrived)
        self.connection.start()
        eventually(lambda: self.connection.connected)

    def _arrived(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.queue.put(message)

    def take(self) -> Message:
        message = self.queue.get(timeout=30)
        self.connection.ack([message])
        return message

    def state(self, wanted: str) -> dict[str, Any]:
        while True:
            message = self.take()
            if message.topic.endswith("/status"):
                told: dict[str, Any] = json.loads(message.payload)
                if told["state"] == wanted:
                    return told

    def decoded(self) -> Any:
        while True:
            message = self.take()
            if not message.topic.endswith("/status"):
                found = Topics().route(message.topic)
                assert found is not None
                (item,) = decode(
                    *found, message.payload, message.properties, time.time(), Limits(), Nodes()
                )
                return item


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    made = mosquitto(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def subscriber(broker: Server) -> Iterator[Subscriber]:
    made = Subscriber(broker.port)
    yield made
    made.connection.stop()


class Gateway:
    """The command, running."""

    def __init__(self, folder: Path, port: int, sources: str, env: dict[str, str] | None = None):
        config = folder / "site.toml"
        mine = f'[mine]\ncode = "{MINE}"\n[mqtt]\nport = {port}\n'
        config.write_text(f"{mine}[gateway]\ntimeout_s = 3\n{sources}")
        command = [sys.executable, "-m", "detector", "gateway", "--config", str(config)]
        self.log = folder / "gateway.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stderr=log, env={**os.environ, **(env or {})})

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, self.log.read_text()


def source(camera: str, url: str, more: str = "") -> str:
    return f'[[gateway.sources]]\ncamera = "{camera}"\nurl = "{url}"\n{more}\n'


def test_pictures_of_a_camera_arrive(
    tmp_path: Path, broker: Server, subscriber: Subscriber
) -> None:
    server = rtsp(tmp_path)
    server.start()
    url = f"rtsp://127.0.0.1:{server.port}/shaft"
    gateway = Gateway(tmp_path, broker.port, "rate_hz = 2\n" + source("main", url))
    shots = [subscriber.decoded() for _ in range(5)]
    assert all(isinstance(shot, Shot) and shot.stream == "main" for shot in shots)
    assert [(shot.width, shot.height) for shot in shots[:1]] == [(320, 240)]
    steps = np.diff([shot.time for shot in shots])
    assert np.all(steps > 0.2)
    assert abs(np.mean(steps[-3:]) - 0.5) < 0.15
    assert abs(time.time() - shots[-1].time) < 5
    assert luma_of(shots[0]).std() > 1
    server.stop(signal.SIGKILL)
    told = subscriber.state("off")
    assert told["camera"] == "main"
    server.start()
    subscriber.state("streaming")
    assert isinstance(subscriber.decoded(), Shot)
    gateway.stop()
    server.stop()


def test_features_of_a_camera_arrive(
    tmp_path: Path, broker: Server, subscriber: Subscriber
) -> None:
    server = rtsp(tmp_path, "viewer", "pass word")
    server.start()
    url = f"rtsp://127.0.0.1:{server.port}/shaft"
    login = 'username_env = "CAMERA_USER"\npassword_env = "CAMERA_PASSWORD"'
    env = {"CAMERA_USER": "viewer", "CAMERA_PASSWORD": "pass word"}
    sources = 'send = "features"\n' + source("main", url, login) + source("other", url)
    gateway = Gateway(tmp_path, broker.port, sources, env)
    frames: list[Frames] = []
    views: list[Views] = []
    while len(frames) < 4 or len(views) < 3:
        found = subscriber.decoded()
        assert isinstance(found, Features)
        assert (found.mine, found.block.stream) == (MINE, "main")
        (frames if isinstance(found.block, Frames) else views).append(found.block)  # type: ignore[arg-type]
    times = np.concatenate([block.time for block in frames])
    assert np.all(np.diff(times) > 0)
    assert abs(np.median(np.diff(times)) - 0.2) < 0.05
    eventually(lambda: "refused" in gateway.log.read_text())
    assert "pass" not in gateway.log.read_text()
    gateway.stop()
    server.stop()


def test_a_file_is_played_once(
    tmp_path: Path, broker: Server, subscriber: Subscriber, film: Path
) -> None:
    gateway = Gateway(tmp_path, broker.port, "rate_hz = 4\n" + source("film", f"file:{film}"))
    subscriber.state("ended")
    gateway.stop()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.avi"
    made = "testsrc=duration=2:size=64x48:rate=10"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", made, "-c:v", "mjpeg", str(path)]
    subprocess.run(command, check=True)
    return path


def test_a_file_has_the_pace_of_its_recording(film: Path) -> None:
    began = time.time()
    times: list[float] = []
    with pytest.raises(SourceEnded, match="ended"):
        times.extend(at for at, _ in pictures(f"file:{film}", 5))
    assert len(times) == 20
    assert 1.8 <= time.time() - began < 6
    np.testing.assert_allclose(np.diff(times), 0.1, atol=1e-6)
    assert list(pictures(f"file:{film}", 5, stopped=lambda: True)) == []


def test_a_source_says_why_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "text.avi").write_text("none")
    for url, state in (
        (f"file:{tmp_path}/absent.avi", "absent"),
        (f"file:{tmp_path}/text.avi", "broken"),
        (f"rtsp://127.0.0.1:{free_port()}/shaft", "off"),
    ):
        with pytest.raises(SourceEnded) as ended:
            next(pictures(url, 2))
        assert ended.value.state == state
        assert str(tmp_path) not in str(ended.value)


def test_off_and_down_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"rtsp://a/": "away", "rtsp://b/": "up"}
    monkeypatch.setattr(camera_module, "host_is_there", lambda url, _: there[url])
    lost = SourceEnded("unreachable", "timed out")
    assert judged(lost, ["rtsp://a/", "rtsp://b/"])[0] == "off"
    assert judged(lost, ["rtsp://a/"])[0] == "network_down"
    assert judged(lost, [])[0] == "unreachable"
    assert judged(SourceEnded("absent", ""), ["rtsp://b/"])[0] == "absent"


def test_times_follow_the_wall_clock() -> None:
    now = [1000.0]
    clock = WallClock(lambda: now[0])
    assert clock.time(5.0) == 1000.0
    now[0] = 1000.5
    assert clock.time(6.0) == 1000.5  # it came sooner than the first, which had been delayed
    now[0] = 1002.0
    assert clock.time(7.0) == 1001.5
    now[0] = 1010.0
    assert clock.time(8.0) == 1010.0  # the camera's clock had fallen behind
    assert clock.time(-500.0) == 1010.0


def test_a_login_is_put_into_an_address() -> None:
    assert with_login("rtsp://c:554/x?y=1", "u@", "p:/") == "rtsp://u%40:p%3A%2F@c:554/x?y=1"
    assert with_login("rtsp://c/x", None, "p") == "rtsp://c/x"


def test_messages_are_held_in_order() -> None:
    class Line:
        up, sent = True, list[bytes]()

        def publish(self, topic: str, payload: Any, *_: object) -> bool:
            if self.up:
                self.sent.append(payload)
            return self.up

    line = Line()
    outbox = Outbox(line, most=3)
    outbox.put("t", b"0", {})
    line.up = False
    for number in range(1, 6):
        outbox.put("t", str(number).encode(), {})
    assert (len(outbox), outbox.dropped) == (3, 2)
    line.up = True
    outbox.flush()
    assert line.sent == [b"0", b"3", b"4", b"5"]
    assert outbox.sent == 4


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no cameras"),
        (f'[mine]\ncode = "{MINE}"\n[gateway]\n', "no cameras"),
        (f'[mine]\ncode = "{MINE}"\n' + source("a", "rtsp://x/") * 2, "same camera"),
        (f'[mine]\ncode = "{MINE}"\n' + source("a", "rtsp://u:p@x/"), "url"),
        (f'[mine]\ncode = "{MINE}"\n' + source("a", "http://x/"), "url"),
    ],
)
def test_configurations_that_cannot_be(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "site.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        pulled(load(path).site)
    assert what in f"{error.value.what} {error.value.where} {error.value.todo}"
