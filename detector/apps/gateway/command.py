"""`trueshaft gateway`: a process for each camera, kept going."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from detector.apps.gateway.camera import Camera, Pulled
from detector.apps.gateway.outbox import Outbox
from detector.apps.reaching import reached
from detector.apps.serve.role import Stop, log_to_stderr
from detector.apps.serve.supervise import Role, supervise
from detector.config.configuration import load
from detector.config.gateway import Gateway
from detector.config.site import Mqtt, Site
from detector.core.errors import ConfigError
from detector.edge.mqtt import Broker, Connection
from detector.edge.topics import LAYOUTS

LOG = logging.getLogger("trueshaft.gateway")
#: Neighbours that are asked whether they answer, and seconds to publish what is left at the end.
_ASKED, _LEAVE_S = 5, 5.0


def gateway_command(config: Path | None) -> None:
    """Run the gateway until told to end. Raises ConfigError before anything is started."""
    site = load(config).site
    cameras = pulled(site)
    mqtt = site.mqtt or Mqtt()
    log_to_stderr()
    roles = [
        Role(camera.source.camera, camera_main, (camera, broker_of(mqtt, camera.source.camera)))
        for camera in cameras
    ]
    supervise(roles, Stop())


def pulled(site: Site) -> list[Pulled]:
    """The cameras of a site's gateway, and where their messages go."""
    gateway = site.gateway or Gateway()
    if site.mine is None or not gateway.sources:
        todo = "give [mine] code, and [[gateway.sources]] with camera and url"
        raise ConfigError("the gateway has no cameras, or no mine", "gateway", todo)
    names = [source.camera for source in gateway.sources]
    if len(set(names)) < len(names):
        raise ConfigError("two sources are of the same camera", "gateway.sources", "name each once")
    layouts = LAYOUTS | (site.mqtt.topics if site.mqtt else {})
    found = []
    for source in gateway.sources:
        others = [other.url for other in gateway.sources if other is not source]
        named = {"{mine}": site.mine.code, "{camera}": source.camera}
        frame, features = (_topic(layouts[route], named) for route in ("frame", "features"))
        status = f"trueshaft/{site.mine.code}/cameras/{source.camera}/status"
        near = tuple(url for url in others if not url.startswith("file:"))[:_ASKED]
        found.append(Pulled(source, gateway, frame, features, status, near))
    return found


def _topic(layout: str, named: dict[str, str]) -> str:
    topic = layout.split("|", maxsplit=1)[0].strip()
    for part, name in named.items():
        topic = topic.replace(part, name)
    if "{" in topic:
        raise ConfigError(
            f"the gateway cannot publish to {layout!r}", "mqtt.topics", "no time in it"
        )
    return topic


def broker_of(mqtt: Mqtt, camera: str) -> Broker:
    """How to reach the site's broker, each camera as a client of its own."""
    return reached(mqtt, f"{mqtt.client_id}-gateway-{camera}")


def camera_main(camera: Pulled, broker: Broker) -> None:
    """Pull one camera until told to end; one that was played to its end stays silent."""
    log_to_stderr()
    stop = Stop()
    connection = Connection(broker, told=lambda state: LOG.info("broker: %s", state))
    connection.start()
    outbox = Outbox(connection, camera.gateway.held)
    try:
        Camera(camera, outbox, lambda: bool(stop)).run()
        while not stop.wait(0.2):
            outbox.flush()
        until = time.monotonic() + _LEAVE_S
        while len(outbox) and time.monotonic() < until:
            outbox.flush()
            time.sleep(0.05)
    finally:
        connection.stop()
