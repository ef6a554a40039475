"""How the broker that a site names is reached; secrets come from the environment."""

from __future__ import annotations

import os

from detector.config.site import Mqtt
from detector.edge.mqtt import Broker


def reached(mqtt: Mqtt, client_id: str) -> Broker:
    """The site's broker, for a client of this name."""
    tls = mqtt.tls
    return Broker(
        host=mqtt.host,
        port=mqtt.port,
        client_id=client_id,
        version=3 if mqtt.embedded else mqtt.version,
        username=os.environ.get(mqtt.username_env),
        password=os.environ.get(mqtt.password_env),
        ca=tls.ca if tls else None,
        cert=tls.cert if tls else None,
        key=tls.key if tls else None,
    )
