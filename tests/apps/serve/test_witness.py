"""The witness hears what was delivered and what of it was acknowledged."""

from __future__ import annotations

from pathlib import Path

from detector.edge.mqtt import Broker, Connection
from detector.edge.mqtt_client import Message
from tests.apps.serve.witness import Witness
from tests.servers import eventually, mosquitto


def test_what_is_delivered_and_what_is_acknowledged_are_told_apart(tmp_path: Path) -> None:
    server = mosquitto(tmp_path)
    server.start()
    witness, found = Witness(server.port), list[Message]()
    service = Connection(Broker("127.0.0.1", witness.port, "service"), ["a/#"], found.extend)
    sender = Connection(Broker("127.0.0.1", server.port, "sender"))
    for one in (service, sender):
        one.start()
    eventually(lambda: service.connected and sender.connected)
    payloads = [b"%d" % n * (1 + 200 * (n % 3)) for n in range(40)]
    eventually(lambda: service.publish("a/first", b"first", wait_s=1) and found)
    for payload in payloads:
        assert sender.publish("a/b", payload, {"t": "7"}, wait_s=5)
    eventually(lambda: len(found) >= 41)
    assert witness.delivered == {b"first", *payloads} and not witness.acknowledged
    service.ack(found[1:30])
    eventually(lambda: len(witness.acknowledged) == 29)
    assert witness.acknowledged == {m.payload for m in found[1:30]}
    for one in (service, sender):
        one.stop()
    witness.close()
    server.stop()
