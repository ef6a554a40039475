"""How fast what waits at the broker is taken in, and what that costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from detector.bench.live.servers import Broker, Loop, Served, until
from detector.bench.live.wire import Publisher

_POLL_S = 0.02
_LONGEST_S = 120.0
Messages = Iterator[tuple[str, bytes]]
Made = Callable[[], Loop | Served]


@dataclass(frozen=True)
class Drained:
    """What was taken in a stretch of time: messages, readings, pictures; wall and processor s.

    ``own_s`` is processor time of the process that takes in, ``all_s`` of all its processes.
    """

    wall_s: float
    own_s: float
    all_s: float
    messages: int
    readings: int
    pictures: int

    @property
    def per_s(self) -> float:
        """Messages in a second."""
        return self.messages / self.wall_s


def drained(broker: Broker, made: Made, messages: Messages, count: int) -> Drained:
    """Have ``count`` messages wait for a session, then have them taken.

    From the first to the last report that is neither nothing nor all: beginning and waiting for
    more do not count.
    """
    once = made()  # the broker knows the session from now on
    until(once.works, 90, "the service")
    once.end()
    with Publisher(broker.port) as publisher:
        for topic, payload in islice(messages, count):
            publisher.publish(topic, payload)
            if publisher.sent - publisher.acknowledged > 20_000:
                until(lambda: publisher.taken, 60, "mosquitto")
        until(lambda: publisher.taken, 60, "mosquitto")
    one = made()
    try:
        return _watched(one, count)
    finally:
        one.end()


def _watched(one: Loop | Served, count: int) -> Drained:
    seen: list[tuple[dict[str, int], dict[int, float]]] = []
    deadline = time.monotonic() + _LONGEST_S
    while time.monotonic() < deadline:
        told = one.told("ingest")
        done = told.get("acknowledged", 0)
        if done >= count:
            break
        if done and (not seen or told["at"] != seen[-1][0]["at"]):
            seen.append((told, one.cpu_s()))
        time.sleep(_POLL_S)
    (first, before), (last, after) = seen[0], seen[-1]
    pid = last["pid"]
    return Drained(
        last["at"] - first["at"],
        after[pid] - before[pid],
        sum(after.values()) - sum(before.values()),
        last["acknowledged"] - first["acknowledged"],
        last.get("readings", 0) - first.get("readings", 0),
        last.get("pictures", 0) - first.get("pictures", 0),
    )
