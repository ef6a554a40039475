"""`trueshaft demo`: a simulated mine with a fake shaft, all on one machine, nothing to install."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from detector.apps.demo_camera import show
from detector.apps.serve import status
from detector.apps.serve.command import serve_command
from detector.apps.serve.role import Stop, log_to_stderr
from detector.apps.serve.supervise import Role
from detector.apps.serve.view import View
from detector.bench.mine import MineSettings, mine
from detector.core.observation import Readings
from detector.edge.mqtt import Broker, Connection
from detector.edge.series.sqlite import SqliteSeries

MINE = "220600000001"
_HOUR_S, _DAY_S = 3600.0, 86400.0
#: The mine's day changes at 16:00 UTC; its story begins an hour before, its night shift then.
_BEGINS_S = 15 * _HOUR_S
#: Part of the story's first day that has passed by now at least.
_PASSED_S = 12 * _HOUR_S


@dataclass(frozen=True)
class Story:
    """Readings of an honest stopped mine up to ``begins`` s, and what is played from there on."""

    begins: float
    history: dict[str, Readings]
    played: dict[str, Readings]
    site: str


def story(now: float, days: float, seed: int = 6) -> Story:
    """A stopped mine that begins to produce at night, hours before ``now`` s."""
    begins = (now - _PASSED_S - _BEGINS_S) // _DAY_S * _DAY_S + _BEGINS_S
    first = datetime.fromtimestamp(begins - days * _DAY_S, UTC).isoformat()
    length = days + (now - begins) / _DAY_S + 1
    honest = MineSettings(status="stopped", days=length, start=first, seed=seed)
    fake = MineSettings(status="stopped", days=length, start=first, seed=seed, story="fake-shaft")
    before, after = mine(honest), mine(fake)
    return Story(
        begins,
        {n: r.rows(r.time < begins) for n, r in before.readings.items()},
        {n: r.rows(r.time >= begins) for n, r in after.readings.items()},
        after.site,
    )


def demo_command(folder: Path | None, port: int, speed: float, days: float) -> None:
    """Run the demo until interrupted; ``folder`` keeps what it made."""
    with _folder(folder) as where:
        console, broker = _free_port(port), _free_port(0)
        told = story(time.time(), days)
        config = where / "site.toml"
        config.write_text(_site(told.site, broker, console), "utf-8")
        _say(f"a simulated mine in {where}, declared as stopped")
        series = SqliteSeries(where / "var" / "series.db")
        if not series.streams():
            series.store([(MINE, readings) for readings in told.history.values()])
            rows = sum(len(readings) for readings in told.history.values())
            _say(f"{rows:,} readings of {len(told.history)} sensors stored: {days:g} quiet days")
        series.close()
        _say(f"http://127.0.0.1:{console} is the console, once it says so; Ctrl-C ends it")
        player = Role("mine", play_main, (told, broker, speed, where / "var"))
        serve_command(config, [player], _Teller(where / "var" / "ledger.jsonl").look)


def play_main(told: Story, port: int, speed: float, folder: Path) -> None:
    """Publish the story once the service listens: a message for every minute of the mine,
    ``speed`` times as fast until now is reached; from then on a camera shows its shaft as well."""
    log_to_stderr("WARNING")
    stop = Stop()
    while not stop and not status.read(folder).get("ingest", {}).get("connected"):
        stop.wait(0.1)
    connection = Connection(Broker("127.0.0.1", port, "mine", version=3))
    connection.start()
    camera = Thread(target=show, args=(connection, MINE, stop), daemon=True)
    times = next(iter(told.played.values())).time
    began = time.monotonic()
    for row, at in enumerate(times.tolist()):
        due = began + (at - told.begins) / speed
        while not stop and (time.monotonic() < due or at > time.time()):
            if at > time.time() and not camera.is_alive():
                camera.start()
            stop.wait(min(1.0, max(due - time.monotonic(), 0.05)))
        values = {n: [float(r.value[row])] for n, r in told.played.items()}
        message = json.dumps({"t": [at], "values": values})
        while not stop and not connection.publish(f"mines/{MINE}/readings", message, wait_s=5.0):
            stop.wait(0.2)
        if stop:
            break
    connection.stop()


class _Teller:
    """Says what happens, once each."""

    def __init__(self, ledger: Path) -> None:
        self._view = View(ledger)
        self._told = -1

    def look(self) -> None:
        """Say what the ledger has that was not said."""
        alerts = [a for a in self._view.alerts() if a["ledger"]["seq"] > self._told]
        for alert in reversed(alerts):
            self._told = alert["ledger"]["seq"]
            over = " (over)" if alert["closed"] else ""
            _say(f"ALERT {alert['severity']}{over}: {alert['title']}")
            _say(f"  {alert['summary']}")
            _say(f"  ledger entry {alert['ledger']['seq']}:{alert['ledger']['hash'][:16]}")


@contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="trueshaft-demo-") as name:
        yield Path(name)


def _site(site: str, broker: int, console: int) -> str:
    return f"""{site}
[mqtt]
embedded = true
port = {broker}

[series]
kind = "sqlite"
path = "var/series.db"

[console]
port = {console}
"""


def _free_port(wanted: int) -> int:
    """The port wanted, or a free one where it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("there is no free port")


def _say(text: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()
