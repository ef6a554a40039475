"""What is to be published, held for a while where the broker is not there."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Protocol


class Sender(Protocol):
    """What publishes: :class:`detector.edge.mqtt.Connection`."""

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        properties: Mapping[str, str] | None = None,
        retain: bool = False,
    ) -> bool:
        """Send a message; whether it was sent."""


class Outbox:
    """Messages in order; of more than ``most`` the oldest are ``dropped``, and counted."""

    def __init__(self, sender: Sender, most: int) -> None:
        self._sender = sender
        self._held: deque[tuple[str, bytes, Mapping[str, str], bool]] = deque()
        self._most = most
        self.sent = self.dropped = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(
        self, topic: str, payload: bytes, properties: Mapping[str, str], retain: bool = False
    ) -> None:
        """Publish a message after those before it, now or later."""
        self._held.append((topic, payload, properties, retain))
        while len(self._held) > self._most:
            self._held.popleft()
            self.dropped += 1
        self.flush()

    def flush(self) -> None:
        """Publish what is held, as far as it goes."""
        while self._held:
            topic, payload, properties, retain = self._held[0]
            if not self._sender.publish(topic, payload, properties, retain):
                return
            self._held.popleft()
            self.sent += 1
