"""The service is killed at random moments under load: nothing is lost, nothing told twice.

TRUESHAFT_KILLS is how often it is killed (`make soak` sets more).
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from detector.core.observation import Readings
from detector.edge.ledger import Ledger
from detector.edge.ledger_check import verify
from detector.edge.series import Key
from detector.edge.series.sqlite import SqliteSeries
from tests.apps.serve.conftest import MINE, Bencher, told
from tests.apps.serve.running import STREAMS, Load, Service, value
from tests.servers import Server, eventually, free_port

KILLS = int(os.environ.get("TRUESHAFT_KILLS", "3"))
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
