"""The service is killed at random moments under load: nothing is lost, nothing told twice.

TRUESHAFT_KILLS is how often it is killed; `make soak` does more (test_soak.py).
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

from detector.edge.series import Key
from detector.edge.series.sqlite import SqliteSeries
from tests.apps.serve.comparing import compared
from tests.apps.serve.conftest import MINE, Bencher
from tests.apps.serve.running import Load, Service
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
    outcome = compared(series, load, folder, bench(), SITE)
    series.close()
    assert outcome.good, outcome
