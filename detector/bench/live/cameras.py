"""How many cameras the service holds: pictures sent in time, more cameras with every step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.bench.live.feeds import Cameras, pictures
from detector.bench.live.servers import Broker, Served, until
from detector.bench.live.wire import Publisher
from detector.edge.payloads import Limits
from detector.edge.payloads.jpeg import shot
from detector.edge.pictures import luma_of

#: Cameras tried in turn, until the backlog grows, and for how long each.
STEPS, STEP_S = (50, 100, 150, 200, 250, 300, 350, 400), 16.0
#: A step counts from here on: what has just begun may lag.
_BEGUN_S = 5.0
#: Flat: what is taken in is no less than this of what is sent, and no more waits than s of it.
_TAKEN, _WAITING_S = 0.97, 2.0


@dataclass(frozen=True)
class Step:
    """One number of cameras: pictures sent and taken in a second, s of pictures that wait at its
    end, processor s for a picture (taking in; the whole service; the broker), and the longest that
    a check waits, s: one that is made at once, and a search for repeated or copied content."""

    cameras: int
    sent_per_s: float
    taken_per_s: float
    waiting_s: float
    own_s: float
    all_s: float
    broker_s: float
    check_s: float
    deep_s: float

    @property
    def held(self) -> bool:
        """Whether the backlog is flat."""
        return self.taken_per_s >= _TAKEN * self.sent_per_s and self.waiting_s <= _WAITING_S


@dataclass(frozen=True)
class Held:
    """All steps; ``decoding_s``: processor s of decoding one picture; its size in bytes."""

    steps: list[Step]
    decoding_s: float
    bytes: float

    @property
    def cameras(self) -> int:
        """The most that were held."""
        return max([0, *(step.cameras for step in self.steps if step.held)])

    @property
    def step_s(self) -> float:
        """Seconds of each step."""
        return STEP_S

    @property
    def own_s(self) -> float:
        """Processor s of taking in one picture."""
        return min(step.own_s for step in self.steps)


def held(broker: Broker, folder: Path, work: Path, say: Callable[[str], None]) -> Held:
    """Add cameras until the backlog grows."""
    shown = pictures(work)
    service, steps = Served(folder, broker.port), list[Step]()
    try:
        until(service.works, 90, "the service")
        with Publisher(broker.port) as publisher:
            cameras = Cameras(shown)
            for number in STEPS:
                steps.append(_step(broker, service, publisher, cameras, number))
                say(f"{number} cameras: {'held' if steps[-1].held else 'not held'}")
                if not steps[-1].held:
                    break
    finally:
        service.end()
    flat = [picture for scene in shown for picture in scene]
    return Held(steps, _decoding_s(flat), sum(map(len, flat)) / len(flat))


def _step(
    broker: Broker, service: Served, publisher: Publisher, cameras: Cameras, number: int
) -> Step:
    begun = time.monotonic()
    sent, seen = 0, list[tuple[dict[str, int], dict[int, float], float, int]]()
    while (passed := time.monotonic() - begun) < STEP_S:
        while sent < passed * number:
            publisher.publish(*cameras.picture(sent % number))
            sent += 1
        told = service.told("ingest")
        if passed > _BEGUN_S and (not seen or told["at"] != seen[-1][0]["at"]):
            seen.append((told, service.cpu_s(), broker.cpu_s()[broker.pid], publisher.sent))
        time.sleep(0.01)
    (first, before, broker_before, sent_before), (last, after, broker_after, sent_after) = (
        seen[0],
        seen[-1],
    )
    taken = max(last["acknowledged"] - first["acknowledged"], 1)
    wall_s, pid = last["at"] - first["at"], last["pid"]
    judge = service.told("judge")
    return Step(
        number,
        (sent_after - sent_before) / wall_s,
        taken / wall_s,
        (sent_after - last["acknowledged"]) / number,
        (after[pid] - before[pid]) / taken,
        (sum(after.values()) - sum(before.values())) / taken,
        (broker_after - broker_before) / taken,
        float(judge.get("longest_wait_at_once_s", 0.0)),
        float(judge.get("longest_wait_s", 0.0)),
    )


def _decoding_s(shown: Sequence[bytes]) -> float:
    now = time.time()
    shots = [shot({"mine": "1", "camera": "1"}, one, {}, now, Limits()) for one in shown]
    begun = time.process_time()
    for one in shots:
        luma_of(one)
    return (time.process_time() - begun) / len(shots)
