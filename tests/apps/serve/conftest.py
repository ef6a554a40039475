"""A store, a ledger and a judge over a simulated mine whose readings were falsified."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from detector.apps.serve.book import Book
from detector.apps.serve.desks import Desks
from detector.apps.serve.follow import withdrawn
from detector.apps.serve.judge import Judge
from detector.core.observation import Readings
from detector.edge.ledger import Entry, Ledger
from detector.edge.series import EpisodeRow
from detector.edge.series.sqlite import SqliteSeries
from tests.servers import Server, mosquitto

#: What other processes are given as a module of Python's own.
collect_ignore = ["jumping"]
MINE = "220600000001"
SITE = f"""
[mine]
code = "{MINE}"
status = "stopped"
"""


@dataclass
class Clock:
    """A clock that goes on when told to, or by a step with every look."""

    now: float = 1_800_000_000.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Bench:
    """A service without its processes, in a folder; it can be ended and begun again."""

    folder: Path
    site: str = SITE
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        (self.folder / "site.toml").write_text(self.site, "utf-8")
        self.begin()

    def begin(self) -> None:
        self.desks = Desks(self.folder / "site.toml")
        self.series = SqliteSeries(self.folder / "series.db")
        self.ledger = Ledger(self.folder / "ledger.jsonl", self.clock)
        self.book = Book(self.ledger, self.desks, self.clock)
        self.judge = Judge(self.series, self.desks, self.book, None, self.clock)

    def end(self) -> None:
        self.series.close()
        self.ledger.close()

    def again(self) -> None:
        self.end()
        self.begin()

    def store(self, table: dict[str, Readings], rows: slice = slice(None)) -> None:
        self.series.store([(MINE, readings.rows(rows)) for readings in table.values()])

    def settle(self) -> None:
        """Judge until all that waits has been judged. Little time passes in the mine."""
        while True:
            more = self.judge.cycle()
            if not more and not self.judge.waits():
                self.judge.close()
                return
            self.clock.now += 0.001
            self.judge.hurry()

    def episodes(self) -> list[EpisodeRow]:
        """All but those that were withdrawn."""
        known = [row for _, row in self.series.episodes(MINE, -np.inf, np.inf)]
        return [row for row in known if not withdrawn(row)]

    def entries(self, kind: str) -> list[Entry]:
        return [entry for entry in self.ledger.entries() if entry.kind == kind]


Bencher = Callable[..., Bench]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bencher]:
    made: list[Bench] = []

    def make(site: str = SITE) -> Bench:
        folder = tmp_path / f"service-{len(made)}"
        folder.mkdir()
        made.append(Bench(folder, site))
        return made[-1]

    yield make
    for one in made:
        one.end()


def told(rows: Sequence[EpisodeRow]) -> list[tuple[str, str, float, float]]:
    """What tells episodes apart, to a hundredth of a second."""
    return sorted((r.detector, r.stream, round(r.start, 2), round(r.end, 2)) for r in rows)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "broker").mkdir()
    server = mosquitto(tmp_path / "broker", "max_queued_messages 0")
    server.start()
    yield server
    server.stop()
