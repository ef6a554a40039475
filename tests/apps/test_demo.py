"""`trueshaft demo`: the fake shaft appears, and its alert arrives."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from detector.edge.ledger_check import verify
from tests.servers import eventually, free_port


def test_the_demo_finds_its_fake_shaft(tmp_path: Path) -> None:
    port = free_port()
    options = ["--folder", str(tmp_path), "--port", str(port), "--speed", "900", "--days", "3"]
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "detector", "demo", *options], stdout=out, stderr=out
        )
    try:
        eventually(lambda: any(_undeclared(a) for a in alerts(port)), 150)
        eventually(lambda: b"ALERT critical: Shaft main" in (tmp_path / "out").read_bytes(), 60)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    told = (tmp_path / "out").read_text()
    assert code == 0, told
    assert verify(tmp_path / "var" / "ledger.jsonl").broken is None


def alerts(port: int) -> list[dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/alerts", timeout=5) as answer:
            told: list[dict[str, Any]] = json.load(answer)["alerts"]
    except OSError:
        return []
    return told


def _undeclared(alert: dict[str, Any]) -> bool:
    detectors = {episode["detector"] for episode in alert["episodes"]}
    return alert["shaft"] == "main" and "inconsistent_production" in detectors
