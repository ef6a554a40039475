"""The whole service in processes of its own, under load."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from detector.apps.serve import status
from detector.edge.mqtt import Broker, Connection
from tests.apps.serve.conftest import MINE

STREAMS = ("T1", "T2")


def value(row: int) -> float:
    """Wandering, and out of range for seven rows of every 500."""
    return -5.0 if row % 500 < 7 and row > 500 else 100 + 50 * np.sin(row / 40) + row * 7 % 11


class Load:
    """Publishes a reading of each stream at a time, and counts what the broker has taken."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(Broker("127.0.0.1", port, "mine"))
        self._connection.start()
        self._stop = threading.Event()
        self.start, self.rows, self.tries = float(int(time.time()) - 86400), 0, 0
        self.taken: list[float] = []  # when the broker took each row, of time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def message(self, row: int) -> bytes:
        """What is published of a row."""
        values = {name: [value(row)] for name in STREAMS}
        return json.dumps({"t": [self.start + row], "values": values}).encode()

    def _run(self) -> None:
        while not self._stop.is_set():
            message = self.message(self.rows)
            self.tries += 1
            if self._connection.publish(f"mines/{MINE}/readings", message, wait_s=5.0):
                self.taken.append(time.monotonic())
                self.rows += 1
            self._stop.wait(0.005)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.stop()


class Service:
    """`trueshaft serve` in a process group of its own."""

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self.folder, self._log = folder, (folder / "log").open("ab")
        self._env = {**os.environ, **(env or {})}
        self.process = self._begun()
        self.killed: set[int] = set()

    def _begun(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "detector", "serve", "--config"]
        return subprocess.Popen(
            [*command, str(self.folder / "site.toml")],
            stderr=self._log,
            start_new_session=True,
            env=self._env,
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
            self.killed = {pid := self.told(role)["pid"]}
            if not psutil.pid_exists(pid) or psutil.Process(pid).ppid() != self.process.pid:
                raise ProcessLookupError(role)  # the number may be another's by now
            os.kill(pid, signal.SIGKILL)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self._log.close()
        return code
