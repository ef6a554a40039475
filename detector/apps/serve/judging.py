"""One judgement: a fresh watch over what is held of its streams."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.apps.serve.desks import Desk
from detector.apps.serve.documents import Documents
from detector.apps.watches import watch
from detector.core.observation import Frames, Readings, Tick
from detector.core.score import Scores
from detector.edge.series import Block, EpisodeRow
from detector.pipeline import Failure, Pipeline


@dataclass(frozen=True)
class Task:
    """What is to be judged: a detector over streams of a mine, seen up to ``now`` s. Of the streams
    ``cut`` there is more than is judged."""

    mine: str
    detector: str
    streams: tuple[str, ...]
    now: float
    cut: frozenset[str] = frozenset()


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


def _reported(block: Block) -> Readings:
    """Pictures as reports without values: a camera falls silent as a sensor does."""
    if isinstance(block, Readings):
        return block
    return Readings(block.stream, block.time, np.zeros(len(block)))


def judged(task: Task, desk: Desk, blocks: Sequence[Block]) -> Outcome:
    """Judge as the audit does: devices and blocks learned, fed, time told, finished. The same
    give the same, in any process."""
    begun = time.process_time()
    if task.detector == "silence":
        blocks = [_reported(block) for block in blocks if not isinstance(block, Frames)]
    thresholds = desk.configuration.thresholds
    one = watch(task.detector, task.streams, desk.parameters, desk.models)
    pipeline = Pipeline([one], thresholds)
    sensors = [b.stream for b in blocks if isinstance(b, Readings)]
    observations = [*desk.devices(sensors), *blocks]
    for work in (pipeline.learn, pipeline.feed):
        for observation in observations:
            work(observation)
    for stream in sensors:
        pipeline.feed(Tick(stream, task.now))
    pipeline.finish()
    episodes = pipeline.episodes()
    documents = Documents(task.mine, blocks, task.now) if episodes else None
    rows = [documents.row(e, thresholds[e.detector]) for e in episodes if documents]
    cost_s = time.process_time() - begun
    since: dict[str, float] = {}
    for block in blocks:
        if len(block) and block.stream in task.cut:
            first = float(np.nanmin(block.time))
            since[block.stream] = max(first, since.get(block.stream, first))
    return Outcome(task, rows, pipeline.scores, pipeline.failures, cost_s, since)
