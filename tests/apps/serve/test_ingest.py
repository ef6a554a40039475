"""What the process that takes in tells of its troubles."""

from __future__ import annotations

from detector.apps.serve.ingest import fair


def test_a_mine_that_makes_many_troubles_hides_no_other_ones() -> None:
    told = [{"mine": "loud", "stream": str(n)} for n in range(500)]
    told += [{"mine": "other", "stream": "hoist"}, {"mine": "third", "stream": "belt"}]
    chosen = fair(told, 100)
    assert len(chosen) == 100
    assert {"loud", "other", "third"} == {one["mine"] for one in chosen}
    assert chosen[:3] == [told[0], *told[-2:]]
    assert fair(told[:3], 100) == told[:3]
