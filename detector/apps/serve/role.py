"""What every process of the service does: it logs in JSON, and it ends when told to or orphaned."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


class Stop:
    """Whether a process shall end: after SIGTERM or SIGINT, or when its parent has gone."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._parent = os.getppid()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._event.set())
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while os.getppid() == self._parent:
            time.sleep(0.2)
        self._event.set()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it shall end."""
        return self._event.wait(seconds)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"time": at, "level": record.levelname.lower(), "from": record.name}
        told["message"] = record.getMessage()
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def log_to_stderr(level: str = "INFO") -> None:
    """Log a line of JSON for each event."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("amqtt", "apprise", "httpx", "transitions", "uvicorn.access", "asyncio"):
        logging.getLogger(noisy).setLevel("WARNING")


@contextmanager
def only_one(folder: Path, role: str, stop: Stop) -> Iterator[None]:
    """Wait until no other process has this role: one that is orphaned ends in a moment."""
    path = folder / "status" / f"{role}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while not stop:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stop.wait(0.1)
        yield
