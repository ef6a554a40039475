"""All that can go wrong at once goes wrong, again and again: service, broker and store are killed,
the disk of the spool is full, the clock jumps. Nothing is lost, nothing told twice.

`make soak` runs it for SOAK_S seconds and until the service has been killed SOAK_KILLS times, and
prints what came of it; without SOAK_S it is skipped.

Mosquitto answers a publisher first and writes its file afterwards: killed between the two it has
forgotten what it answered for. Such a row is told apart for certain: the broker was killed after it
answered and before it was begun again, its file, which it begins with, does not have the row, and
the service had not acknowledged it (a relay between the two hears all that passes). Any other row
that is not stored is the service's loss.
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
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from detector.edge.series import Key
from detector.edge.series.influx import InfluxSeries
from detector.edge.series.influxql import Influx
from tests.apps.serve.comparing import compared
from tests.apps.serve.conftest import MINE, Bencher
from tests.apps.serve.running import Load, Service
from tests.apps.serve.witness import Witness
from tests.servers import Server, V2Writes, eventually, free_port, influxdb

SOAK_S = float(os.environ.get("SOAK_S", "0"))
SOAK_KILLS = int(os.environ.get("SOAK_KILLS", "50"))
JUMPS = Path(__file__).with_name("jumping")
SITE = f"""
[mine]
code = "{MINE}"

[[streams]]
name = "T1"
range = [0.0, 1000.0]
"""
#: What goes wrong, and how often beside the others.
FAULTS = {"all": 4, "ingest": 5, "judge": 4, "notify": 1, "broker": 3, "store": 2, "clock": 1}


@dataclass(frozen=True)
class Death:
    """The broker was killed: what its file has, what the service had acknowledged, and when it was
    begun again (of time.monotonic())."""

    kept: bytes
    acknowledged: frozenset[bytes]
    begun: float


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

    def __init__(
        self, service: Service, broker: Server, witness: Witness, store: Server, folder: Path
    ) -> None:
        self.service, self.broker, self.witness, self.store = service, broker, witness, store
        self._file, self.clock = folder / "broker" / "mosquitto.db", folder / "clock"
        self.random = random.Random(11)
        self.done: Counter[str] = Counter()
        self.kills = 0
        self.deaths: list[Death] = []

    def fault(self) -> None:
        """One fault, and its end."""
        what = self.random.choices([*FAULTS], [*FAULTS.values()])[0]
        if what == "broker":
            self.broker.stop(signal.SIGKILL)
            time.sleep(self.random.uniform(0.0, 2.0))
            kept = self._file.read_bytes() if self._file.exists() else b""
            acknowledged = frozenset(self.witness.acknowledged)
            self.deaths.append(Death(kept, acknowledged, time.monotonic()))
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
            self.kills += 1

    def forgotten(self, message: bytes, taken: float) -> bool:
        """Whether the broker forgot a message that it had answered for."""
        return any(
            taken < death.begun and message not in death.kept and message not in death.acknowledged
            for death in self.deaths
        )


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
    witness = Witness(broker.port)
    tables = (
        f"[mqtt]\nport = {witness.port}\n[console]\nport = {free_port()}\n"
        f'[series]\nkind = "influxdb"\nurl = "{proxy.url}"\norg = "o"\nbucket = "mine"\n'
    )
    (folder / "site.toml").write_text(SITE + tables)
    clock.write_text("0")
    paths = os.pathsep.join([str(JUMPS), str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    env = {"TRUESHAFT_TEST_CLOCK": str(clock), "PYTHONPATH": paths}
    service, load = Service(folder, env), None
    soak = Soak(service, broker, witness, store, tmp_path)
    try:
        eventually(service.works, 90)
        load = Load(broker.port)
        begun = time.monotonic()
        while time.monotonic() < begun + SOAK_S or soak.kills < SOAK_KILLS:
            if soak.random.random() < 0.5:  # else it may be killed while it begins
                eventually(service.works, 90)
            time.sleep(soak.random.uniform(0.2, 2.0))
            soak.fault()
        lasted_s = time.monotonic() - begun
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
    witness.close()
    by_broker = [row for row in outcome.lost if soak.forgotten(load.message(row), load.taken[row])]
    outcome = replace(outcome, lost=[row for row in outcome.lost if row not in by_broker])
    told = f"{soak.kills} kills of the service in {lasted_s:.0f} s; {small_disk = }\n"
    told += f"faults: {dict(soak.done)}, {len(soak.deaths)} deaths of the broker"
    unasked = [row for row in outcome.lost if load.message(row) not in witness.acknowledged]
    told += f"\nlost though the service had not acknowledged it: {unasked}" if unasked else ""
    sys.stdout.write(f"\n{told}\n{outcome}\nrows the broker forgot: {by_broker}\n")
    assert code == 0
    assert outcome.good
    assert soak.kills >= SOAK_KILLS


def _patiently(true: Callable[[], bool]) -> None:
    """What does not become true is told by the outcome."""
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.2)
