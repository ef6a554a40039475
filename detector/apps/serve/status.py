"""How the service's processes are: each writes a small file, whoever wants to know reads it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Seconds between two writings at least.
_EVERY_S = 0.5


class Status:
    """The file of one process."""

    def __init__(self, folder: Path, role: str) -> None:
        self._path = folder / "status" / f"{role}.json"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._written = 0.0

    @property
    def due(self) -> bool:
        """Whether the last time it was told is a while ago."""
        return abs(time.time() - self._written) >= _EVERY_S

    def write(self, told: Mapping[str, Any], now: bool = False) -> None:
        """Tell how it is, if the last time is a while ago. A full disk is no reason to stop."""
        if not now and not self.due:
            return
        at = self._written = time.time()
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            beside.write_text(json.dumps({"at": at, "pid": os.getpid(), **told}), "utf-8")
            beside.replace(self._path)
        except OSError:
            beside.unlink(missing_ok=True)


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """What every process told last, by role, with ``age_s``."""
    found = {}
    for path in sorted((folder / "status").glob("*.json")):
        try:
            told = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        found[path.stem] = {**told, "age_s": max(0.0, time.time() - told["at"])}
    return found


def problems(statuses: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong with the service, in words; nothing where all is well."""
    told = []
    for role, patience_s in (("ingest", 10.0), ("judge", 60.0), ("notify", 60.0)):
        status = statuses.get(role)
        if status is None:
            told.append(f"{role} has not begun")
        elif status["age_s"] > patience_s:
            told.append(f"{role} has told nothing for {status['age_s']:.0f} s")
        else:
            told += [f"{role}: {problem}" for problem in status.get("problems", ())]
    return told
