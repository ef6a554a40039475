"""What passes between a broker and the service: a relay that hears every message delivered and
every acknowledgement, so that a loss can be laid to one or the other."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

_PUBLISH, _PUBACK = 3, 4


class Witness:
    """A relay to the broker at a port, MQTT 5; ``delivered`` and ``acknowledged`` are payloads."""

    def __init__(self, port: int) -> None:
        self._broker, self._ended = port, False
        self.delivered: set[bytes] = set()
        self.acknowledged: set[bytes] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._ended = True
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        while not self._ended:
            try:
                service = self._server.accept()[0]
            except OSError:
                return
            try:
                broker = socket.create_connection(("127.0.0.1", self._broker), 5)
            except OSError:
                service.close()
                continue
            open_ = dict[int, bytes]()  # of this connection, by number

            def came(kind: int, body: bytes, known: dict[int, bytes] = open_) -> None:
                if kind >> 4 == _PUBLISH and kind & 6:
                    number, payload = _published(body)
                    known[number] = payload
                    self.delivered.add(payload)

            def went(kind: int, body: bytes, known: dict[int, bytes] = open_) -> None:
                if kind >> 4 == _PUBACK:
                    payload = known.pop(struct.unpack_from(">H", body)[0], None)
                    if payload is not None:
                        self.acknowledged.add(payload)

            for source, sink, told in ((broker, service, came), (service, broker, went)):
                source.settimeout(None)
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_relay, args=(source, sink, told), daemon=True).start()


def _relay(source: socket.socket, sink: socket.socket, told: Callable[[int, bytes], None]) -> None:
    """Tell of whole packets before they go on; what is left at the end never was one."""
    left = b""
    try:
        while piece := source.recv(1 << 16):
            left += piece
            at = 0
            for kind, body, end in _packets(left):
                told(kind, body)
                at = end
            sink.sendall(left[:at])
            left = left[at:]
    except OSError:
        pass
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
    source.close()


def _packets(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """First byte, body and end of each whole packet."""
    at = 0
    while True:
        size, start = _number(data, at + 1)
        if start + size > len(data):
            return
        yield data[at], data[start : start + size], start + size
        at = start + size


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of several bytes and where it ends; beyond the data where it is not whole."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at
    return 0, len(data) + 1


def _published(body: bytes) -> tuple[int, bytes]:
    """Number and payload of a PUBLISH."""
    at = 2 + struct.unpack_from(">H", body)[0]
    size, start = _number(body, at + 2)
    return struct.unpack_from(">H", body, at)[0], body[start + size :]
