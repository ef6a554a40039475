"""MQTT against a real Mosquitto: nothing acknowledged is lost, what is not comes again."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from subprocess import run

import pytest

from detector.edge.mqtt import Broker, Connection
from detector.edge.mqtt_client import Message
from tests.servers import Server, certificates, eventually, mosquitto, program


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = mosquitto(tmp_path)
    made.start()
    yield made
    made.stop()


class Subscriber:
    """A connection and what arrived on it."""

    def __init__(self, port: int, version: int = 5, name: str = "s", unacknowledged: int = 100):
        self.queue: SimpleQueue[Message] = SimpleQueue()
        self.states: list[str] = []
        broker = Broker("127.0.0.1", port, name, version, unacknowledged=unacknowledged)
        self.connection = Connection(
            broker, ["mines/+/readings", "x/#"], self._arrived, self.states.append
        )
        self.connection.start()
        eventually(lambda: self.connection.connected)

    def _arrived(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self.queue.put(message)

    def take(self, count: int) -> list[Message]:
        return [self.queue.get(timeout=10) for _ in range(count)]


@pytest.fixture
def sender(server: Server) -> Iterator[Connection]:
    made = Connection(Broker("127.0.0.1", server.port, "sender"))
    made.start()
    eventually(lambda: made.connected)
    yield made
    made.stop()


@pytest.mark.parametrize("version", [3, 5])
def test_what_was_not_acknowledged_comes_again(
    server: Server, sender: Connection, version: int
) -> None:
    first = Subscriber(server.port, version)
    for number in range(6):
        assert sender.publish("mines/7/readings", str(number), {"t": "5"}, wait_s=5)
    messages = first.take(6)
    assert [m.payload for m in messages] == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert [dict(m.properties) for m in messages[:1]] == [{"t": "5"} if version == 5 else {}]
    first.connection.ack(messages[:4])
    assert first.connection.publish("other", "", wait_s=5)  # the broker has seen what came before
    first.connection.stop()
    assert sender.publish("mines/7/readings", "while away", wait_s=5)
    again = Subscriber(server.port, version)
    assert [m.payload for m in again.take(3)] == [b"4", b"5", b"while away"]
    again.connection.ack(messages)  # of a connection before: without effect
    again.connection.stop()
    assert again.queue.empty()
    last = Subscriber(server.port, version)
    rest = last.take(3)
    assert [m.payload for m in rest] == [b"4", b"5", b"while away"]
    last.connection.ack(rest)
    last.connection.stop()


def test_the_broker_holds_back_what_is_too_much(server: Server, sender: Connection) -> None:
    subscriber = Subscriber(server.port, unacknowledged=5)
    for number in range(12):
        assert sender.publish("x/y", str(number), wait_s=5)
    messages = subscriber.take(5)
    assert subscriber.queue.empty()
    subscriber.connection.ack(messages)
    assert [m.payload for m in subscriber.take(5)] == [b"5", b"6", b"7", b"8", b"9"]
    subscriber.connection.stop()


def test_a_broker_that_was_killed_is_found_again(server: Server, sender: Connection) -> None:
    subscriber = Subscriber(server.port)
    assert sender.publish("x/y", "before", wait_s=5)
    subscriber.connection.ack(subscriber.take(1))
    server.stop(signal.SIGKILL)
    eventually(lambda: not subscriber.connection.connected and not sender.connected)
    assert not sender.publish("x/y", "nowhere")
    server.start()
    eventually(lambda: subscriber.connection.connected and sender.connected)
    assert sender.publish("x/y", "after", wait_s=5)
    arrived = subscriber.take(1)
    while arrived[-1].payload != b"after":
        arrived += subscriber.take(1)
    assert subscriber.states[0] == subscriber.states[-1] == "connected"
    assert len(subscriber.states) >= 3
    subscriber.connection.stop()


def test_what_cannot_be_sent_is_told(sender: Connection) -> None:
    assert not sender.publish("x/#", "a filter is no topic")
    never = Connection(Broker("127.0.0.1", 1, "never", first_s=1))
    never.start()
    eventually(lambda: "reached" in never.state)
    assert not never.publish("x/y", "z")
    never.stop()


def test_passwords_are_asked_for(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    maker = program("mosquitto_passwd")
    run([maker, "-b", "-c", str(passwords), "mine", "secret"], check=True, capture_output=True)
    server = mosquitto(tmp_path, "allow_anonymous false", f"password_file {passwords}")
    server.start()
    for password, accepted in (("secret", True), ("wrong", False)):
        broker = Broker("127.0.0.1", server.port, "p", username="mine", password=password)
        connection = Connection(broker)
        connection.start()
        eventually(lambda made=connection: made.state != "not connected yet")  # type: ignore[misc]
        assert connection.connected is accepted, connection.state
        assert accepted or "refused" in connection.state
        connection.stop()
    server.stop()


# paho leaves the socket of a failed handshake to the garbage collector
@pytest.mark.filterwarnings("ignore:.*[sS]ocket fd:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed .*[sS]ocket:ResourceWarning")
def test_certificates_are_checked(tmp_path: Path) -> None:
    made = certificates(tmp_path / "tls")
    files = [f"cafile {made}/ca.crt", f"certfile {made}/server.crt", f"keyfile {made}/server.key"]
    server = mosquitto(tmp_path, *files, "require_certificate true")
    server.start()
    ca, cert, key = (str(made / name) for name in ("ca.crt", "client.crt", "client.key"))
    with_own = Broker("127.0.0.1", server.port, "t", ca=ca, cert=cert, key=key)
    connection = Connection(with_own)
    connection.start()
    eventually(lambda: connection.connected)
    assert connection.publish("x/y", "z", wait_s=5)
    connection.stop()
    for other in (
        Broker("127.0.0.1", server.port, "t", ca=ca),
        Broker("127.0.0.1", server.port, "t", tls=True, cert=cert, key=key),
    ):
        refused = Connection(other)
        refused.start()
        eventually(lambda made=refused: made.state != "not connected yet")  # type: ignore[misc]
        assert not refused.connected
        refused.stop()
    server.stop()
    gc.collect()
