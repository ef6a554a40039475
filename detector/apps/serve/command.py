"""`trueshaft serve`: all processes of the live service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from detector.apps.serve.broker import broker_main, reachable
from detector.apps.serve.desks import Desks
from detector.apps.serve.ingest import ingest_main
from detector.apps.serve.notify import check_channels, notify_main
from detector.apps.serve.processes import http_main, judge_main
from detector.apps.serve.role import Stop, log_to_stderr
from detector.apps.serve.supervise import Role, supervise
from detector.config.cadence import cadences
from detector.config.site import Mqtt
from detector.detectors import CATALOGUE

LOG = logging.getLogger("trueshaft")


def serve_command(
    config: Path | None, more: Sequence[Role] = (), tick: Callable[[], None] = lambda: None
) -> None:
    """Run the service, and ``more`` with it, until told to end; ``tick`` is called all the time.

    Raises ConfigError before anything is started.
    """
    desks = Desks(config)
    cadences(desks.live, CATALOGUE)
    check_channels(desks)
    desks.folder.mkdir(parents=True, exist_ok=True)
    log_to_stderr()
    stop = Stop()
    mqtt = desks.main.site.mqtt or Mqtt()
    roles = [
        Role("ingest", ingest_main, (config,)),
        Role("judge", judge_main, (config,)),
        Role("notify", notify_main, (config,)),
        Role("http", http_main, (config,)),
    ]
    if mqtt.embedded:
        broker = Role("broker", broker_main, (mqtt.host, mqtt.port))
        broker.start()
        reachable(mqtt.host, mqtt.port, 15.0)
        roles.append(broker)
    supervise([*more, *roles], stop, tick)
