"""Which episodes are the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detector.apps.serve.follow import follow, withdrawn
from detector.edge.series import EpisodeRow

ROW = EpisodeRow("a", "spike", "s", 100.0, 110.0, False, 2.0, {"id": "a", "evidence": {}})


def new(start: float, end: float, closed: bool = False, identity: str = "b") -> EpisodeRow:
    return replace(ROW, id=identity, start=start, end=end, closed=closed, document={"id": identity})


def test_one_that_goes_on_keeps_its_name() -> None:
    (row,) = follow([ROW], [new(100.0, 130.0)], -np.inf, 130.0)
    assert (row.id, row.start, row.end, row.document["id"]) == ("a", 100.0, 130.0, "a")


def test_what_has_not_changed_is_left_out() -> None:
    assert follow([ROW], [ROW], -np.inf, 110.0) == []


def test_the_start_found_now_counts_unless_it_was_cut_off() -> None:
    (better,) = follow([ROW], [new(103.0, 130.0)], -np.inf, 130.0)
    assert better.start == 103.0
    (far,) = follow([replace(ROW, end=125.0)], [new(120.0, 130.0)], 120.0, 500.0)
    assert (far.id, far.start, far.end) == ("a", 100.0, 130.0)


def test_one_found_no_more_is_withdrawn_where_all_of_it_was_judged_again() -> None:
    (gone,) = follow([ROW], [], -np.inf, 500.0)
    assert gone.closed and withdrawn(gone)
    (closed,) = follow([ROW], [], 105.0, 500.0)
    assert closed.closed and not withdrawn(closed)
    assert follow([gone], [], -np.inf, 500.0) == []
    assert follow([closed], [], 105.0, 500.0) == []


def test_readings_that_were_held_back_undo_nothing_but_a_silence() -> None:
    (stands,) = follow([ROW], [], -np.inf, 500.0, back=[(105.0, 300.0)])
    assert stands.closed and not withdrawn(stands)
    assert follow([stands], [], -np.inf, 600.0) == []  # the service began again meanwhile
    (gone,) = follow([ROW], [], -np.inf, 500.0, back=[(300.0, 400.0)])
    assert withdrawn(gone)
    silent = replace(ROW, detector="silence")
    (gone,) = follow([silent], [], -np.inf, 500.0, back=[(105.0, 300.0)])
    assert withdrawn(gone)


def test_one_that_comes_back_is_the_same() -> None:
    (gone,) = follow([ROW], [], -np.inf, 500.0)
    (back,) = follow([gone], [new(101.0, 140.0)], -np.inf, 500.0)
    assert back.id == "a" and not back.closed and not withdrawn(back)


def test_two_that_turn_out_to_be_one() -> None:
    other = replace(ROW, id="c", start=120.0, end=130.0)
    rows = {row.id: row for row in follow([ROW, other], [new(100.0, 135.0)], -np.inf, 135.0)}
    assert rows["a"].end == 135.0 and not rows["a"].closed and rows["c"].closed


def test_other_streams_and_other_copies_are_not_the_same() -> None:
    copy = replace(ROW, document={"id": "a", "other": {"stream": "x"}, "evidence": {}})
    found = replace(new(100.0, 120.0), document={"id": "b", "other": {"stream": "y"}})
    assert {row.id for row in follow([copy], [found], 90.0, 120.0)} == {"a", "b"}


def test_what_another_threshold_found_is_over_and_not_withdrawn() -> None:
    known = replace(ROW, document={**ROW.document, "threshold": 4.0})
    (closed,) = follow([known], [], -np.inf, 500.0, 8.0)
    assert closed.closed and not withdrawn(closed)
    assert follow([closed], [], -np.inf, 500.0, 8.0) == []
    (gone,) = follow([known], [], -np.inf, 500.0, 4.0)
    assert withdrawn(gone)


def test_one_that_cannot_be_told_any_more_goes_on() -> None:
    """What it was compared with was cut off: a freeze that lasts longer than is looked back on."""
    (row,) = follow([ROW], [], 105.0, 500.0, blind_at=499.0)
    assert (row.id, row.closed, row.end, row.document["end_s"]) == ("a", False, 499.0, 499.0)
    (over,) = follow([row], [new(300.0, 520.0, closed=True)], 250.0, 530.0)
    assert (over.id, over.start, over.end, over.closed) == ("a", 100.0, 520.0, True)
    (clear,) = follow([row], [], 250.0, 530.0)
    assert clear.closed and not withdrawn(clear)
    (none,) = follow([ROW], [], -np.inf, 500.0, blind_at=499.0)
    assert none.closed and withdrawn(none)
