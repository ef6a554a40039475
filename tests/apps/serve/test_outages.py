"""The database and the broker go away and come back: nothing is lost, and it is told."""

from __future__ import annotations

import signal
import urllib.request
from pathlib import Path

from detector.edge.ledger import Ledger
from detector.edge.ledger_check import verify
from detector.edge.series import Key
from detector.edge.series.influx import InfluxSeries
from detector.edge.series.influxql import Influx
from tests.apps.serve.conftest import MINE
from tests.apps.serve.running import Load, Service
from tests.servers import Server, V2Writes, eventually, free_port, influxdb


def test_the_database_and_the_broker_go_away(tmp_path: Path, broker: Server) -> None:
    (tmp_path / "influx").mkdir()
    database = influxdb(tmp_path / "influx")
    database.start()
    proxy = V2Writes(database)
    asked = f"http://127.0.0.1:{database.port}/query?q=CREATE+DATABASE+mine"
    urllib.request.urlopen(urllib.request.Request(asked, method="POST"), timeout=10).close()
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "site.toml").write_text(
        f'[mine]\ncode = "{MINE}"\n[mqtt]\nport = {broker.port}\n'
        f'[series]\nkind = "influxdb"\nurl = "{proxy.url}"\norg = "o"\nbucket = "mine"\n'
        f"[console]\nport = {free_port()}\n"
    )
    service, load = Service(folder), None
    try:
        eventually(service.works, 90)
        load = Load(broker.port)
        eventually(lambda: service.told("ingest").get("readings", 0) > 200, 30)
        database.stop(signal.SIGKILL)
        eventually(lambda: service.told("ingest").get("spool_bytes", 0) > 0, 30)
        assert any("the store" in p for p in service.told("ingest")["problems"])
        eventually(lambda: "store_down" in _detectors(folder), 30)
        broker.stop()
        broker.start()
        database.start()
        eventually(lambda: service.told("ingest").get("spool_bytes") == 0, 90)
        load.end()
        series = InfluxSeries(Influx(proxy.url, "o", "mine", ""))
        key, rows = Key(MINE, "T1"), load.rows
        eventually(lambda: len(series.readings(key, 0.0, 4e9)) == rows, 60)
        assert len(series.readings(Key(MINE, "T2"), 0.0, 4e9)) == rows
        series.close()
        eventually(lambda: _detectors(folder).get("store_down") is False, 30)
    finally:
        if load is not None:
            load.end()
        code = service.end()
        proxy.close()
        database.stop()
    assert code == 0
    assert verify(folder / "var" / "ledger.jsonl").broken is None


def _detectors(folder: Path) -> dict[str, bool]:
    """Detectors of the alerts there are, and whether their episodes go on."""
    ledger = Ledger(folder / "var" / "ledger.jsonl")
    found = {
        episode["detector"]: episode["until_end"]
        for entry in ledger.entries()
        if entry.kind == "alert"
        for episode in entry.document["episodes"]
    }
    ledger.close()
    return found
