"""A service's folder with alerts of two mines, made without judging anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import uvicorn
from argon2 import PasswordHasher

from detector.apps.report import schema
from detector.apps.serve.book import Book
from detector.apps.serve.desks import Desks
from detector.apps.serve.http import service
from detector.apps.serve.telling import iso
from detector.apps.web import app as web
from detector.core.observation import Readings, Views
from detector.edge.ledger import Entry, Ledger
from detector.edge.series import EpisodeRow
from detector.edge.series.sqlite import SqliteSeries
from tests.apps.serve.conftest import Clock
from tests.servers import eventually, free_port

MINE, OTHER = "220600000001", "220600000002"
PASSWORD = "correct horse battery"
SITE = f"""
[mine]
code = "{MINE}"
name = "Lianyi"
status = "stopped"

[[streams]]
name = "hoist"
kind = "hoist"
unit = "kW"
shaft = "main"

[[streams]]
name = "methane"
kind = "methane"
unit = "%"

[[cameras]]
name = "main-shaft"
shaft = "main"

[[cameras]]
name = "main-portal"
shaft = "main"

[recordings]
timezone = "Asia/Shanghai"

[live]
folder = "."
mines = ["other.toml"]

[console]
audits = "recordings"
"""
SITE_OTHER = f"""
[mine]
code = "{OTHER}"
name = "Hongbao"

[[streams]]
name = "belt"
kind = "belt_scale"
"""


@dataclass
class Hall:
    """A service's folder and what a test works with; time stands still unless it is moved on."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        (self.folder / "site.toml").write_text(SITE, "utf-8")
        (self.folder / "other.toml").write_text(SITE_OTHER, "utf-8")
        (self.folder / "recordings").mkdir()
        self.desks = Desks(self.folder / "site.toml")
        self.series = SqliteSeries(self.folder / "series.db")
        self.ledger = Ledger(self.folder / "ledger.jsonl", self.clock)
        self.book = Book(self.ledger, self.desks, self.clock)
        self.room = web.opened(self.desks, self.series)
        eventually(lambda: not self.room.board.loading)
        self.room.clock = self.room.accounts.clock = self.clock
        self.room.accounts.hasher = PasswordHasher(time_cost=1, memory_cost=64)  # quick, for tests
        for name, role, mines in (
            ("admin", "administrator", None),
            ("zhao", "engineer", None),
            ("chen", "regulator", None),
            ("li", "viewer", None),
            ("wang", "regulator", [OTHER]),
        ):
            self.room.accounts.add(name, PASSWORD, role, mines)  # type: ignore[arg-type]

    def fill(self) -> None:
        """Readings and pictures of the last hour, and three alerts."""
        now = self.clock.now
        time = np.arange(now - 3600.0, now, 30.0)
        work = np.where((time > now - 2000) & (time < now - 600), 900.0, 2.0)
        noise = np.random.default_rng(1).normal(0.0, 0.02, len(time))
        table = [Readings("hoist", time, work + noise), Readings("methane", time, 0.3 + noise)]
        self.series.store([(MINE, readings) for readings in table])
        self.series.store([(OTHER, Readings("belt", time, 300.0 + noise))])
        for camera in ("main-shaft", "main-portal"):
            self.series.store([(MINE, views(camera, now - 1800.0, 900))])
        self.found("inconsistent_production", "hoist", kind="hoist_at_work", signal="hoist")
        self.found("silence", "methane", kind="silent", severity="warning")
        self.found("flat_signal", "belt", kind="held", mine=OTHER)
        copy: dict[str, float | str] = {"stream": "main-portal", "lag_s": 300.0}
        self.found("duplicated_video", "main-shaft", kind="copy", other=copy, ended=900.0)

    def found(
        self,
        detector: str,
        stream: str,
        *,
        kind: str = "",
        mine: str = MINE,
        severity: schema.Severity = "critical",
        begun: float = 1200.0,
        ended: float = 0.0,
        other: dict[str, float | str] | None = None,
        **figures: str | float,
    ) -> list[Entry]:
        """Have an episode be found; the entries of its alert."""
        start, end = self.clock.now - begun, self.clock.now - ended
        shown = None
        if other is not None:
            lag = float(other["lag_s"])
            path, a, b = f"mines/{mine}/cameras/{other['stream']}", start - lag, end - lag
            shown = schema.Other(
                stream=str(other["stream"]),
                path=path,
                start_s=a,
                end_s=b,
                lag_s=lag,
                start=iso(a),
                end=iso(b),
            )
        episode = schema.Episode(
            id=f"{detector}-{stream}-{start:.0f}",
            detector=detector,
            stream=stream,
            path=f"mines/{mine}/{stream}",
            start_s=start,
            end_s=end,
            start=iso(start),
            end=iso(end),
            until_end=not ended,
            peak=30.0,
            unit="s",
            threshold=4.0,
            severity=severity,
            other=shown,
            summary=f"{detector} on {stream}",
            evidence=schema.Evidence(kind=kind, figures=dict(figures)),
        )
        document = episode.model_dump(mode="json")
        row = EpisodeRow(
            episode.id, detector, stream, start, end, bool(ended), episode.peak, document
        )
        return self.book.take(mine, [row])

    def entries(self, kind: str) -> list[Entry]:
        """The ledger's entries of a kind."""
        return [entry for entry in self.ledger.entries() if entry.kind == kind]

    def alert_of(self, stream: str) -> str:
        """The alert that tells of a stream."""
        self.room.board.refresh()
        return next(r.id for r in self.room.board.rows(lambda _: True) if stream in r.streams)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The console on a port of its own; its address."""
        ended = threading.Event()
        self.room.ending = ended.is_set
        app = service(self.desks, self.series, self.room.board)
        web.install(app, self.room)
        port = free_port()
        settings = uvicorn.Config(app, port=port, log_config=None, timeout_graceful_shutdown=2)
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            eventually(lambda: server.started)
            yield f"http://127.0.0.1:{port}"
        finally:
            ended.set()
            server.should_exit = True
            thread.join()

    def close(self) -> None:
        """Let go of all files."""
        self.room.board.close()
        self.room.ledger.close()
        self.room.accounts.close()
        self.ledger.close()
        self.series.close()


def views(camera: str, start: float, count: int) -> Views:
    """What a camera saw, a picture a second: a gradient that a block crosses."""
    layout = np.tile(np.linspace(40, 200, 128).astype(np.uint8), (count, 72, 1))
    for i in range(count):
        at = i % 100
        layout[i, 30:50, at : at + 20] = 250
    tiles = np.full((count, 9, 16), 40, dtype=np.uint8)
    return Views(
        stream=camera,
        time=start + np.arange(count, dtype=np.float64),
        key=np.ones(count, dtype=np.bool_),
        seconds=np.ones(count, dtype=np.float32),
        stir=tiles,
        detail=tiles,
        crisp=tiles,
        layout=layout,
        size=np.tile(np.array([1280, 720], dtype=np.int32), (count, 1)),
    )
