"""Judgements in a process of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator

import pytest

from detector.apps.serve.judging import Outcome, Task, judged
from detector.apps.serve.pool import Pool
from tests.apps.serve.conftest import MINE, Bench, Bencher
from tests.apps.serve.test_judge import falsified
from tests.servers import eventually


@pytest.fixture
def one(bench: Bencher) -> Bench:
    return bench()


@pytest.fixture
def pool(one: Bench) -> Iterator[Pool]:
    made = Pool(one.folder / "site.toml")
    yield made
    made.close()


def outcomes(pool: Pool) -> tuple[list[Outcome], list[Task]]:
    found: list[tuple[list[Outcome], list[Task]]] = []

    def done() -> bool:
        found[:] = [pool.done()]
        return any(found[0])

    eventually(done, 60)
    return found[0]


def test_it_judges_as_this_process_would(one: Bench, pool: Pool) -> None:
    blocks = [falsified()["methane"]]
    task = Task(MINE, "flat_signal", ("methane",), float(blocks[0].time[-1]))
    pool.submit(task, blocks)
    free = [pool.free]
    (found,), lost = outcomes(pool)
    assert not lost and [*free, pool.free] == [False, True]
    assert found.episodes == judged(task, one.desks[MINE], blocks).episodes != []


def test_what_a_killed_process_had_is_given_back(pool: Pool) -> None:
    blocks = [falsified()["methane"]]
    task = Task(MINE, "flat_signal", ("methane",), float(blocks[0].time[-1]))
    pool.submit(task, blocks)
    (child,) = multiprocessing.active_children()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    assert outcomes(pool) == ([], [task])
    pool.submit(task, blocks)
    (found,), _ = outcomes(pool)
    assert found.episodes
