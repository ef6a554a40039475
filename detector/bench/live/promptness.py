"""How soon an alert is in the ledger, from the reading that crosses a threshold on."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector.bench.live.feeds import Cameras, mine, pictures
from detector.bench.live.servers import Broker, Served, until
from detector.bench.live.wire import Publisher

#: Sensors with a reading a second, cameras with a picture a second.
SENSORS, CAMERAS = 200, 40
_GROUPS, _MOST, _IMPOSSIBLE = 10, 10.0, 50.0
#: Seconds before the first crossing, between the first and the last, and after it.
_BEFORE_S, _DURING_S, _AFTER_S = 15, 40, 8
_HELD = 3  #: readings in a row that cross


@dataclass(frozen=True)
class Promptness:
    """Seconds from the publishing of the reading that crosses to its entry in the ledger, of each
    that has one; how many crossed; the longest that a check waited, s."""

    seconds: list[float]
    crossed: int
    check_s: float

    def part(self, share: float) -> float:
        """So many of all that crossed came within these s; inf where they did not come."""
        told = sorted(self.seconds) + [np.inf] * (self.crossed - len(self.seconds))
        return float(told[min(len(told) - 1, int(np.ceil(share * len(told))) - 1)])


def promptness(broker: Broker, folder: Path, work: Path) -> Promptness:
    """Sensors go out of range one after the other, while all send."""
    streams = "".join(
        f'[[streams]]\nname = "P{n:03d}"\nrange = [0.0, {_MOST}]\nshaft = "shaft {n}"\n'
        for n in range(SENSORS)
    )
    shown = pictures(work)
    service = Served(folder, broker.port, streams, mine(0))
    try:
        until(service.works, 90, "the service")
        with Publisher(broker.port) as publisher:
            crossed, check_s = _sent(publisher, Cameras(shown), service)
        found: dict[str, float] = {}
        for at, alert in service.alerts():
            for episode in alert["episodes"]:
                if episode["detector"] == "out_of_range":
                    found.setdefault(episode["stream"], at)
    finally:
        service.end()
    told = [found[name] - at for name, at in crossed.items() if name in found]
    return Promptness(told, len(crossed), check_s)


def _sent(
    publisher: Publisher, cameras: Cameras, service: Served
) -> tuple[dict[str, float], float]:
    """When each one's first reading that crosses was published; the longest that a check waited."""
    crossing = np.sort(np.random.default_rng(1).uniform(0.0, _DURING_S, SENSORS)) + _BEFORE_S
    crossing = np.random.default_rng(2).permutation(crossing)
    crossed: dict[str, float] = {}
    begun, groups, sent, check_s = time.monotonic(), 0, 0, 0.0
    while (passed := time.monotonic() - begun) < _BEFORE_S + _DURING_S + _AFTER_S:
        while sent < passed * CAMERAS:
            publisher.publish(*cameras.picture(sent % CAMERAS))
            sent += 1
        while groups < passed * _GROUPS:
            now, values = time.time(), {}
            for number in range(groups % _GROUPS, SENSORS, _GROUPS):
                name, since = f"P{number:03d}", passed - crossing[number]
                out = 0.0 <= since < _HELD
                values[name] = [_IMPOSSIBLE if out else round(4 + np.sin(groups + number), 3)]
                if out:
                    crossed.setdefault(name, now)
            told = json.dumps({"t": [round(now, 3)], "values": values}).encode()
            publisher.publish(f"mines/{mine(0)}/readings", told)
            groups += 1
        check_s = max(check_s, float(service.told("judge").get("longest_wait_at_once_s", 0.0)))
        time.sleep(0.005)
    return crossed, check_s
