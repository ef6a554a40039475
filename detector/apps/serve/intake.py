"""Messages to the store: decoded, stored in one transaction, and only then acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from detector.apps.serve.desks import Desks
from detector.edge.mqtt_client import Message
from detector.edge.payloads import (
    BadPayload,
    Decoded,
    Fault,
    Limits,
    Reported,
    Shot,
    gathered,
)
from detector.edge.payloads.decoding import decode
from detector.edge.payloads.sparkplug import Nodes
from detector.edge.pictures import Cameras
from detector.edge.series import Stored
from detector.edge.shown import Picture, Shown
from detector.edge.topics import Topics

LOG = logging.getLogger("trueshaft.intake")
#: Streams of which it is remembered whether they are taken.
_REMEMBERED = 1_000_000


class Arrived(NamedTuple):
    """A message, and when it arrived, s (Unix)."""

    message: Message
    at: float


@dataclass
class Counts:
    """What was taken in since the process began."""

    messages: int = 0
    acknowledged: int = 0
    readings: int = 0
    pictures: int = 0
    bad: int = 0
    refused: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class _Ready:
    """What messages report, ready to be stored; what of them could not be read."""

    messages: Sequence[Arrived]
    blocks: list[Stored]
    bad: list[tuple[Arrived, Fault]]
    readings: int
    pictures: list[Picture]


class Store(Protocol):
    """What keeps blocks."""

    def store(self, batch: Sequence[Stored]) -> None:
        """Keep them, durable when it returns."""


@dataclass
class Intake:
    """Takes in batches of messages; ``bad`` is told of each that could not be read."""

    store: Store
    desks: Desks
    topics: Topics
    limits: Limits
    bad: Callable[[Arrived, Fault], None]
    nodes: Nodes = field(default_factory=Nodes)
    cameras: Cameras = field(default_factory=Cameras)
    counts: Counts = field(default_factory=Counts)
    shown: Shown | None = None
    _taken: dict[tuple[str, str], bool] = field(default_factory=dict)
    _ready: _Ready | None = None

    def take(self, messages: Sequence[Arrived]) -> None:
        """Store what messages report; it is durable when this returns. StoreUnavailable where it
        is not: the same messages may then be taken again, and are not read again, as Sparkplug's
        numbers and a camera's pictures count from the one before."""
        if self._ready is None or self._ready.messages is not messages:
            self._ready = self._read(messages)
        ready = self._ready
        self.store.store(ready.blocks)
        self._ready = None
        if self.shown is not None and ready.pictures:
            self.shown.add(ready.pictures)
        for message, fault in ready.bad:
            self.bad(message, fault)
        counts = self.counts
        counts.messages += len(messages)
        counts.readings += ready.readings
        counts.pictures += len(ready.pictures)
        counts.bad += len(ready.bad)

    def _read(self, messages: Sequence[Arrived]) -> _Ready:
        decoded: list[Decoded] = []
        blocks: list[Stored] = []
        shots: list[tuple[Arrived, Shot]] = []
        bad: list[tuple[Arrived, Fault]] = []
        for message in messages:
            for item in self._decoded(message, bad):
                if isinstance(item, Reported):
                    if self._takes(item.mine, item.stream):
                        decoded.append(item)
                elif isinstance(item, Fault):
                    bad.append((message, item))
                elif isinstance(item, Shot):
                    if self._takes(item.mine, item.stream):
                        shots.append((message, item))
                elif self._takes(item.mine, item.block.stream):
                    blocks.append((item.mine, item.block))
        pictures: list[Picture] = []
        blocks += self._rows(shots, bad, pictures)
        readings = gathered(decoded)
        count = sum(len(block) for _, block in readings)
        return _Ready(messages, [*blocks, *readings], bad, count, pictures)

    def _takes(self, mine: str, stream: str) -> bool:
        taken = self._taken.get((mine, stream))
        if taken is None:
            if len(self._taken) >= _REMEMBERED:
                self._taken.clear()
            taken = self._taken[mine, stream] = self.desks.takes(mine, stream)
        self.counts.refused += not taken
        return taken

    def _decoded(self, arrived: Arrived, bad: list[tuple[Arrived, Fault]]) -> list[Decoded]:
        message = arrived.message
        found = self.topics.route(message.topic)
        if found is None:
            bad.append((arrived, Fault("", "", "topic", message.topic[:200])))
            return []
        route, parts = found
        properties, at = message.properties, arrived.at
        try:
            return decode(route, parts, message.payload, properties, at, self.limits, self.nodes)
        except BadPayload as error:
            stream = parts.get("stream", parts.get("camera", ""))
            bad.append((arrived, Fault(parts["mine"], stream, error.reason, error.detail)))
        except Exception as error:  # a fault of ours must not stop the stream
            LOG.exception("a message on %s could not be decoded", message.topic)
            bad.append((arrived, Fault(parts["mine"], "", "fault", type(error).__name__)))
        return []

    def _rows(
        self,
        shots: Sequence[tuple[Arrived, Shot]],
        bad: list[tuple[Arrived, Fault]],
        pictures: list[Picture],
    ) -> list[Stored]:
        blocks: list[Stored] = []
        found = self.cameras.add_all([shot for _, shot in shots])
        for (message, shot), rows in zip(shots, found, strict=True):
            if isinstance(rows, BadPayload):
                bad.append((message, Fault(shot.mine, shot.stream, rows.reason, rows.detail)))
            else:
                blocks += rows
                pictures.append(Picture(shot.mine, shot.stream, shot.time, shot.jpeg))
        return blocks
