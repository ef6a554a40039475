"""MQTT through paho: a persistent session in which messages are acknowledged by hand.

A message is acknowledged once it is stored; what is not comes again. The broker holds back what
exceeds the messages that may be unacknowledged: with MQTT 5 ``unacknowledged`` of them, with 3.1.1
as many as the broker is set to (Mosquitto: ``max_inflight_messages``, 20).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from detector.edge.mqtt_client import Client, Message

#: A session that nobody resumes is kept for this long (MQTT 5), 30 days.
SESSION_S = 30 * 86400


@dataclass(frozen=True)
class Broker:
    """How to reach a broker, and as whom.

    * ``version``: 5, or 3 for MQTT 3.1.1; ``client_id`` names the session;
    * ``ca``, ``cert``, ``key``: paths; with a ``ca``, or with ``tls``, the connection is encrypted;
    * ``unacknowledged``: messages that the broker may send before they are acknowledged;
    * ``first_s``, ``most_s``: s before connecting again, doubled from the first to the most.
    """

    host: str
    port: int
    client_id: str
    version: int = 5
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    keepalive_s: int = 30
    unacknowledged: int = 2000
    first_s: int = 1
    most_s: int = 60


class Connection:
    """A connection that is kept up in a thread of its own.

    ``deliver`` is called there with the messages that came together and should only hand them on.
    ``told`` hears of every change of ``state``, which is "connected" or says why not.
    """

    def __init__(
        self,
        broker: Broker,
        filters: Sequence[str] = (),
        deliver: Callable[[Sequence[Message]], None] | None = None,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self._broker, self._filters = broker, filters
        self._deliver, self._told = deliver, told
        self.state = "not connected yet"
        self._lock = Lock()  # no acknowledgement may get into the connection after its own
        five = broker.version == 5
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=None if five else False,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        self._prepare(deliver)

    def _prepare(self, deliver: Callable[[Sequence[Message]], None] | None) -> None:
        broker, client = self._broker, self._client
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls or broker.ca is not None:
            client.tls_set(
                ca_certs=broker.ca,
                certfile=broker.cert,
                keyfile=broker.key,
                cert_reqs=ssl.CERT_REQUIRED,
            )
        client.reconnect_delay_set(broker.first_s, broker.most_s)
        client.max_inflight_messages_set(1000)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_connect_fail = self._failed
        client.on_message, client.plain = self._arrived, deliver

    def start(self) -> None:
        """Connect, and go on trying until :meth:`stop`."""
        broker, options = self._broker, dict[str, Any]()
        if broker.version == 5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = SESSION_S
            properties.ReceiveMaximum = min(broker.unacknowledged, 65_535)
            options = {"clean_start": False, "properties": properties}
        self._client.connect_async(broker.host, broker.port, broker.keepalive_s, **options)
        self._client.loop_start()

    def stop(self) -> None:
        """Take leave of the broker, which keeps the session."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def connected(self) -> bool:
        """Whether the broker accepted the connection and it is still up."""
        return self.state == "connected"

    def ack(self, messages: Iterable[Message]) -> None:
        """Acknowledge messages; those of a connection before this one come again and are not."""
        with self._lock:
            session = self._client.session
            mids = [m.mid for m in messages if m.qos == 1 and m.session is session]
            if mids and session is not None:
                self._client.acknowledge(mids)

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        properties: Mapping[str, str] | None = None,
        retain: bool = False,
        wait_s: float | None = None,
    ) -> bool:
        """Send a message (QoS 1); whether it was sent, or with ``wait_s`` acknowledged in time.

        Nothing is kept while there is no connection. What was not acknowledged in time may have
        arrived, or still arrive.
        """
        if not self.connected:
            return False
        told = None
        if properties and self._broker.version == 5:
            told = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            told.UserProperty = list(properties.items())
        try:
            sent = self._client.publish(topic, payload, qos=1, retain=retain, properties=told)
            if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
            if wait_s is None:
                return True
            sent.wait_for_publish(wait_s)
            return sent.is_published()
        except (ValueError, RuntimeError):  # the topic, or the queue is full
            return False

    def _connected(
        self, client: paho.Client, _: Any, flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        if code.is_failure:
            self._say(f"refused: {code}")
            return
        with self._lock:
            self._client.session = object()  # another for each connection
        if self._filters and self._broker.version == 5:
            options = SubscribeOptions(
                qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
            )
            client.subscribe([(name, options) for name in self._filters])
        elif self._filters:
            client.subscribe([(name, 1) for name in self._filters])
        self._say("connected")

    def _disconnected(
        self, client: paho.Client, _: Any, flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        with self._lock:
            self._client.session = None
        if not self.state.startswith("refused"):
            self._say(f"disconnected: {code}")

    def _failed(self, client: paho.Client, _: Any) -> None:
        self._say("the broker cannot be reached")

    def _say(self, state: str) -> None:
        changed, self.state = state != self.state, state
        if changed and self._told is not None:
            self._told(state)

    def _arrived(self, client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        if self._deliver is None:
            return
        told = getattr(message.properties, "UserProperty", ()) if message.properties else ()
        try:
            topic = message.topic
        except UnicodeDecodeError:  # 3.1.1 brokers should not let it through
            topic = ""
        payload, session = bytes(message.payload), self._client.session
        self._deliver([Message(topic, payload, dict(told), message.qos, message.mid, session)])
