"""Messages between the connection that brings them and the store that takes them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from threading import Condition

from detector.apps.serve.intake import Arrived

#: Seconds without a message after which none is waited for: the broker may hold back the next until
#: these are acknowledged.
_SILENT_S = 0.005
#: Seconds that the first message of a batch is waited for.
_PATIENCE_S = 0.2


class Waiting:
    """A queue of about ``most`` messages and bytes, put in and taken out many at a time."""

    def __init__(self, most: int, most_bytes: int = 128_000_000) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._messages: deque[Arrived] = deque()
        self._bytes = 0
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, messages: Sequence[Arrived]) -> None:
        """Add messages; where there are too many before them, wait."""
        with self._changed:
            while len(self._messages) >= self._most or self._bytes >= self._most_bytes:
                self._changed.wait()
            self._messages.extend(messages)
            self._bytes += sum(len(one.message.payload) for one in messages)
            self._changed.notify_all()

    def take(self, most: int, most_bytes: int, within_s: float) -> list[Arrived]:
        """Up to so many of the messages, and of their bytes, that come ``within_s`` of the first;
        none where there is no first one for a moment."""
        taken: list[Arrived] = []
        with self._changed:
            if not self._messages:
                self._changed.wait(_PATIENCE_S)
            until = time.monotonic() + within_s
            while True:
                left = len(self._messages)
                while self._messages and len(taken) < most and most_bytes > 0:
                    taken.append(self._messages.popleft())
                    size = len(taken[-1].message.payload)
                    most_bytes, self._bytes = most_bytes - size, self._bytes - size
                if left > len(self._messages):
                    self._changed.notify_all()
                full = len(taken) >= most or most_bytes <= 0
                wait_s = min(until - time.monotonic(), _SILENT_S)
                if full or not taken or wait_s <= 0 or not self._changed.wait(wait_s):
                    return taken
