"""All that can go wrong at once goes wrong, again and again: service, broker and store are killed,
the disk of the spool is full, the clock jumps. Nothing is lost, nothing told twice.

`make soak` runs it for SOAK_S seconds and prints what came of it; without SOAK_S it is skipped.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from detector.edge.series import Key
from detector.edge.series.influx import InfluxSeries
from detector.edge.series.influxql import Influx
from tests.apps.serve.comparing import compared
from tests.apps.serve.conftest import MINE, Bencher
from tests.apps.serve.running import Load, Service
from tests.servers import Server, V2Writes, eventually, free_port, influxdb

SOAK_S = float(os.environ.get("SOAK_S", "0"))
JUMPS = Path(__file__).with_name("jumping")
SITE = f"""
[mine]
code = "{MINE}"

[[streams]]
name = "T1"
range = [0.0, 1000.0]
"""
#: What goes wrong, and how often beside the others.
FAULTS = {"all": 3, "ingest": 3, "judge": 3, "notify": 1, "broker": 3, "store": 3, "clock": 2}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[bool]:
    """A spool on a disk of its own that is soon full; whether that could be made."""
    spool = tmp_path / "served" / "var" / "spool"
    spool.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(spool)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    yield mounted
    if mounted:
        subprocess.run(["umount", str(spool)], check=True)


class Soak:
    """Does what goes wrong to broker, store and service."""

    def __init__(self, service: Service, broker: Server, store: Server, clock: Path) -> None:
        self.service, self.broker, self.store, self.clock = service, broker, store, clock
        self.random = random.Random(11)
        self.done: Counter[str] = Counter()
        self.broker_died: list[float] = []

    def fault(self) -> None:
        """One fault, and its end."""
        what = self.random.choices([*FAULTS], [*FAULTS.values()])[0]
        if what == "broker":
            self.broker_died.append(time.monotonic())
            self.broker.stop(signal.SIGKILL)
            time.sleep(self.random.uniform(0.0, 2.0))
            self.broker.start()
        elif what == "store":
            self.store.stop(signal.SIGKILL)
            time.sleep(self.random.uniform(0.0, 6.0))
            if self.random.random() < 0.5:
                self._kill("ingest")  # with what is in the spool
            ingest = self.service.told("ingest").get("store_trouble", "")
            self.done["spool full"] += "cannot be written" in ingest or "full" in ingest
            self.store.start()
        elif what == "clock":
            self.clock.write_text(str(self.random.choice([-7200.0, -60.0, 60.0, 7200.0])))
            time.sleep(self.random.uniform(1.0, 4.0))
            self.clock.write_text("0")
        else:
            self._kill(what)
        self.done[what] += 1

    def _kill(self, role: str) -> None:
        with suppress(ProcessLookupError):  # it has been killed and not begun again
            self.service.kill(role)

    def forgotten(self, taken: float) -> bool:
        """Whether the broker was killed so soon after it took a message that it had not written it:
        Mosquitto answers first, and writes afterwards."""
        return any(0.0 <= died - taken < 0.1 for died in self.broker_died)


@pytest.mark.skipif(not SOAK_S, reason="set SOAK_S (make soak)")
def test_soaked_it_loses_nothing(
    tmp_path: Path, broker: Server, bench: Bencher, small_disk: bool
) -> None:
    (tmp_path / "influx").mkdir()
    store = influxdb(tmp_path / "influx")
    store.start()
    proxy = V2Writes(store)
    asked = f"http://127.0.0.1:{store.port}/query?q=CREATE+DATABASE+mine"
    urllib.request.urlopen(urllib.request.Request(asked, method="POST"), timeout=10).close()
    folder, clock = tmp_path / "served", tmp_path / "clock"
    tables = (
        f"[mqtt]\nport = {broker.port}\n[console]\nport = {free_port()}\n"
        f'[series]\nkind = "influxdb"\nurl = "{proxy.url}"\norg = "o"\nbucket = "mine"\n'
    )
    (folder / "site.toml").write_text(SITE + tables)
    clock.write_text("0")
    paths = os.pathsep.join([str(JUMPS), str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    env = {"TRUESHAFT_TEST_CLOCK": str(clock), "PYTHONPATH": paths}
    service, load = Service(folder, env), None
    soak = Soak(service, broker, store, clock)
    try:
        eventually(service.works, 90)
        load = Load(broker.port)
        end = time.monotonic() + SOAK_S
        while time.monotonic() < end:
            if soak.random.random() < 0.5:  # else it may be killed while it begins
                eventually(service.works, 90)
            time.sleep(soak.random.uniform(0.2, 3.0))
            soak.fault()
        load.end()
        series = InfluxSeries(Influx(proxy.url, "o", "mine", ""))
        eventually(lambda: service.told("ingest").get("spool_bytes") == 0, 120)
        rows = load.rows
        _patiently(lambda: len(series.readings(Key(MINE, "T2"), 0.0, 4e9)) >= rows)
        eventually(lambda: service.told("judge").get("settled"), 120)
    finally:
        if load is not None:
            load.end()
        code = service.end()
    outcome = compared(series, load, folder, bench(), SITE)
    series.close()
    proxy.close()
    store.stop()
    by_broker = [row for row in outcome.lost if soak.forgotten(load.taken[row])]
    outcome = replace(outcome, lost=[row for row in outcome.lost if row not in by_broker])
    told = f"faults: {dict(soak.done)}, {sum(soak.done.values())} in all; {small_disk = }"
    sys.stdout.write(f"\n{told}\n{outcome}\nrows the broker forgot: {by_broker}\n")
    assert code == 0
    assert outcome.good
    assert len(by_broker) <= len(soak.broker_died)


def _patiently(true: Callable[[], bool]) -> None:
    """What does not become true is told by the outcome."""
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.2)
