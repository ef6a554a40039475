"""Audits that the console has started: begun, followed, ended; each in a folder of its own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from detector.apps.web.audit_job import DONE, JOB, PROGRESS, REPORT, write
from detector.edge.accounts import Refused

State = Literal["running", "finished", "failed"]
UPLOAD, LOG, PID = "upload", "log", "pid"
#: Audits that run at once.
MOST = 1


@dataclass(frozen=True)
class Audit:
    """An audit; ``begun``, ``ended`` s (Unix), ``part`` of the footage that is read, ``status`` as
    ``trueshaft audit`` ends."""

    id: str
    by: str
    what: str
    begun: float
    state: State
    part: float = 0.0
    name: str = ""
    ended: float | None = None
    status: int | None = None
    findings: int = 0
    why: str = ""


class Jobs:
    """The audits below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def new(self) -> Path:
        """The folder of a new audit, with a place for uploads."""
        folder = self._folder / secrets.token_hex(8)
        (folder / UPLOAD).mkdir(parents=True)
        return folder

    def start(self, folder: Path, **job: Any) -> None:
        """Begin the audit of a folder. Raises Refused where enough are running."""
        if sum(a.state == "running" for a in self.all()) >= MOST:
            raise Refused("busy")
        write(folder / JOB, job)
        with (folder / LOG).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "detector.apps.web.audit_job", str(folder.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[folder.name] = process
        (folder / PID).write_text(str(process.pid), "ascii")

    def cancel(self, identity: str) -> None:
        """Have an audit end with what it has: its report tells what was not audited."""
        audit = self.one(identity)
        if audit is not None and audit.state == "running":
            os.kill(self._pid(self._folder / identity), signal.SIGINT)

    def all(self) -> list[Audit]:
        """All audits, the newest first."""
        folders = self._folder.glob(f"*/{JOB}")
        known = [a for path in folders if (a := self.one(path.parent.name)) is not None]
        return sorted(known, key=lambda a: a.begun, reverse=True)

    def one(self, identity: str) -> Audit | None:
        """An audit as it is now; None of an unknown one."""
        if not identity.isalnum():
            return None
        folder = self._folder / identity
        job, done, at = (_read(folder / name) for name in (JOB, DONE, PROGRESS))
        if not job:
            return None
        known = Audit(identity, job["by"], job["what"], job["begun"], "running")
        if done:
            status = int(done["status"])
            state: State = "finished" if status in (0, 1, 3) else "failed"
            return replace(
                known,
                state=state,
                part=1.0,
                ended=done["ended"],
                status=status,
                findings=done.get("findings", 0),
                why=done.get("why", ""),
            )
        if not self._alive(folder):
            return replace(known, state="failed", why="it was ended")
        whole = at.get("of_s") or 0.0
        part = min(at["at_s"] / whole, 1.0) if whole else 0.0
        return replace(known, part=part, name=at.get("name", ""))

    def wait(self) -> None:
        """Wait until what was started here has ended."""
        for process in self._processes.values():
            process.wait()

    def report(self, identity: str) -> Path:
        """The folder of an audit's report."""
        return self._folder / identity / REPORT

    def _alive(self, folder: Path) -> bool:
        process = self._processes.get(folder.name)
        if process is not None:
            return process.poll() is None
        pid = self._pid(folder)
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return str(folder.resolve()).encode() in command

    def _pid(self, folder: Path) -> int:
        try:
            return int((folder / PID).read_text("ascii"))
        except (OSError, ValueError):
            return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told
