"""One decoder process, seen from its parent."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from detector.core.errors import TrueshaftError
from detector.edge.task import Limits, Outcome, Progress, Task

_START = "from detector.edge.job import main; main({descriptor}, {memory_mb})"
#: glibc keeps the memory of a picture for the next one: to give it back and to have it zeroed again
#: by the kernel costs a fifth of what is done with a picture.
_KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
    "MALLOC_TOP_PAD_": str(16 << 20),
}
_ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A decoder process that works on one task at a time.

    It is started afresh (no fork, nothing of the parent's memory or descriptors), in a process
    group of its own, so that Ctrl-C on the terminal does not reach it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.pipe, theirs = Pipe()
        start = _START.format(descriptor=theirs.fileno(), memory_mb=limits.memory_mb)
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-c", start],
            stdin=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            env=_environment(),
            process_group=0,
        )
        theirs.close()
        self._ready = False
        self._task: Task | None = None
        self._finish()

    @property
    def busy(self) -> bool:
        """A task is being worked on."""
        return self._task is not None

    def give(self, task: Task) -> None:
        """Hand over a task; the process must not be busy."""
        self._task = task
        self._began = self._heard = time.monotonic()
        with contextlib.suppress(OSError):  # it has died: the closed pipe will be read
            self.pipe.send_bytes(pickle.dumps((task.function, task.arguments)))

    def hear(self) -> list[Progress | Outcome]:
        """Read what it has sent; an :class:`Outcome` ends the task."""
        said: list[Progress | Outcome] = []
        try:
            while self.pipe.poll():
                said += self._take(json.loads(self.pipe.recv_bytes(1 << 20)))
        except (EOFError, OSError, ValueError):
            said += self._died()
        return said

    def check(self) -> list[Outcome]:
        """Kill it where its task has used up its time."""
        if self._task is None:
            return []
        now = time.monotonic()
        total_s = self._limits.total_s(self._task)
        if self._ready and now - self._heard > self._limits.stall_s:
            why = f"the decoder made no progress for {self._limits.stall_s:g} s"
        elif now - self._began > total_s:
            why = f"the decoder took longer than the {total_s:.0f} s allowed"
        else:
            return []
        self.kill()
        return [self._end(why + self._where(), repeatable=False)]

    def interrupt(self) -> list[Outcome]:
        """Kill it whatever it does."""
        self.kill()
        if self._task is None:
            return []
        return [self._end("interrupted" + self._where(), repeatable=False)]

    def kill(self) -> None:
        """End the process and give back what it held."""
        self._popen.kill()
        self._popen.wait()
        self.pipe.close()
        if self._popen.stdin is not None:
            self._popen.stdin.close()

    @property
    def gone(self) -> bool:
        """The process has ended and cannot be given anything."""
        return self.pipe.closed

    def _finish(self) -> None:
        self._task = None
        self._began = self._heard = self._at_s = 0.0
        self._rows = 0
        self._faults: list[str] = []

    def _take(self, message: dict[str, Any]) -> list[Progress | Outcome]:
        self._heard = time.monotonic()
        self._ready = True
        if self._task is None:
            return []
        if "at_s" in message:
            self._at_s = float(message["at_s"])
            return [Progress(self._task, self._at_s)]
        if "rows" in message:
            self._rows = int(message["rows"])
        elif "fault" in message:
            self._faults.append(str(message["fault"]))
        elif "done" in message:
            return [self._done(message)]
        elif "failed" in message:
            return [self._failed(message)]
        return []

    def _done(self, message: dict[str, Any]) -> Outcome:
        task, began, faults = self._task, self._began, tuple(self._faults)
        assert task is not None
        outcome = Outcome(
            task=task,
            status="partial" if faults else "ok",
            reason="; ".join(faults) or None,
            result=message["result"],
            faults=faults,
            rows=self._rows,
            elapsed_s=time.monotonic() - began,
            peak_mb=float(message["peak_mb"]),
        )
        self._finish()
        return outcome

    def _failed(self, message: dict[str, Any]) -> Outcome:
        reason = str(message["failed"])
        if message.get("memory"):
            reason = f"decoding needs more than the {self._limits.memory_mb} MB of memory allowed"
            self.kill()
        peak_mb = float(message["peak_mb"])
        return self._end(reason, repeatable=bool(message["repeatable"]), peak_mb=peak_mb)

    def _died(self) -> list[Progress | Outcome]:
        status = self._wait()
        self.kill()
        if not self._ready:
            raise TrueshaftError(
                "decoder processes cannot be started",
                where=sys.executable,
                todo="the message above says why; check the installation",
            )
        if self._task is None:
            return []
        return [self._end(_manner(status) + self._where(), repeatable=False)]

    def _wait(self) -> int:
        try:
            return self._popen.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            return self._popen.wait()

    def _where(self) -> str:
        return f", at {self._at_s:.1f} s of the recording" if self._at_s else ""

    def _end(self, reason: str, repeatable: bool, peak_mb: float = 0.0) -> Outcome:
        assert self._task is not None
        outcome = Outcome(
            task=self._task,
            status="partial" if self._rows else "unreadable",
            reason=reason,
            faults=(*self._faults, reason),
            rows=self._rows,
            repeatable=repeatable,
            elapsed_s=time.monotonic() - self._began,
            peak_mb=peak_mb,
        )
        self._finish()
        return outcome


def _manner(status: int) -> str:
    if status == -signal.SIGKILL:
        return "the decoder was killed from outside, probably for want of memory"
    if status < 0:
        return f"the decoder crashed ({signal.Signals(-status).name})"
    return f"the decoder ended by itself (status {status})"


def _environment() -> dict[str, str]:
    path = [str(_ROOT), *(entry for entry in sys.path if entry)]
    one = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    own = {**dict.fromkeys(one, "1"), **_KEEP_MEMORY, "PYTHONPATH": os.pathsep.join(path)}
    return {**os.environ, **own}
