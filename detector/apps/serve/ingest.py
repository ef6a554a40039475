"""The process that takes in: broker to store, acknowledged only when stored."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from detector.apps.reaching import reached
from detector.apps.serve.desks import Desks
from detector.apps.serve.intake import Arrived, Intake
from detector.apps.serve.role import Stop, log_to_stderr, only_one
from detector.apps.serve.shots import shown_of
from detector.apps.serve.status import Status
from detector.apps.serve.store import opened
from detector.apps.serve.waiting import Waiting
from detector.config.site import Mqtt
from detector.edge.births import Births
from detector.edge.mqtt import Broker, Connection
from detector.edge.mqtt_client import Message
from detector.edge.payloads import Fault, Limits
from detector.edge.quarantine import Quarantine
from detector.edge.series import StoreUnavailable
from detector.edge.series.spool import Spool, SpooledWriter
from detector.edge.topics import LAYOUTS, Topics

LOG = logging.getLogger("trueshaft.ingest")
#: Seconds before a store that is down is tried again, from the first to the most.
_FIRST_S, _MOST_S = 0.5, 10.0
#: Bytes of messages after which a batch is full: pictures take long, and what follows waits.
_BATCH_BYTES = 4_000_000
#: Batches that the broker may send before the first of them is acknowledged: while one is stored
#: the next arrives.
_AHEAD = 2


def ingest_main(config: Path | None) -> None:
    """Take in until told to end; what has arrived by then is stored first."""
    log_to_stderr()
    stop, desks = Stop(), Desks(config)
    with only_one(desks.folder, "ingest", stop):
        if not stop:
            Ingest(desks, stop).run()


def broker_of(mqtt: Mqtt, desks: Desks, role: str = "") -> Broker:
    """How to reach the broker that a site names; ``role`` tells its connections apart."""
    broker = reached(mqtt, f"{mqtt.client_id}{desks.shard.suffix}{role}")
    return replace(broker, unacknowledged=_AHEAD * desks.live.batch_messages)


class Ingest:
    """Takes messages from the broker in batches."""

    def __init__(self, desks: Desks, stop: Stop) -> None:
        live, mqtt = desks.live, desks.main.site.mqtt or Mqtt()
        topics = Topics(LAYOUTS | mqtt.topics)
        self._live, self._stop = live, stop
        self._waiting = Waiting(live.queue_messages)
        self._status = Status(desks.folder, "ingest")
        self._desks, self._topics = desks, topics
        self._quarantine = Quarantine(desks.folder / "quarantine")
        spool = Spool(desks.folder / "spool", live.spool_bytes)
        self._writer = SpooledWriter(lambda: opened(desks), spool)
        self._full = ""
        self._troubled = 0.0
        limits = Limits(
            message_bytes=live.payload_bytes, pixels=live.picture_pixels, ahead_s=live.skew_s
        )
        self._births = Births(desks.folder / "sparkplug.json")
        nodes = self._births.nodes
        self._shown = shown_of(desks)
        self._intake = Intake(
            self._writer, desks, topics, limits, self._bad, nodes, shown=self._shown
        )
        broker = broker_of(mqtt, desks)
        self._connection = Connection(broker, topics.filters, self._deliver, self._told)

    def run(self) -> None:
        """Until told to end."""
        self._connection.start()
        while not self._stop:
            batch = self._batch()
            if batch:
                self._store(batch)
            else:
                self._writer.drain()
            self._tell()
        while batch := self._batch():
            self._store(batch)
        self._tell(now=True)
        self._connection.stop()
        self._writer.close()
        self._shown.close()

    def _deliver(self, messages: Sequence[Message]) -> None:
        """In the connection's thread: where too many wait the broker has to. What comes after the
        end has begun stays with the broker."""
        at = time.time()
        if not self._stop:
            self._waiting.put([Arrived(message, at) for message in messages])

    def _batch(self) -> list[Arrived]:
        """Messages to be stored at once; nothing where none has come for a moment."""
        live = self._live
        return self._waiting.take(live.batch_messages, _BATCH_BYTES, live.batch_s)

    def _store(self, batch: Sequence[Arrived]) -> None:
        """Store and acknowledge; try for as long as it takes. Where the service ends before, the
        broker has them still."""
        wait_s = _FIRST_S
        while True:
            try:
                self._intake.take(batch)
                break
            except StoreUnavailable as error:
                if not self._full:
                    LOG.error("nothing can be stored or spooled: %s", error)
                self._full = str(error)
                self._tell(now=True)
                if self._stop.wait(wait_s):
                    return
                wait_s = min(2 * wait_s, _MOST_S)
        self._full = ""
        self._births.keep()
        for topic, payload in self._births.wanted(time.time()):
            self._connection.publish(topic, payload)
        self._connection.ack(a.message for a in batch)
        self._intake.counts.acknowledged += len(batch)

    def _bad(self, arrived: Arrived, fault: Fault) -> None:
        message = arrived.message
        LOG.debug("%s: %s %s", message.topic, fault.reason, fault.detail)
        topic, payload = message.topic, message.payload
        self._quarantine.add(topic, payload, fault.reason, fault.detail, arrived.at)

    def _told(self, state: str) -> None:
        LOG.info("broker: %s", state)

    def _tell(self, now: bool = False) -> None:
        if not now and not self._status.due:
            return
        connection, spool = self._connection, self._writer.spool
        trouble = self._full or self._writer.trouble
        self._troubled = (self._troubled or time.time()) if trouble else 0.0
        problems = [] if connection.connected else [f"the broker: {connection.state}"]
        problems += [f"the store: {trouble}"] if trouble else []
        told: dict[str, Any] = asdict(self._intake.counts)
        told |= {
            "queue": len(self._waiting),
            "connected": int(connection.connected),
            "spool_bytes": spool.bytes,
            "spool_batches": len(spool),
            "spool_damaged": spool.damaged,
            "store_down": int(bool(trouble)),
            "store_trouble": trouble,
            "store_trouble_since": self._troubled,
            "pictures_trouble": self._shown.problem,
            "troubles": self._troubles(),
            "problems": problems,
        }
        self._status.write(told, now)

    def _troubles(self) -> list[dict[str, Any]]:
        """Topics whose messages keep being unreadable."""
        told = []
        for trouble in self._quarantine.persisting(time.time()):
            route = self._topics.route(trouble.topic)
            parts = route[1] if route else {}
            told.append(
                {
                    "mine": parts.get("mine", ""),
                    "stream": trouble.topic[:200],
                    "first": trouble.first,
                    "what": f"{trouble.reason} {trouble.detail}".strip()[:200],
                    "count": trouble.count,
                }
            )
        return fair(told, 100)


def fair(told: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """So many troubles at most, in turns of the mines: one that makes many hides no other's."""
    count: Counter[str] = Counter()
    turns = []
    for one in told:
        turns.append(count[one["mine"]])
        count[one["mine"]] += 1
    return [told[n] for n in sorted(range(len(told)), key=lambda n: (turns[n], n))[:most]]
