"""The process that tells: a thread for each channel, from the ledger."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from detector.apps.serve.desks import Desks
from detector.apps.serve.ingest import broker_of
from detector.apps.serve.role import Stop, log_to_stderr, only_one
from detector.apps.serve.shots import Holder, shown_of, still
from detector.apps.serve.status import Status
from detector.apps.serve.teller import Teller
from detector.config import notify as config
from detector.config.site import Console, Mqtt
from detector.core.errors import ConfigError
from detector.edge.ledger import Ledger
from detector.edge.notify import Channel
from detector.edge.notify.alertmanager import Alertmanager
from detector.edge.notify.chat import Chat
from detector.edge.notify.topic import Topic
from detector.edge.notify.webhook import Webhook
from detector.edge.shown import Shown

LOG = logging.getLogger("trueshaft.notify")
_REST_S = 0.2


def notify_main(path: Path | None) -> None:
    """Tell until told to end."""
    log_to_stderr()
    stop, desks = Stop(), Desks(path)
    rules = desks.main.site.notify or config.Notify()
    if rules.link is None:
        console = desks.main.site.console or Console()
        rules = rules.model_copy(update={"link": address(console)})
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
        shown, ledger = shown_of(desks), Ledger(desks.folder / "ledger.jsonl")
        holder = Holder(desks, shown, ledger, time.monotonic)
        while not stop.wait(_REST_S):
            holder.look()
            _say(status, told)
        shown.close()
        ledger.close()
        for thread in threads:
            thread.join(15.0)
        _say(status, told, now=True)


def address(console: Console) -> str:
    """Where the console answers, as far as the service knows."""
    anywhere = console.host in ("0.0.0.0", "::")  # noqa: S104 - what it was told
    host = socket.gethostname() if anywhere else console.host
    return f"http://[{host}]:{console.port}" if ":" in host else f"http://{host}:{console.port}"


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
    still = partial(_still, desks, shown_of(desks))
    teller = Teller(channel, chosen, rules, site.recordings.timezone, ledger, time.time, still)
    told[chosen.name] = teller
    while not stop:
        if not teller.look():
            stop.wait(_REST_S)
    channel.close()
    ledger.close()


def _still(desks: Desks, shown: Shown, alert: Mapping[str, Any]) -> bytes | None:
    try:
        return still(desks, shown, alert)
    except Exception:  # a picture is no reason not to tell
        LOG.exception("no picture goes with alert %s", alert.get("id"))
        return None


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
