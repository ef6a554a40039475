"""Reads recordings in decoder processes: cached, limited, each file on its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detector.apps.audit.plan import Coarse, Mode, full_or_coarse, looks, parts, shares
from detector.apps.audit.progress import Progress
from detector.core.observation import Views, join
from detector.edge import tasks
from detector.edge.cache import Cache
from detector.edge.inputs import PLAYLIST, is_playlist, sha256
from detector.edge.packets import Packets
from detector.edge.store import FeatureStore
from detector.edge.task import Decoders, Outcome, Status, Task


@dataclass
class Source:
    """A recording on its way through the decoders."""

    path: Path
    shown: str
    stream: str
    digest: str | None = None
    status: Status = "ok"
    reasons: list[str] = field(default_factory=list)
    packets: Packets | None = None
    pictures: int = 0
    stores: list[FeatureStore] = field(default_factory=list)
    mode: Mode = "full"
    done: bool = False
    seekable: bool = False

    def note(self, status: Status, reasons: Sequence[str]) -> None:
        """Keep the worst status and every reason once."""
        worst: list[Status] = ["ok", "partial", "unreadable"]
        self.status = max(self.status, status, key=worst.index)
        self.reasons += [r for r in reasons if r and r not in self.reasons]

    def views(self) -> Views:
        """All views read so far."""
        blocks = [store.read(self.stream)[1] for store in self.stores]
        return join([b for b in blocks if len(b)] or blocks[:1])


@dataclass(frozen=True)
class _Asked:
    source: Source
    kind: str
    parameters: dict[str, Any]
    folder: Path


@dataclass
class Reader:
    """Takes sources through packets, pictures and, for long ones, the stretches worth a look."""

    cache: Cache
    workers: Decoders
    progress: Progress
    thorough: bool
    _waiting: dict[Task, _Asked] = field(default_factory=dict)

    def read(self, sources: Sequence[Source]) -> None:
        """Read all sources; KeyboardInterrupt leaves those not reached undone."""
        for source in sources:
            self._begin(source)
        self._work()
        coarse = [s for s in sources if s.mode == "coarse" and s.packets is not None and s.stores]
        read = [Coarse(s.packets, s.views()) for s in coarse if s.packets is not None]
        for source, windows in zip(coarse, looks(read), strict=True):
            for share in shares(windows):
                self._ask(source, "frames", {"windows": [list(w) for w in share]})
        self._work()
        for source in sources:
            source.done = True

    def _begin(self, source: Source) -> None:
        try:
            source.digest = sha256(source.path)
            playlist = is_playlist(source.path)
        except OSError as error:
            source.note("unreadable", [f"it cannot be read: {error.strerror or error}"])
            return
        if playlist:
            source.note("unreadable", [PLAYLIST])
            return
        self._ask(source, "packets", {})

    def _ask(self, source: Source, kind: str, parameters: dict[str, Any]) -> None:
        """Take it from the cache, or have it made."""
        assert source.digest is not None
        entry = self.cache.find(source.digest, kind, parameters)
        if entry is not None:
            self._take(source, kind, entry.store, entry.facts)
            return
        folder = self.cache.begin()
        function, arguments = _work_of(source, kind, parameters, folder)
        length = source.packets.duration_s if source.packets else 0.0
        task = Task(source.path, function, arguments, length)
        self._waiting[task] = _Asked(source, kind, parameters, folder)
        self.progress.expect(task, source.shown, length if kind != "packets" else 0.0)
        self.workers.submit(task)

    def _work(self) -> None:
        for outcome in self.workers.outcomes(self.progress.heard):
            self.progress.ended(outcome)
            self._ended(outcome)

    def _ended(self, outcome: Outcome) -> None:
        asked = self._waiting.pop(outcome.task)
        source, kind, folder = asked.source, asked.kind, asked.folder
        reasons = [*outcome.faults] or ([outcome.reason] if outcome.reason else [])
        facts = {
            "status": outcome.status,
            "reasons": reasons,
            "result": outcome.result or {},
        }
        if outcome.status == "ok" or (outcome.status == "partial" and outcome.repeatable):
            assert source.digest is not None
            entry = self.cache.keep(folder, source.digest, kind, asked.parameters, facts)
            self._take(source, kind, entry.store, entry.facts)
        else:
            self._take(source, kind, FeatureStore(folder), facts)

    def _take(self, source: Source, kind: str, store: FeatureStore, facts: dict[str, Any]) -> None:
        source.note(facts["status"], facts["reasons"])
        if kind == "packets":
            if facts["status"] == "unreadable" or not facts["result"]:
                return
            source.packets = tasks.load_packets(store.folder, facts["result"])
            source.mode = full_or_coarse(source.packets, self.thorough, os.environ)
            if source.mode == "full":
                self._ask(source, "all", {})
                return
            for start, end in parts(source.packets.duration_s):
                self._ask(source, "views", {"between": [start, end]})
        else:
            source.stores.append(store)
            pictures = facts["result"].get("pictures", 0)
            source.pictures += pictures
            source.seekable |= bool(facts["result"].get("seekable"))


def _work_of(
    source: Source, kind: str, parameters: dict[str, Any], folder: Path
) -> tuple[Any, tuple[Any, ...]]:
    if kind == "packets":
        return tasks.packets, (source.path, folder)
    windows, between = parameters.get("windows"), parameters.get("between")
    arguments = (source.path, folder, kind == "views", windows, between, source.packets)
    return tasks.features, arguments


def stills(
    workers: Decoders, wanted: dict[Path, list[tuple[float, Path]]], sources: Sequence[Source]
) -> Iterator[Outcome]:
    """Have stills saved: (time in s, target) by recording."""
    known = {source.path: source for source in sources}
    for path, asked in wanted.items():
        times, targets = [t for t, _ in asked], [p for _, p in asked]
        source = known[path]
        arguments = (path, times, targets, 960, source.packets, source.seekable)
        workers.submit(Task(path, tasks.stills, arguments))
    yield from workers.outcomes()
