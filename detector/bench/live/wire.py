"""A publisher that costs next to nothing: MQTT 3.1.1 packets, written as they go over the wire."""

from __future__ import annotations

import socket
import struct
import threading
from types import TracebackType

_CONNACK, _PUBACK = 0x20, 0x40


class Publisher:
    """Publishes with QoS 1; ``acknowledged`` counts what the broker has taken."""

    def __init__(self, port: int, name: str = "bench") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(_packet(0x10, _text("MQTT") + b"\x04\x02\x00\x00" + _text(name)))
        if self._socket.recv(4)[:1] != bytes([_CONNACK]):
            raise ConnectionError("the broker refuses")
        self.sent = self.acknowledged = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def publish(self, topic: str, payload: bytes) -> None:
        """Send a message; the broker's answer is not waited for."""
        number = self.sent % 65_535 + 1
        self.sent += 1
        self._socket.sendall(_packet(0x32, _text(topic) + struct.pack(">H", number), payload))

    @property
    def taken(self) -> bool:
        """Whether the broker has taken all that was sent."""
        return self.acknowledged >= self.sent

    def _listen(self) -> None:
        left = b""
        while True:
            try:
                piece = self._socket.recv(1 << 16)
            except OSError:
                return
            if not piece:
                return
            left += piece
            whole = len(left) // 4  # a PUBACK has four bytes
            self.acknowledged += whole
            left = left[4 * whole :]


def _text(text: str) -> bytes:
    coded = text.encode()
    return struct.pack(">H", len(coded)) + coded


def _packet(kind: int, head: bytes, payload: bytes = b"") -> bytes:
    size, length = len(head) + len(payload), b""
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (128 if size else 0)])
        if not size:
            return bytes([kind]) + length + head + payload
