"""The service over HTTP."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn

from detector.apps.serve.blindness import Blindness
from detector.apps.serve.book import Book
from detector.apps.serve.http import service
from detector.apps.serve.status import Status
from detector.core.score import Scores
from tests.apps.serve.conftest import MINE, Bench
from tests.apps.serve.test_judge import falsified
from tests.servers import eventually, free_port

SITE = f"""
[mine]
code = "{MINE}"

[[streams]]
name = "methane"
kind = "methane"
unit = "%"

[live]
folder = "."
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    one = Bench(tmp_path_factory.mktemp("http"), SITE)
    one.store(falsified())
    one.settle()
    yield one
    one.end()


@contextmanager
def served(one: Bench) -> Iterator[httpx.Client]:
    """A client of the service on a port of its own."""
    app = service(one.desks, one.series)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as made:
            yield made
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def client(judged: Bench) -> Iterator[httpx.Client]:
    with served(judged) as made:
        yield made


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_alerts_and_one_with_its_history(client: httpx.Client) -> None:
    told = get(client, "/api/v1/alerts")
    assert told["total"] == len(told["alerts"]) >= 2
    alert = told["alerts"][0]
    assert alert["schema"] == "trueshaft.alert/1" and len(alert["ledger"]["hash"]) == 64
    one = get(client, f"/api/v1/alerts/{alert['id']}")
    assert one["history"][-1]["seq"] == alert["ledger"]["seq"]
    assert client.get("/api/v1/alerts/nope").status_code == 404
    warnings = get(client, "/api/v1/alerts?severity=warning&limit=1")
    assert [a["severity"] for a in warnings["alerts"]] == ["warning"]


def test_a_person_handles_an_alert(client: httpx.Client, judged: Bench) -> None:
    path = f"/api/v1/alerts/{get(client, '/api/v1/alerts')['alerts'][-1]['id']}"
    assert client.post(path, json={"state": "done", "by": "Li"}).status_code == 422
    wrong = {"state": "done", "by": "Li", "disposition": "nice"}
    assert client.post(path, json=wrong).status_code == 422
    seen = {"state": "acknowledged", "by": "李", "note": "看到"}
    assert client.post(path, json=seen).status_code == 200
    judged.book.tick()
    assert get(client, path)["state"] == "acknowledged"
    done = {"state": "done", "by": "Li", "disposition": "false_alarm"}
    assert client.post(path, json=done).status_code == 200
    judged.book.tick()
    told = get(client, path)
    assert (told["state"], told["disposition"]) == ("done", "false_alarm")
    assert [e["by"] for e in told["history"] if e["kind"] == "handled"] == ["李", "Li"]
    before = judged.ledger.last_seq()
    again = Book(judged.ledger, judged.desks, judged.clock)
    again.tick()
    assert judged.ledger.last_seq() == before


def test_other_sites_may_not_handle_alerts(
    client: httpx.Client, judged: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"state": "acknowledged", "by": "x"}
    path = f"/api/v1/alerts/{get(client, '/api/v1/alerts')['alerts'][0]['id']}"
    assert client.post(path, json=body, headers={"Host": "evil.example"}).status_code == 403
    form = {"Content-Type": "text/plain"}
    assert client.post(path, content=json.dumps(body), headers=form).status_code == 422
    monkeypatch.setenv("TRUESHAFT_CONSOLE_TOKEN", "secret")
    with served(judged) as other:
        assert other.post(path, json=body).status_code == 401
        headers = {"Authorization": "Bearer secret", "Host": "mine.example"}
        assert other.post(path, json=body, headers=headers).status_code == 200


def test_streams_series_and_scores(client: httpx.Client) -> None:
    streams = get(client, "/api/v1/streams")["streams"]
    (methane,) = [s for s in streams if s["stream"] == "methane"]
    assert (methane["kind"], methane["unit"], methane["mine"]) == ("methane", "%", MINE)
    series = get(client, "/api/v1/series/methane?start=0&points=100")
    assert series["rows"] == methane["count"] and len(series["time"]) <= 100
    day = get(client, "/api/v1/series/methane")
    assert 1000 < day["rows"] < 1500
    scores = get(client, "/api/v1/series/methane?start=0&detector=flat_signal")
    assert max(v for v in scores["value"] if v is not None) > 1.5
    assert client.get("/api/v1/series/nope").status_code == 404
    assert client.get("/api/v1/series/methane?start=yesterday").status_code == 422


def test_health_is_that_of_the_processes(client: httpx.Client, judged: Bench) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503 and "judge has not begun" in answer.json()["problems"]
    for role in ("ingest", "judge", "notify"):
        Status(judged.desks.folder, role).write({"problems": [], "messages": 7})
    assert client.get("/healthz").status_code == 200
    told = {"problems": ["the store: it is down"], "store_trouble": "down"}
    Status(judged.desks.folder, "ingest").write(told)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["problems"] == ["ingest: the store: it is down"]


def test_metrics_and_the_rest(client: httpx.Client, judged: Bench) -> None:
    Status(judged.desks.folder, "judge").write({"judgements": 12, "waiting": 3})
    text = client.get("/metrics").text
    assert 'trueshaft_judgements_total{role="judge"} 12.0' in text
    assert f'trueshaft_stream_lag_seconds{{mine="{MINE}",stream="methane"}}' in text
    assert get(client, "/api/v1/thresholds")["frozen_frame"]["unit"] == "s"
    told = {"one": {"sent": 3, "failed": 2, "pending": 1}}
    Status(judged.desks.folder, "notify").write({"channels": told})
    ingest = {"queue": 5, "spool_bytes": 9, "spool_damaged": 0, "store_down": 1, "dropped": 0}
    Status(judged.desks.folder, "ingest").write(ingest)
    dark = Blindness(judged.desks.folder, every_s=0.0)
    for stream, values in (("seen", [1.0, 2.0]), ("lost", [1.0, np.nan])):
        value, time = np.array(values), np.arange(2.0)
        why = np.where(np.isnan(value), 0, -1).astype(np.int8)
        for name in ("spike", "silence"):
            row = Scores(name, stream, "s", time, value, time, why, ("too dark",))
            dark.take(MINE, [row])
    dark.write(0.0)
    text = client.get("/metrics").text
    for line in (
        'trueshaft_channel_failed_total{channel="one"} 2.0',
        'trueshaft_channel_pending{channel="one"} 1.0',
        'trueshaft_queue{role="ingest"} 5.0',
        'trueshaft_spool_bytes{role="ingest"} 9.0',
        'trueshaft_store_down{role="ingest"} 1.0',
        'trueshaft_dropped_total{role="ingest"} 0.0',
        f'trueshaft_stream_blind_seconds{{mine="{MINE}",stream="seen"}} 0.0',
        f'trueshaft_stream_blind_checks{{mine="{MINE}",stream="seen"}} 0.0',
        f'trueshaft_stream_blind_checks{{mine="{MINE}",stream="lost"}} 2.0',
    ):
        assert line in text.splitlines()
    (blind,) = re.findall(rf'blind_seconds{{mine="{MINE}",stream="lost"}} (\S+)', text)
    assert float(blind) > 1e6  # since 1970 in this test
    assert "/api/v1/alerts" in get(client, "/api/v1/openapi.json")["paths"]
