"""`python -m detector.bench.live.loop PORT FILE FILTER...`: acknowledges all that a broker sends,
and tells in FILE how much that is."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

#: As the service has them.
UNACKNOWLEDGED, SESSION_S = 2000, 30 * 86400
CLIENT_ID = "trueshaft-1"
_EVERY_S = 0.5


def loop(port: int, path: Path, filters: Sequence[str]) -> None:
    """Acknowledge until told to end."""
    end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    count = 0

    def arrived(client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        nonlocal count
        client.ack(message.mid, message.qos)
        count += 1

    def connected(*_: Any) -> None:
        client.subscribe([(name, 1) for name in filters])

    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=CLIENT_ID,
        protocol=MQTTProtocolVersion.MQTTv5,
        manual_ack=True,
    )
    client.on_message = arrived
    client.on_connect = connected
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = UNACKNOWLEDGED
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.loop_start()
    while not end.wait(_EVERY_S):
        told = {"at": time.time(), "pid": os.getpid(), "acknowledged": count}
        beside = path.with_suffix(".half")
        beside.write_text(json.dumps({**told, "connected": int(client.is_connected())}))
        beside.replace(path)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    loop(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
