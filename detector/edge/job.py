"""The inside of a decoder process: takes tasks from a pipe, reports by small JSON messages.

Started by :mod:`detector.edge.process`. Standard input is a pipe that nobody writes to: when the
parent is gone, however it went, the kernel sends SIGIO, which ends this process.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pickle
import resource
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from detector.core.errors import TrueshaftError

#: Seconds between two progress messages.
BEAT_S = 0.25


class Job:
    """What a task's function may tell its parent while it works."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._next = 0.0
        self._rows = 0

    def progress(self, at_s: float) -> None:
        """The work has come to ``at_s`` s of the recording. Cheap: call it for each picture."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + BEAT_S
            self.send({"at_s": float(at_s)})

    def delivered(self, rows: int) -> None:
        """``rows`` more rows are safe on disk and survive whatever happens next."""
        self._rows += rows
        self.send({"rows": self._rows})

    def fault(self, text: str) -> None:
        """Something is wrong with the recording, but work goes on."""
        self.send({"fault": text})

    def send(self, message: dict[str, Any]) -> None:
        """Send a message to the parent."""
        self._pipe.send_bytes(json.dumps(message).encode())


def main(descriptor: int, memory_mb: int) -> None:
    """Work on tasks from the pipe until it closes."""
    _settle(memory_mb)
    pipe = Connection(descriptor)
    job = Job(pipe)
    job.send({"ready": True})
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            _work(pipe.recv_bytes(), pipe)


def _settle(memory_mb: int) -> None:
    """Limits, signals and silence of this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    _limit(resource.RLIMIT_DATA, memory_mb * 1_000_000)
    _limit(resource.RLIMIT_CORE, 1)  # 1, not 0: piped core handlers are silent only at 1
    with contextlib.suppress(OSError):
        os.nice(5)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.close(quiet)


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _work(message: bytes, pipe: Connection) -> None:
    job = Job(pipe)
    _forget_peak()
    try:
        function, arguments = pickle.loads(message)  # noqa: S301 - from the parent process
        result = function(job, *arguments)
        end: dict[str, Any] = {"done": True, "result": result}
    except TrueshaftError as error:
        end = {"failed": error.what, "repeatable": True}
    except MemoryError:
        end = {"failed": "", "memory": True, "repeatable": False}
    except OSError as error:
        end = {"failed": error.strerror or str(error), "repeatable": False}
    except Exception as error:  # noqa: BLE001 - of that recording alone
        end = {"failed": f"{type(error).__name__}: {error}"[:300], "repeatable": True}
    job.send({**end, "peak_mb": _peak_mb()})


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    """MB resident at most since the task began."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6
