"""The MQTT topic trueshaft/{mine}/alerts: the alert's document at every change."""

from __future__ import annotations

import json

from detector.edge.mqtt import Broker, Connection
from detector.edge.notify import Notice, NotSent

#: Seconds for which the broker's acknowledgement is waited for.
_WAIT_S = 10.0


class Topic:
    """Publishes to the broker with QoS 1."""

    def __init__(self, broker: Broker) -> None:
        self._connection = Connection(broker)
        self._connection.start()

    def send(self, notice: Notice) -> None:
        """Publish it; each alert of a digest by itself."""
        for told in notice.document.get("alerts", [notice.document]):
            body = json.dumps(told, ensure_ascii=False, sort_keys=True)
            topic = f"trueshaft/{told['mine']}/alerts"
            if not self._connection.publish(topic, body, wait_s=_WAIT_S):
                raise NotSent(f"the broker: {self._connection.state}")

    def close(self) -> None:
        """Take leave of the broker."""
        self._connection.stop()
