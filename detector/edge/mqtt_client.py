"""paho's client, made to read ahead.

paho reads a message in three pieces, each with a system call of its own, makes objects of it and
calls back; that costs more than all that is done with a reading afterwards. Here all that has come
is read at once, and messages of QoS 1 without properties, nearly all there are, are told apart in
one pass and delivered together; what else comes goes paho's own way, out of the same bytes and in
its order. Acknowledgements of a batch are written at once.

This replaces methods that paho does not publish (2.2 is locked): where another version has no
``_sock_recv`` all goes paho's own way, as slowly as it does.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion

#: Bytes read at once.
_AHEAD = 1 << 18
#: Topics whose text is remembered.
_REMEMBERED = 50_000
#: A PUBLISH of QoS 1, whether it comes again or was retained or not: its first byte, masked.
_PUBLISH, _MASK = 0x32, 0xF6
_PUBACK = 0x40
_NONE: Mapping[str, str] = {}


class Message(NamedTuple):
    """A message, and what is needed to acknowledge it."""

    topic: str
    payload: bytes
    properties: Mapping[str, str]
    qos: int
    mid: int
    session: object


class Client(paho.Client):
    """``plain`` is called, in paho's thread, with messages that came together, of ``session``."""

    plain: Callable[[list[Message]], None] | None = None
    session: object = None
    _read: bytes = b""
    _at = 0
    _from: object = None
    _again = True

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._topics: dict[bytes, str] = {}
        self._five = self.protocol == MQTTProtocolVersion.MQTTv5

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Acknowledge messages of QoS 1 at once."""
        acks = b"".join([struct.pack("!BBH", _PUBACK, 2, mid) for mid in mids])
        self._packet_queue(_PUBACK, acks, mids[-1], 1)

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read all that has come: paho waits for more once this returns, so nothing is left."""
        if self._sock is not self._from:  # another connection
            self._read, self._at, self._from = b"", 0, self._sock
        self._again = True
        while True:
            if self.plain is not None and not self._in_packet["command"]:
                self._take()
            done = super().loop_read(max_packets)
            if done != MQTTErrorCode.MQTT_ERR_SUCCESS or self._at >= len(self._read):
                return done

    def _sock_recv(self, bufsize: int) -> bytes:
        """Bytes out of those read ahead, which are read once in a turn."""
        if self._at >= len(self._read):
            if not self._again:
                raise BlockingIOError
            self._read, self._at = super()._sock_recv(max(_AHEAD, bufsize)), 0
            self._again = not self._read  # the end of the connection is told again
        piece = self._read[self._at : self._at + bufsize]
        self._at += len(piece)
        return piece

    def _take(self) -> None:
        """Deliver the plain messages that come next and are there as a whole."""
        if self._at >= len(self._read):
            try:
                self._sock_recv(0)
            except OSError:
                return  # paho meets it again
        data, at, end = self._read, self._at, len(self._read)
        five, topics, session = self._five, self._topics, self.session
        found: list[Message] = []
        while at + 2 <= end and data[at] & _MASK == _PUBLISH:
            size, start = data[at + 1], at + 2
            if size > 127:
                size, start = _length(data, at + 1)
            stop = start + size
            if stop > end or size < 4:
                break
            cut = start + 2 + (data[start] << 8 | data[start + 1])
            body = cut + 3 if five else cut + 2
            if body > stop or cut == start + 2 or (five and data[cut + 2]):
                break  # not well made, or with properties
            name = data[start + 2 : cut]
            topic = topics.get(name) or self._named(name)
            mid = data[cut] << 8 | data[cut + 1]
            if not topic or not mid:
                break
            found.append(Message(topic, data[body:stop], _NONE, 1, mid, session))
            at = stop
        self._at = at
        if found and self.plain is not None:
            self.plain(found)

    def _named(self, name: bytes) -> str:
        """A topic as text; none where it is not UTF-8."""
        try:
            topic = name.decode()
        except UnicodeDecodeError:
            return ""
        if len(self._topics) >= _REMEMBERED:
            self._topics.clear()
        self._topics[name] = topic
        return topic


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length of up to four bytes, and where what it measures begins; more than there can be where
    it is not complete, or none."""
    size = 0
    for place in range(4):
        if at + place >= len(data):
            break
        size |= (data[at + place] & 127) << (7 * place)
        if data[at + place] < 128:
            return size, at + place + 1
    return 1 << 60, at
