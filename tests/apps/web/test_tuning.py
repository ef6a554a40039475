"""A threshold is dragged, compared, saved, taken up by what runs, and given back."""

from __future__ import annotations

import re

import httpx
import numpy as np
import pytest

from detector.core.observation import Readings
from detector.core.score import Scores
from tests.apps.web.conftest import Opener, csrf_of, signed_in
from tests.apps.web.making import MINE, OTHER, PASSWORD, Hall

DAY_S = 86400.0
CHECK = f"mine={MINE}&detector=flat_signal&days=7"


def tell(hall: Hall, stream: str = "methane", mine: str = MINE) -> None:
    """Four days of scores in which the check found something thrice: 5 and 6 were nothing, 40 was
    confirmed; and what people said of it."""
    now = hall.clock.now
    time = np.arange(now - 4 * DAY_S, now, 60.0)
    value = np.random.default_rng(2).uniform(0.1, 0.9, len(time))
    since, why = time.copy(), np.full(len(time), -1, dtype=np.int8)
    value[200:400], why[200:400] = np.nan, 0
    for day, peak in enumerate((5.0, 6.0, 40.0)):
        first = 1440 * day + 800
        value[first : first + 120] = np.linspace(1.5, peak, 120)
        since[first : first + 120] = time[first]
    scores = Scores("flat_signal", stream, "times usual", time, value, since, why, ("gone",))
    hall.series.store([(mine, Readings(stream, time, value))])
    hall.series.store_scores(mine, [scores])
    for day, said in enumerate(("maintenance", "false_alarm", "offline")):
        begun = hall.clock.now - time[1440 * day + 800]
        (entry,) = hall.found("flat_signal", stream, mine=mine, begun=begun, ended=begun - 7200.0)
        told = {"alert": entry.document["id"], "state": "done", "disposition": said, "by": "chen"}
        hall.ledger.append("handled", told)
        hall.book.tick()
        hall.clock.now += 3600.0
        hall.book.tick()


@pytest.fixture
def tuned(hall: Hall) -> Hall:
    tell(hall)
    return hall


def test_what_would_change_is_told_and_the_value_suggested(
    tuned: Hall, client: httpx.Client
) -> None:
    signed_in(client, "zhao")
    page = client.get(f"/tuning?{CHECK}&raise_at=10").text
    assert "Removes 2 alerts, of which 0 were confirmed and 2 unfounded." in page
    assert "Loses no confirmed finding." in page and "1 of 1" in page
    part = client.get(f"/tuning/preview?{CHECK}&raise_at=50").text
    assert "Loses 1 confirmed findings." in part and "<html" not in part
    told = client.get(f"/tuning/curve?{CHECK}").json()
    assert 6 < told["suggestion"]["raise_at"] <= 40
    drawn = client.get(f"/tuning/scores?{CHECK}").json()
    assert max(v for v in drawn["score"] if v is not None) == 40 and max(drawn["blind"]) == 1
    assert client.get(f"/tuning?{CHECK}&raise_at=high").status_code == 422
    assert client.get("/tuning?mine=999999999999").status_code == 404
    assert client.get(f"/tuning?mine={MINE}&detector=none").status_code == 404
    client.cookies.set("trueshaft_lang", "zh")
    assert "减少 2 条告警" in client.get(f"/tuning?{CHECK}&raise_at=10").text


def test_saved_with_a_reason_it_is_in_force_and_can_be_taken_back(
    tuned: Hall, client: httpx.Client
) -> None:
    csrf = signed_in(client, "zhao")
    before = client.get("/api/v1/thresholds").json()["flat_signal"]["raise_at"]
    form = {"csrf": csrf, "raise_at": "10", "clear_at": "9", "hold_s": "0", "why": "the pump hall"}
    assert client.post(f"/tuning?{CHECK}", data={**form, "csrf": "other"}).status_code == 403
    refused = client.post(f"/tuning?{CHECK}", data={**form, "why": " "})
    assert refused.status_code == 422 and "there is no reason" in refused.text
    refused = client.post(f"/tuning?{CHECK}", data={**form, "clear_at": "11"})
    assert refused.status_code == 422 and "clear_at is above raise_at" in refused.text
    saved = client.post(f"/tuning?{CHECK}", data=form)
    assert saved.status_code == 303
    assert client.get("/api/v1/thresholds").json()["flat_signal"]["raise_at"] == 10
    assert tuned.desks[MINE].configuration.thresholds["flat_signal"].clear_at == 9
    assert tuned.desks[OTHER].configuration.thresholds["flat_signal"].raise_at == before
    first, entry = tuned.entries("thresholds")
    assert entry.document["by"] == "zhao" and entry.document["why"] == "the pump hall"
    page = client.get(saved.headers["location"]).text
    assert f"ledger entry {entry.seq}" in page and "the pump hall" in page
    back = {"csrf": csrf_of(client, "/account"), "seq": str(first.seq), "why": "it was better"}
    assert client.post(f"/tuning/back?{CHECK}", data=back).status_code == 303
    assert client.get("/api/v1/thresholds").json()["flat_signal"]["raise_at"] == before
    assert tuned.entries("thresholds")[-1].document["back_to"] == first.seq
    unknown = client.post(f"/tuning/back?{CHECK}", data={**back, "seq": "9999"})
    assert unknown.status_code == 422 and "no such version" in unknown.text


