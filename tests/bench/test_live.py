"""How the live service is measured."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from detector.bench.live import Live
from detector.bench.live.cameras import Held, Step
from detector.bench.live.drained import Drained
from detector.bench.live.promptness import Promptness
from detector.bench.live.servers import Broker, until
from detector.bench.live.wire import Publisher
from detector.edge import mqtt
from detector.edge.mqtt_client import Message
from tests.servers import program


def test_what_is_published_arrives(tmp_path: Path) -> None:
    program("mosquitto")
    broker, seen = Broker(tmp_path), list[Message]()
    reader = mqtt.Connection(mqtt.Broker("127.0.0.1", broker.port, "reader"), ["#"], seen.extend)
    try:
        reader.start()
        until(lambda: reader.connected, 20, "connection")
        time.sleep(0.2)  # until it has subscribed
        with Publisher(broker.port) as publisher:
            for number in range(300):
                publisher.publish(f"a/{number}", bytes(number))
            until(lambda: len(seen) == 300 and publisher.taken, 20, "messages")
        assert [(m.topic, len(m.payload)) for m in seen] == [(f"a/{n}", n) for n in range(300)]
    finally:
        reader.stop()
        broker.end()


def test_what_never_came_counts_as_late() -> None:
    told = Promptness([0.1 * n for n in range(1, 100)], crossed=100, check_s=0.0)
    assert (told.part(0.5), told.part(0.99)) == (5.0, 9.9)
    assert told.part(1.0) == np.inf


def test_targets_and_text() -> None:
    def step(cameras: int, taken: float, waiting_s: float) -> Step:
        return Step(cameras, cameras, taken, waiting_s, 0.006, 0.01, 0.001, 0.5, 9.0)

    steps = [step(300, 299, 0.4), step(350, 300, 6.0)]
    loop, one, batch = (
        Drained(1.0, 0.5, 0.5, 8000, 0, 0),
        Drained(1.0, 0.6, 1.0, 6000, 6000, 0),
        Drained(1.0, 0.7, 1.5, 1500, 150_000, 0),
    )
    told = Promptness([0.5] * 100, crossed=100, check_s=0.9)
    live = Live([loop], [one], [batch], Held(steps, 0.003, 52_000), told)
    assert [target.reached for target in live.targets()] == [True] * 4
    assert live.ratio == 0.75
    assert "| 350 | 300 | 6.0 |" in live.text()
