"""What the service is measured with: a broker, the service itself, and a loop to compare it to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from detector.core.errors import TrueshaftError

#: Processes that run other code than Python's are looked at this often, s.
POLL_S = 0.05


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], within_s: float, what: str) -> None:
    """Wait until something is true; TrueshaftError where it does not become so."""
    deadline = time.monotonic() + within_s
    while not true():
        if time.monotonic() > deadline:
            raise TrueshaftError(f"waited {within_s:.0f} s in vain", what, "look at its log")
        time.sleep(POLL_S)


class Program:
    """A program in a process group of its own; what it says goes to ``log``."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        with log.open("ab") as told:
            self._process = subprocess.Popen(
                command, stdout=told, stderr=told, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def end(self) -> None:
        """Tell it to end, and wait."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def cpu_s(self) -> dict[int, float]:
        """Processor time so far of it and of each process that it started, s, by process."""
        found = {}
        one = psutil.Process(self.pid)
        for process in [one, *one.children(recursive=True)]:
            try:
                used = process.cpu_times()
                found[process.pid] = float(used.user + used.system)
            except psutil.Error:
                continue
        return found


class Broker(Program):
    """A Mosquitto that keeps all in memory."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise TrueshaftError("it is not installed", "mosquitto", "run scripts/setup-system")
        self.port = free_port()
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "persistence false"]
        path = folder / "mosquitto.conf"
        path.write_text("\n".join([*lines, "max_queued_messages 0", "log_type error", ""]))
        super().__init__([program, "-c", str(path)], folder / "mosquitto.log")
        until(self._listens, 20, "mosquitto")

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Served(Program):
    """`trueshaft serve` over a SQLite store in a folder of its own."""

    def __init__(self, folder: Path, broker: int, streams: str = "", mine: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self._since = folder, time.time()
        told = f'[mine]\ncode = "{mine}"\n{streams}\n' if mine else ""
        told += f"[mqtt]\nport = {broker}\n[console]\nport = {free_port()}\n"
        told += '[series]\nkind = "sqlite"\npath = "series.db"\n'
        (folder / "site.toml").write_text(told)
        command = [sys.executable, "-m", "detector", "serve", "--config"]
        super().__init__([*command, str(folder / "site.toml")], folder / "log")

    def told(self, role: str) -> dict[str, Any]:
        """What a process of it told last of itself."""
        try:
            told: dict[str, Any] = json.loads((self.folder / f"var/status/{role}.json").read_text())
        except (OSError, ValueError):
            return {}
        return told if told["at"] >= self._since else {}

    def works(self) -> bool:
        """Whether it takes in and judges."""
        return bool(self.told("ingest").get("connected") and self.told("judge"))

    def alerts(self) -> list[tuple[float, dict[str, Any]]]:
        """When (Unix s) and what the ledger says of alerts."""
        from datetime import datetime  # noqa: PLC0415

        found = []
        for line in (self.folder / "var/ledger.jsonl").read_text().splitlines():
            entry = json.loads(line)
            if entry["kind"] == "alert":
                at = datetime.fromisoformat(entry["time"]).timestamp()
                found.append((at, entry["document"]))
        return found


class Loop(Program):
    """A bare loop of paho in Python that acknowledges and does nothing else."""

    def __init__(self, folder: Path, broker: int, filters: Sequence[str]) -> None:
        folder.mkdir(exist_ok=True)
        self._path = folder / "ingest.json"
        self._path.unlink(missing_ok=True)
        command = [sys.executable, "-m", "detector.bench.live.loop", str(broker), str(self._path)]
        super().__init__([*command, *filters], folder / "log")

    def told(self, role: str) -> dict[str, Any]:
        """What it has acknowledged."""
        try:
            told: dict[str, Any] = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return told

    def works(self) -> bool:
        """Whether it is connected."""
        return bool(self.told("ingest").get("connected"))
