"""Messages read ahead: however their bytes come, they are delivered whole and in order."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from detector.edge.mqtt import Broker, Connection
from detector.edge.mqtt_client import Message
from tests.servers import eventually

PUBACK = 0x40
#: How often payloads have each of their sizes.
OFTEN = [0.05, 0.1, 0.4, 0.2, 0.2, 0.04, 0.01]


def sized(head: bytes, rest: bytes) -> bytes:
    size, length = len(rest), b""
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (128 if size else 0)])
        if not size:
            return head + length + rest


def text(told: bytes) -> bytes:
    return struct.pack(">H", len(told)) + told


def publish(
    topic: bytes, payload: bytes, mid: int, version: int, time: bytes = b"", flags: int = 0x32
) -> bytes:
    properties = b"\x26" + text(b"t") + text(time) if time else b""
    told = bytes([len(properties)]) + properties if version == 5 else b""
    number = struct.pack(">H", mid) if flags & 6 else b""
    return sized(bytes([flags]), text(topic) + number + told + payload)


class Broken:
    """A broker that says what it is told to, in pieces, and keeps what it hears."""

    def __init__(self, version: int, port: int = 0) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self.port, self.heard = self._server.getsockname()[1], b""
        self.connack = b"\x20\x03\x00\x00\x00" if version == 5 else b"\x20\x02\x00\x00"
        self.peer: socket.socket | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        peer = self._server.accept()[0]
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while piece := peer.recv(1 << 16):
            self.heard += piece
            self.peer = peer

    def end(self) -> None:
        if self.peer is not None:
            self.peer.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._server.close()
        if self.peer is not None:
            self.peer.close()


@pytest.fixture(params=[3, 5])
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def broken(version: int) -> Iterator[Broken]:
    made = Broken(version)
    yield made
    made.end()


def heard(broken: Broken, version: int, pieces: list[bytes], count: int) -> list[Message]:
    """Messages that came of the pieces; they are acknowledged."""
    found: list[Message] = []
    told = Broker("127.0.0.1", broken.port, "s", version)
    connection = Connection(told, deliver=found.extend)
    connection.start()
    eventually(lambda: broken.peer is not None)
    assert broken.peer is not None
    for piece in pieces:
        broken.peer.sendall(piece)
    eventually(lambda: len(found) >= count)
    connection.ack(found)
    eventually(lambda: len(_acknowledged(broken, version)) >= sum(m.qos for m in found))
    connection.stop()
    return found


def _acknowledged(broken: Broken, version: int) -> list[int]:
    """Numbers acknowledged, of all that was heard after CONNECT."""
    data, found = broken.heard, []
    at = 2 + data[1]
    while at + 4 <= len(data) and data[at] == PUBACK:
        found.append(struct.unpack_from(">H", data, at + 2)[0])
        at += 4
    return found


@pytest.mark.parametrize("seed", range(4))
def test_messages_come_whole_however_they_are_cut(broken: Broken, version: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    expected, stream = [], broken.connack
    for mid in range(1, 120):
        topic = b"mines/7/sensors/S%d" % (mid % 5)
        payload = rng.bytes(int(rng.choice([0, 1, 60, 120, 130, 20_000, 300_000], p=OFTEN)))
        time = b"%d" % mid if version == 5 and mid % 7 == 0 else b""
        flags = int(rng.choice([0x32, 0x3A, 0x33, 0x30]))
        stream += publish(topic, payload, mid, version, time, flags)
        expected.append((topic.decode(), payload, {"t": time.decode()} if time else {}, flags))
    cuts = np.sort(rng.integers(0, len(stream), [0, 3, 40, 400][seed])).tolist()
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    found = heard(broken, version, pieces, len(expected))
    assert [(m.topic, m.payload, dict(m.properties)) for m in found] == [e[:3] for e in expected]
    sure = [number for number, (*_, flags) in enumerate(expected, 1) if flags & 6]
    assert _acknowledged(broken, version) == sure
    assert [m.mid for m in found if m.qos] == sure


def test_a_topic_that_is_no_text_is_delivered_without_one(broken: Broken, version: int) -> None:
    stream = broken.connack + publish(b"mines/\xff\xfe", b"1", 1, version)
    stream += publish(b"mines/7/x", b"2", 2, version)
    assert [m.topic for m in heard(broken, version, [stream], 2)] == ["", "mines/7/x"]


def test_what_a_broken_connection_began_is_not_taken_up_by_the_next(version: int) -> None:
    found: list[Message] = []
    first = Broken(version)
    told = Broker("127.0.0.1", first.port, "s", version)
    connection = Connection(told, deliver=found.extend)
    connection.start()
    eventually(lambda: first.peer is not None)
    assert first.peer is not None
    whole = publish(b"a/b", b"whole", 1, version)
    first.peer.sendall(first.connack + whole + publish(b"a/b", b"cut off" * 9, 2, version)[:30])
    eventually(lambda: found)
    old = found[:]
    port = first.port
    first.end()
    second = Broken(version, port)
    eventually(lambda: second.peer is not None)
    assert second.peer is not None
    second.peer.sendall(second.connack + publish(b"a/b", b"again", 1, version))
    eventually(lambda: len(found) == 2)
    connection.ack(old)
    connection.ack(found[1:])
    eventually(lambda: _acknowledged(second, version))
    connection.stop()
    assert [m.payload for m in found] == [b"whole", b"again"]
    assert _acknowledged(second, version) == [1]
    second.end()
