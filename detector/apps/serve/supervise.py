"""The parent: it starts the service's processes, starts again what ends, and ends them in order."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any

from detector.apps.serve.role import Stop

LOG = logging.getLogger("trueshaft")
#: Seconds that a process has to drain.
_DRAIN_S = 20.0
_FIRST_WAIT_S, _LONGEST_WAIT_S, _STEADY_S = 0.5, 8.0, 20.0


@dataclass
class Role:
    """A process to be kept going: what it does, and how often it has ended too soon."""

    name: str
    work: Callable[..., None]
    arguments: tuple[Any, ...]
    process: BaseProcess | None = None
    started: float = 0.0
    again: float = 0.0
    wait_s: float = field(default=_FIRST_WAIT_S)

    def start(self) -> None:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(target=self.work, args=self.arguments, name=self.name)
        self.process.start()
        self.started = time.monotonic()
        LOG.info("%s started as process %s", self.name, self.process.pid)

    def look(self) -> None:
        """Start it again where it has ended; the more often it ends, the later."""
        now = time.monotonic()
        if self.process is not None and not self.process.is_alive():
            LOG.error("%s ended with %s", self.name, self.process.exitcode)
            self.process = None
            if now - self.started > _STEADY_S:
                self.wait_s = _FIRST_WAIT_S
            self.again = now + self.wait_s
            self.wait_s = min(2 * self.wait_s, _LONGEST_WAIT_S)
        elif self.process is None and now >= self.again:
            self.start()

    def end(self) -> None:
        """Have it drain and end."""
        if self.process is None or not self.process.is_alive():
            return
        self.process.terminate()
        self.process.join(_DRAIN_S)
        if self.process.is_alive():
            LOG.error("%s did not end in time", self.name)
            self.process.kill()
            self.process.join()


def supervise(roles: Sequence[Role], stop: Stop, tick: Callable[[], None] = lambda: None) -> None:
    """Keep the roles going until told to end, then end them in their order."""
    for role in roles:
        if role.process is None:
            role.start()
    try:
        while not stop.wait(0.2):
            for role in roles:
                role.look()
            tick()
    finally:
        for role in roles:
            role.end()
