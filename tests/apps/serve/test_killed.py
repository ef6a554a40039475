"""The service is killed at random moments under load: nothing is lost, nothing told twice.

TRUESHAFT_KILLS is how often it is killed (`make soak` sets more).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.apps.serve import status
from detector.core.observation import Readings
from detector.edge.ledger import Ledger
from detector.edge.ledger_check import verify
from detector.edge.mqtt import Broker, Connection
from detector.edge.series import Key
from detector.edge.series.sqlite import SqliteSeries
from tests.apps.serve.conftest import MINE, Bencher, told
from tests.servers import Server, eventually, free_port, mosquitto

KILLS = int(os.environ.get("TRUESHAFT_KILLS", "4"))
STREAMS = ("T1", "T2")
SITE = f"""
[mine]
code = "{MINE}"

[[streams]]
name = "T1"
range = [0.0, 1000.0]

[series]
kind = "sqlite"
path = "series.db"
"""


def value(row: int) -> float:
    """Wandering, and out of range for seven rows of every 500."""
    return -5.0 if row % 500 < 7 and row > 500 else 100 + 50 * np.sin(row / 40) + row * 7 % 11


class Load:
    """Publishes a reading of each stream at a time, and counts what the broker has taken."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(Broker("127.0.0.1", port, "mine"))
        self._connection.start()
        self._stop = threading.Event()
        self.start, self.rows = float(int(time.time()) - 86400), 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            values = {name: [value(self.rows)] for name in STREAMS}
            message = json.dumps({"t": [self.start + self.rows], "values": values})
            if self._connection.publish(f"mines/{MINE}/readings", message, wait_s=5.0):
                self.rows += 1
            self._stop.wait(0.005)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.stop()


class Service:
    """`trueshaft serve` in a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._log = folder, (folder / "log").open("ab")
        self.process = self._begun()
        self.killed: set[int] = set()

    def _begun(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "detector", "serve", "--config"]
        return subprocess.Popen(
            [*command, str(self.folder / "site.toml")], stderr=self._log, start_new_session=True
        )

    def told(self, role: str) -> dict[str, Any]:
        return status.read(self.folder / "var").get(role, {})

    def works(self) -> bool:
        """Whether all of it is there, begun after it was killed last."""
        told = [self.told(role) for role in ("ingest", "judge")]
        begun = all(t.get("pid") not in (None, *self.killed) and t["age_s"] < 3.0 for t in told)
        return begun and bool(told[0].get("connected"))

    def kill(self, role: str) -> None:
        """Kill a process of it or, with role "all", all of them, and begin it again."""
        self.killed |= {t["pid"] for t in status.read(self.folder / "var").values()}
        if role == "all":
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = self._begun()
        else:
            self.killed = {self.told(role)["pid"]}
            os.kill(self.told(role)["pid"], signal.SIGKILL)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self._log.close()
        return code


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "broker").mkdir()
    server = mosquitto(tmp_path / "broker", "max_queued_messages 0")
    server.start()
    yield server
    server.stop()


def test_killed_at_random_moments_it_loses_nothing(
    tmp_path: Path, broker: Server, bench: Bencher
) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    tables = f"[mqtt]\nport = {broker.port}\n\n[console]\nport = {free_port()}\n"
    (folder / "site.toml").write_text(SITE + tables)
    rng = random.Random(7)
    service, load = Service(folder), None
    try:
        eventually(service.works, 60)
        load = Load(broker.port)
        for number in range(KILLS):
            eventually(service.works, 60)
            time.sleep(rng.uniform(0.5, 3.0))
            service.kill(("all", "ingest", "judge")[number % 3])
        load.end()
        series = SqliteSeries(folder / "series.db")
        key = Key(MINE, "T1")
        eventually(lambda: len(series.readings(key, 0.0, 9e9)) >= load.rows, 60)
        eventually(lambda: service.told("judge").get("settled"), 60)
    finally:
        if load is not None:
            load.end()
        code = service.end()
    assert code == 0
    _compare(series, load, folder, bench())
    series.close()


def _compare(series: SqliteSeries, load: Load, folder: Path, one: Any) -> None:
    times = load.start + np.arange(load.rows, dtype=np.float64)
    values = np.array([value(row) for row in range(load.rows)], dtype=np.float64)
    for name in STREAMS:
        stored = series.readings(Key(MINE, name), 0.0, 9e9)
        assert np.array_equal(np.sort(stored.time), times)
        assert np.array_equal(stored.value[np.argsort(stored.time)], values)
    (one.folder / "site.toml").write_text(SITE)
    one.again()
    one.store({name: Readings(name, times, values) for name in STREAMS})
    one.settle()
    found = [row for _, row in series.episodes(MINE, -np.inf, np.inf)]
    standing = [r for r in found if not r.document["evidence"].get("withdrawn")]
    standing = [r for r in standing if r.detector == "out_of_range"]
    expected = [row for row in one.episodes() if row.detector == "out_of_range"]
    assert len(expected) >= 1
    assert told(standing) == told(expected)
    assert verify(folder / "var" / "ledger.jsonl").broken is None
    ledger = Ledger(folder / "var" / "ledger.jsonl")
    alerts = [entry.document for entry in ledger.entries() if entry.kind == "alert"]
    ledger.close()
    of: dict[str, set[str]] = {}
    for alert in alerts:
        for episode in alert["episodes"]:
            of.setdefault(episode["id"], set()).add(alert["id"])
    assert {row.id for row in found} <= of.keys()
    assert max(len(ids) for ids in of.values()) == 1
    repeated = Counter(json.dumps({**a, "updated": ""}, sort_keys=True) for a in alerts)
    assert max(repeated.values()) == 1
