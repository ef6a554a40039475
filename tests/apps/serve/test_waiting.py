"""Messages that wait are taken in order, bounded by number and bytes."""

from __future__ import annotations

import threading

import pytest

from detector.apps.serve.intake import Arrived
from detector.apps.serve.waiting import Waiting
from detector.edge.mqtt_client import Message
from tests.servers import eventually


def some(first: int, count: int, size: int = 10) -> list[Arrived]:
    numbers = range(first, first + count)
    return [Arrived(Message("a", bytes(size), {}, 1, n, None), 0.0) for n in numbers]


def mids(taken: list[Arrived]) -> list[int]:
    return [one.message.mid for one in taken]


def test_a_batch_is_bounded_and_in_order() -> None:
    waiting = Waiting(1000)
    waiting.put(some(1, 7))
    waiting.put(some(8, 5))
    assert mids(waiting.take(9, 10_000, 0.01)) == [*range(1, 10)]
    assert mids(waiting.take(9, 15, 0.01)) == [10, 11]  # the one that fills it is in it
    assert mids(waiting.take(9, 10_000, 0.01)) == [12]
    assert waiting.take(9, 10_000, 0.01) == [] and not len(waiting)


@pytest.mark.parametrize("waiting", [Waiting(10), Waiting(1000, 100)], ids=["number", "bytes"])
def test_what_is_too_much_has_to_wait_and_is_not_lost(waiting: Waiting) -> None:
    put = threading.Event()

    def work() -> None:
        for number in range(5):
            waiting.put(some(1 + 10 * number, 10))
        put.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    eventually(lambda: len(waiting) == 10)
    assert not put.wait(0.1) and len(waiting) == 10
    found: list[int] = []
    while len(found) < 50:
        found += mids(waiting.take(7, 10_000, 0.01))
    thread.join(10)
    assert put.is_set() and found == [*range(1, 51)]
