"""The process that tells: a thread for each channel, from the ledger."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

from detector.apps.serve.desks import Desks
from detector.apps.serve.ingest import broker_of
from detector.apps.serve.role import Stop, log_to_stderr, only_one
from detector.apps.serve.status import Status
from detector.apps.serve.teller import Teller
from detector.config import notify as config
from detector.config.site import Mqtt
from detector.core.errors import ConfigError
from detector.edge.ledger import Ledger
from detector.edge.notify import Channel
from detector.edge.notify.alertmanager import Alertmanager
from detector.edge.notify.chat import Chat
from detector.edge.notify.topic import Topic
from detector.edge.notify.webhook import Webhook

LOG = logging.getLogger("trueshaft.notify")
_REST_S = 0.2


def notify_main(path: Path | None) -> None:
    """Tell until told to end."""
    log_to_stderr()
    stop, desks = Stop(), Desks(path)
    rules = desks.main.site.notify or config.Notify()
    chosen = list(rules.channels)
    if not any(c.kind == "mqtt" for c in chosen):
        chosen.append(config.Topic(kind="mqtt", name="mqtt", least="info", per_minute=600))
    status = Status(desks.folder, "notify")
    with only_one(desks.folder, "notify", stop):
        told: dict[str, Teller] = {}
        threads = [
            threading.Thread(target=_tell, args=(c, rules, desks, told, stop), daemon=True)
            for c in chosen
        ]
        for thread in threads:
            thread.start()
        while not stop.wait(_REST_S):
            _say(status, told)
        for thread in threads:
            thread.join(15.0)
        _say(status, told, now=True)


def channel_of(chosen: config.Channel, mqtt: Mqtt, desks: Desks) -> Channel:
    """The channel that a table describes. ConfigError of what cannot be used."""
    if isinstance(chosen, config.Webhook):
        return Webhook(chosen.url, os.environ.get(chosen.secret_env, ""))
    if isinstance(chosen, config.Alertmanager):
        return Alertmanager(chosen.url)
    if isinstance(chosen, config.Apprise):
        return Chat(os.environ.get(chosen.url_env, ""), chosen.url_env)
    return Topic(broker_of(mqtt, desks, "-alerts"))


def check_channels(desks: Desks) -> None:
    """Raise ConfigError of a channel that cannot be used, or two of one name."""
    channels = (desks.main.site.notify or config.Notify()).channels
    names = [channel.name for channel in channels]
    for number, channel in enumerate(channels):
        if channel.name in names[:number]:
            where = f"notify.channels[{number + 1}].name"
            raise ConfigError(f"{channel.name!r} is named twice", where, "name it once")
        if isinstance(channel, config.Apprise):
            Chat(os.environ.get(channel.url_env, ""), channel.url_env)


def _tell(
    chosen: config.Channel,
    rules: config.Notify,
    desks: Desks,
    told: dict[str, Teller],
    stop: Stop,
) -> None:
    site = desks.main.site
    ledger = Ledger(desks.folder / "ledger.jsonl")
    channel = channel_of(chosen, site.mqtt or Mqtt(), desks)
    teller = Teller(channel, chosen, rules, site.recordings.timezone, ledger, time.time)
    told[chosen.name] = teller
    while not stop:
        if not teller.look():
            stop.wait(_REST_S)
    channel.close()
    ledger.close()


def _say(status: Status, told: dict[str, Teller], now: bool = False) -> None:
    tellers = list(told.items())
    status.write(
        {
            "sent": sum(t.sent for _, t in tellers),
            "failed": sum(t.failed for _, t in tellers),
            "pending": sum(t.pending for _, t in tellers),
            "channels": {
                name: {"sent": t.sent, "failed": t.failed, "pending": t.pending}
                for name, t in tellers
            },
            "failing": {name: t.problem for name, t in tellers if t.problem},
            "problems": [],
        },
        now,
    )