def test_only_engineers_of_the_mine_may(tuned: Hall, client: httpx.Client) -> None:
    tuned.room.accounts.add("sun", PASSWORD, "engineer", [OTHER])
    for user in ("li", "chen"):
        signed_in(client, user)
        for path in ("/tuning", "/tuning/preview", "/tuning/scores", "/tuning/curve"):
            assert client.get(f"{path}?{CHECK}").status_code == 403
        client.cookies.clear()
    assert client.get("/tuning").status_code == 303
    csrf = signed_in(client, "sun")
    assert client.get(f"/tuning?{CHECK}").status_code == 404
    form = {"csrf": csrf, "raise_at": "10", "why": "x"}
    assert client.post(f"/tuning?{CHECK}", data=form).status_code == 404
    assert tuned.entries("thresholds") == []
    assert client.get(f"/tuning?mine={OTHER}&detector=flat_signal").status_code == 200


def test_who_does_not_see_all_mines_of_a_file_cannot_save(
    tuned: Hall, client: httpx.Client
) -> None:
    unnamed = "330000000003"
    tell(tuned, "m1", unnamed)  # no SITE.toml: it shares the first mine's file
    tuned.room.accounts.add("sun", PASSWORD, "engineer", [unnamed])
    csrf = signed_in(client, "sun")
    address = f"/tuning?mine={unnamed}&detector=flat_signal"
    assert "outside of your jurisdiction; you cannot save" in client.get(address).text
    form = {"csrf": csrf, "raise_at": "10", "why": "x"}
    assert client.post(address, data=form).status_code == 403


def test_the_line_is_dragged_and_takes_effect(tuned: Hall, opened: Opener) -> None:
    page = opened("zhao")
    page.goto(f"/tuning?{CHECK}")
    grip = page.locator(".grip")
    grip.wait_for()
    box = page.locator("#score .u-over").bounding_box()
    place = grip.bounding_box()
    assert box is not None and place is not None
    x, y = box["x"] + box["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 20, steps=4)
    page.mouse.move(x, box["y"] + box["height"] * 0.3, steps=8)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('#change')")
    page.locator("#change", has_text="Removes 2 alerts").wait_for()
    raised = float(page.input_value("#raise_at"))
    assert 6 < raised < 40
    grip.press("ArrowUp")
    assert float(page.input_value("#raise_at")) > raised
    page.locator("#suggested button").click()
    chosen = float(page.input_value("#raise_at"))
    assert f"Suggested: {chosen:g}" in page.inner_text("#suggested")
    page.fill("#save textarea", "dust at the sampler")
    page.click("#save button")
    page.wait_for_url(re.compile("saved="))
    assert page.locator(".told").is_visible()
    assert tuned.desks[MINE].configuration.thresholds["flat_signal"].raise_at == chosen
    assert (tuned.folder / "thresholds.toml").is_file()
    (told,) = [e for e in tuned.entries("thresholds") if e.document["changes"]]
    assert told.document["by"] == "zhao"


def test_the_page_without_its_script(tuned: Hall, opened: Opener) -> None:
    page = opened("zhao", width=390, lang="zh-CN")
    page.goto(f"/tuning?{CHECK}")
    page.locator(".grip").wait_for()
    page.fill("#raise_at", "10")
    page.locator("#change", has_text="减少 2 条告警").wait_for()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_what_is_shown_as_chosen_is_what_is_judged_and_saved(
    tuned: Hall, client: httpx.Client
) -> None:
    signed_in(client, "zhao")
    page = client.get(f"/tuning?mine={MINE}").text
    chosen = re.findall(r'<option value="(\w+)" selected', page.split('name="detector"')[1])[0]
    known = client.get("/api/v1/thresholds").json()
    assert chosen == "flat_signal"  # the check that told most
    assert f'name="raise_at" value="{known[chosen]["raise_at"]}"' in page
    page = client.get(f"/tuning?mine={OTHER}&detector=moved_camera").text  # no camera there
    assert '<option value="moved_camera" selected' in page
    assert client.get(f"/tuning?{CHECK}&stream=none").status_code == 404
