"""When a watch has its turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.apps.serve.turn import Turn
from detector.config.cadence import Cadence
from detector.core.observation import Frames, Readings, Views
from detector.edge.series import EpisodeRow

CADENCE = Cadence(
    every_s=1.0, idle_s=0.0, window_s=0.0, goes_on_s=900.0, sure_s=30.0, apart=False, prompt=False
)
ROW = EpisodeRow("a", "frozen_frame", "s", 100.0, 110.0, False, 2.0, {})


class Asked:
    """Signs that ask when told to."""

    def __init__(self, asking: bool) -> None:
        self.asking = asking

    def add(self, block: Frames | Views | Readings) -> None:
        raise NotImplementedError

    def asks(self) -> bool:
        return self.asking

    def judged(self) -> None:
        self.asking = False


def turn(asking: bool | None, **changes: object) -> Turn:
    signs = None if asking is None else Asked(asking)
    cadence = replace(CADENCE, **changes)  # type: ignore[arg-type]
    return Turn("1", "frozen_frame", ("s",), cadence, signs, ran=100.0)


@pytest.mark.parametrize(("asking", "waits"), [(None, True), (True, True), (False, False)])
def test_it_waits_where_what_came_may_show_something(asking: bool | None, waits: bool) -> None:
    one = turn(asking)
    one.went_on(101.0)
    assert one.is_due(101.0) == waits


def test_what_it_found_is_followed_until_it_is_over() -> None:
    one = turn(asking=False)
    one.known = {"a": ROW}
    one.went_on(101.0)
    assert one.is_due(101.0)
    two = turn(asking=False)
    two.known = {"a": replace(ROW, closed=True)}
    two.went_on(101.0)
    assert not two.is_due(101.0)


def test_without_a_sign_it_runs_now_and_then_and_when_nothing_comes_any_more() -> None:
    one = turn(asking=False)
    for now in range(101, 130):
        one.went_on(float(now))
        assert not one.is_due(float(now))
    assert one.is_due(130.0)
    two = turn(asking=False)
    two.went_on(101.0)
    assert not two.is_due(105.0) and two.is_due(106.0)


def test_a_stream_that_goes_on_is_not_idle() -> None:
    one = turn(asking=False, idle_s=3.0, sure_s=60.0)
    for now in range(101, 120):
        one.went_on(float(now))
        assert not one.is_due(float(now))
    assert one.is_due(122.0)


def test_what_takes_long_keeps_no_other_waiting() -> None:
    quick, slow = turn(asking=True), turn(asking=True)
    quick.cost_s, slow.cost_s = 0.01, 1.0
    quick.waiting, slow.waiting = 109.0, 101.0
    assert quick.urgency(110.0) > slow.urgency(110.0)


def test_watches_read_all_again_at_times_of_their_own() -> None:
    times = [replace(turn(None), streams=(f"C{k}",)).goes_on_s for k in range(40)]
    assert len(set(times)) == 40 and 450.0 <= min(times) < 600.0 < 750.0 < max(times) <= 900.0
