"""Streams: rate, gaps, what each check makes of them, what could not be read."""

from __future__ import annotations

import json

import httpx
import numpy as np
import pytest

from detector.apps.web.checks import check
from detector.apps.web.streams import pace
from detector.apps.web.waste import waste
from detector.core.episode import Threshold
from detector.core.score import Scores
from detector.edge.topics import Topics
from tests.apps.web.conftest import Opener, signed_in
from tests.apps.web.making import MINE, OTHER, Hall

THRESHOLD = Threshold(2.0, 1.0, 0.0, "s", "warning")


def scores(values: list[float]) -> Scores:
    value = np.array(values, dtype=np.float64)
    time = 1_799_999_000.0 + np.arange(len(value), dtype=np.float64)
    why = np.where(np.isnan(value), 0, -1).astype(np.int8)
    return Scores("flat_signal", "hoist", "s", time, value, time, why, ("too short",))


def test_pace_counts_gaps() -> None:
    regular = np.arange(0.0, 600.0, 30.0)
    told = pace(np.delete(regular, [5, 6, 7, 8]))
    assert told is not None and (told.period_s, told.gaps, told.gap_s) == (30.0, 1, 150.0)
    assert pace(regular[:2]) is None
    late = pace(np.array([0.0, np.nan, 60.0, 30.0, 30.0]))
    assert late is not None and (late.period_s, late.gaps) == (30.0, 0)


def test_a_check_tells_how_much_it_could_judge() -> None:
    nan = float("nan")
    told = check(scores([nan, 3.0, 1.0, nan]), THRESHOLD)
    assert (told.judged, told.last, told.highest, told.raised) == (0.5, 1.0, 3.0, True)
    blind = check(scores([nan]), THRESHOLD)
    assert (blind.judged, blind.last, blind.raised) == (0.0, None, False)


def test_the_page_shows_streams_scores_and_waste(client: httpx.Client, hall: Hall) -> None:
    hall.series.store_scores(MINE, [scores([0.1, 7.0])])
    folder = hall.folder / "quarantine"
    folder.mkdir()
    own = f"mines/{MINE}/sensors/hoist"
    for number, topic in enumerate((own, f"mines/{OTHER}/sensors/{MINE}", f"odd/{MINE}")):
        head = {"topic": topic, "reason": "number", "detail": "<b>"}
        body = json.dumps({**head, "arrival": 1_799_999_999.0}).encode() + b"\n\xff<script>"
        (folder / f"{number:010d}.message").write_bytes(body)
    assert [k.topic for k in waste(hall.folder, MINE, Topics())] == [own]
    signed_in(client, "chen")
    page = client.get(f"/streams?mine={MINE}&stream=hoist&check=flat_signal")
    assert page.status_code == 200
    assert (
        "reached" in page.text
        and "&lt;script&gt;" in page.text
        and "number: &lt;b&gt;" in page.text
    )
    assert "main-portal" in page.text
    assert "30.0\u00a0s" in page.text
    assert client.get(f"/streams?mine={MINE}&stream=nothing").status_code == 404


@pytest.mark.parametrize("chosen", ["", "&check=flat_signal"])
def test_curves_are_drawn(opened: Opener, hall: Hall, chosen: str) -> None:
    hall.series.store_scores(MINE, [scores([0.1, 7.0])])
    page = opened("zhao")
    page.goto(f"/streams?mine={MINE}&stream=hoist{chosen}")
    page.wait_for_selector(".u-box canvas")


def test_a_camera_that_sent_nothing_is_named_beside_the_figure(
    client: httpx.Client, hall: Hall
) -> None:
    signed_in(client, "chen")
    alert = hall.alert_of("hoist")
    assert "No picture in this time" not in client.get(f"/alerts/{alert}/figure").text
    dead = [s for s in hall.series.streams() if s.stream != "main-portal"]
    hall.room.known["streams"]._known[MINE] = [s for s in dead if s.mine == MINE]
    assert "No picture in this time: main-portal." in client.get(f"/alerts/{alert}/figure").text
