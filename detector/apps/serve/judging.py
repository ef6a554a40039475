"""One judgement: a fresh watch over what is held of its streams."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from detector.apps.serve.desks import Desk
from detector.apps.serve.documents import Documents
from detector.apps.watches import watch
from detector.core.observation import Frames, Readings, Tick, join
from detector.core.score import Scores
from detector.edge.series import Block, EpisodeRow
from detector.pipeline import Failure, Pipeline, joined


@dataclass(frozen=True)
class Task:
    """What is to be judged: a detector over streams of a mine, seen up to ``now`` s. Of the streams
    ``cut`` there is more than is judged. ``goes_on``: the watch shall be able to."""

    mine: str
    detector: str
    streams: tuple[str, ...]
    now: float
    cut: frozenset[str] = frozenset()
    goes_on: bool = False


@dataclass
class Going:
    """A watch that goes on: fed from ``first`` s on, of each kind of block up to ``newest`` s.
    Begun at ``since`` s; its streams had told ``late`` times of what was earlier."""

    pipeline: Pipeline
    first: float
    newest: dict[type, float]
    late: int = 0
    since: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of it; it took ``cost_s`` s of computing. ``since`` s: the first time that was seen
    of each stream that was cut."""

    task: Task
    episodes: list[EpisodeRow]
    scores: list[Scores]
    failures: list[Failure]
    cost_s: float
    since: dict[str, float]
    going: Going | None = None


def _reported(block: Block) -> Readings:
    """Pictures as reports without values: a camera falls silent as a sensor does."""
    if isinstance(block, Readings):
        return block
    return Readings(block.stream, block.time, np.zeros(len(block)))


def judged(task: Task, desk: Desk, blocks: Sequence[Block], going: Going | None = None) -> Outcome:
    """Judge as the audit does: devices and blocks learned, fed, time told, finished. The same
    give the same, in any process. A watch that goes on is fed what it does not have yet: of what it
    has the blocks may lack any."""
    begun, first = time.process_time(), None if going is None else going.first
    if task.detector == "silence":
        blocks = [_reported(block) for block in blocks if not isinstance(block, Frames)]
    sensors = [b.stream for b in blocks if isinstance(b, Readings)]
    if going is None:
        pipeline = _begun(task, desk, blocks, sensors)
    else:
        pipeline = going.pipeline
        for block in _new(blocks, going.newest):
            pipeline.feed(block)
    going = None
    if task.goes_on and not pipeline.failures:
        going, pipeline = _kept(pipeline, blocks, first)
    for stream in sensors:
        pipeline.feed(Tick(stream, task.now))
    pipeline.finish()
    episodes = pipeline.episodes()
    documents = Documents(task.mine, blocks, task.now) if episodes else None
    thresholds = pipeline.thresholds
    rows = [documents.row(e, thresholds[e.detector]) for e in episodes if documents]
    cost_s = time.process_time() - begun
    since = _since(blocks, task.cut, first)
    return Outcome(task, rows, pipeline.scores, pipeline.failures, cost_s, since, going)


def _since(blocks: Sequence[Block], cut: frozenset[str], first: float | None) -> dict[str, float]:
    """The first time, s, from which on all kinds of blocks of each stream that was cut were seen:
    ``first`` of a watch that went on."""
    begun: dict[tuple[str, type], float] = {}
    for block in blocks:
        if len(block) and block.stream in cut:
            kind = block.stream, type(block)
            seen = float(np.nanmin(block.time)) if first is None else first
            begun[kind] = min(seen, begun.get(kind, seen))
    since: dict[str, float] = {}
    for (stream, _), seen in begun.items():
        since[stream] = max(seen, since.get(stream, seen))
    return since


def _new(blocks: Sequence[Block], newest: Mapping[type, float]) -> list[Block]:
    """The rows of cameras that came after the newest of their kind, each kind in one block."""
    fresh: dict[tuple[str, type], list[Block]] = {}
    for block in blocks:
        row = int(np.searchsorted(block.time, newest.get(type(block), -np.inf), "right"))
        if row < len(block):
            rows = block.rows(slice(row, None)) if row else block
            fresh.setdefault((block.stream, type(block)), []).append(rows)
    return [join(parts) for parts in fresh.values()]


def _begun(task: Task, desk: Desk, blocks: Sequence[Block], sensors: Sequence[str]) -> Pipeline:
    one = watch(task.detector, task.streams, desk.parameters, desk.models)
    pipeline = Pipeline([one], desk.configuration.thresholds)
    observations = [*desk.devices(sensors), *blocks]
    for work in (pipeline.learn, pipeline.feed):
        for observation in observations:
            work(observation)
    return pipeline


def _kept(
    pipeline: Pipeline, blocks: Sequence[Block], first: float | None
) -> tuple[Going, Pipeline]:
    """The watch as it is, and one that may be finished: without those whose end tells nothing."""
    pipeline.scores = joined(pipeline.scores)
    open_ = [one for one in pipeline.watches if getattr(one.detector, "pending", True)]
    copies = [replace(one, detector=deepcopy(one.detector)) for one in open_]
    if first is None:
        first = min(float(block.time[0]) for block in blocks)
    going = Going(pipeline, first, {type(block): float(block.time[-1]) for block in blocks})
    return going, Pipeline(copies, pipeline.thresholds, [*pipeline.scores])
