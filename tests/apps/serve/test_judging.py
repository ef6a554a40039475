"""A watch that goes on says the same however it is told what is new."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from detector.apps.serve.desks import Desks
from detector.apps.serve.judging import Outcome, Task, judged
from detector.core.observation import Views
from detector.signals.rows import Fine, ViewRows


def _views(rows: int) -> Views:
    """A camera that is covered after 60 s."""
    rng = np.random.default_rng(3)
    scene = np.kron(rng.integers(20, 230, (18, 32)), np.ones((20, 20))).astype(np.uint8)
    made = ViewRows("C")
    for row in range(rows):
        shown = np.full_like(scene, 9) if row >= 60 else scene
        noise = rng.integers(0, 3, scene.shape).astype(np.uint8)
        luma = np.clip(shown.astype(int) + noise, 0, 255).astype(np.uint8)
        made.add(1_800_000_000.0 + row, luma, True, Fine(luma))
    (views,) = made.blocks(0)
    return views


@pytest.mark.parametrize("name", ["uninformative_frame", "moved_camera"])
def test_what_is_new_may_come_in_any_pieces(name: str, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("")
    desk = Desks(tmp_path / "site.toml")["1"]
    views = _views(90)

    def told(ends: Sequence[int]) -> Outcome:
        going, outcome = None, None
        for end in ends:
            blocks = [views.rows(slice(0, end))]
            task = Task("1", name, ("C",), float(views.time[end - 1]), goes_on=True)
            outcome = judged(task, desk, blocks, going)
            going = outcome.going
        assert outcome is not None
        return outcome

    once, often = told([50, 90]), told([50, *range(51, 91)])
    assert [r.document for r in once.episodes] == [r.document for r in often.episodes]
    assert len(once.episodes) == (name == "uninformative_frame")
    for one, other in zip(once.scores, often.scores, strict=True):
        assert np.array_equal(one.value, other.value, equal_nan=True)
        assert np.array_equal(one.time, other.time)
