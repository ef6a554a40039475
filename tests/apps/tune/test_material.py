"""How scores are drawn: without holes of the drawing's own, and blindness by stream."""

from __future__ import annotations

import numpy as np

from detector.apps.tune.material import Material, Wanted, drawn
from detector.core.score import Scores


def scores(stream: str, step: float, blind: bool) -> Scores:
    """A day of scores in steps of so many seconds, all of them blind or none."""
    time = np.arange(0.0, 86400.0, step)
    value = np.full(len(time), np.nan if blind else 1.0)
    why = np.full(len(time), 0 if blind else -1, dtype=np.int8)
    return Scores("spike", stream, "s", time, value, time.copy(), why, ("dark",))


def test_scores_in_long_steps_are_one_line() -> None:
    wanted = Wanted("m", "spike", 0.0, 86400.0)
    time, top, _ = drawn(Material(wanted, [scores("a", 600.0, False)], []), 1600)
    assert len(time) == len(top) == 96 and not np.isnan(top).any()
    time, top, _ = drawn(Material(wanted, [scores("a", 1.0, False)], []), 1600)
    assert len(time) == 1600 and not np.isnan(top).any()


def test_a_blind_stream_counts_as_one_however_often_it_is_scored() -> None:
    told = [scores("a", 600.0, False), scores("b", 600.0, False), scores("c", 10.0, True)]
    _, top, blind = drawn(Material(Wanted("m", "spike", 0.0, 86400.0), told, []), 1600)
    assert np.allclose(blind, 1 / 3) and not np.isnan(top).any()
    none = Material(Wanted("m", "spike", 0.0, 10.0), [], [])
    assert np.isnan(drawn(none, 5)[1]).all()
