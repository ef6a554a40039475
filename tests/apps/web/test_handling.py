"""What is done with an alert: deadlines that can be kept, one disposition at a time."""

from __future__ import annotations

import httpx
import pytest

from tests.apps.web.conftest import signed_in
from tests.apps.web.making import Hall


@pytest.mark.parametrize(
    ("due", "told"),
    [
        ("yesterday", "no date and time"),
        ("0001-01-01T00:00", "no date and time"),
        ("2001-01-01T00:00", "has passed already"),
    ],
)
def test_a_deadline_is_a_time_to_come(
    client: httpx.Client, hall: Hall, due: str, told: str
) -> None:
    csrf, alert = signed_in(client, "chen"), hall.alert_of("hoist")
    answer = client.post(f"/alerts/{alert}/assign", data={"csrf": csrf, "due": due})
    assert answer.status_code == 422 and told in answer.text
    assert hall.entries("assigned") == []


def test_what_was_disposed_meanwhile_is_not_disposed_again(
    client: httpx.Client, hall: Hall
) -> None:
    csrf, alert = signed_in(client, "chen"), hall.alert_of("hoist")
    form = {"csrf": csrf, "disposition": "false_alarm", "note": "the rope was inspected"}
    assert client.post(f"/alerts/{alert}/dispose", data=form).status_code == 303
    other = {**form, "disposition": "suspected_illegal_production"}
    again = client.post(f"/alerts/{alert}/dispose", data=other)
    assert again.status_code == 422 and "disposed meanwhile" in again.text
    assert len(hall.entries("handled")) == 1


def test_who_reopens_takes_the_disposition_back(client: httpx.Client, hall: Hall) -> None:
    csrf, alert = signed_in(client, "chen"), hall.alert_of("hoist")
    form = {"csrf": csrf, "disposition": "false_alarm", "note": "the rope was inspected"}
    client.post(f"/alerts/{alert}/dispose", data=form)
    client.post(f"/alerts/{alert}/reopen", data={"csrf": csrf, "note": "the log says otherwise"})
    for _ in range(2):  # as the console reads it, then as the judge has taken it up
        hall.room.board.refresh()
        row = hall.room.board.row(alert)
        assert row is not None and (row.state, row.disposition) == ("open", None)
        hall.book.tick()


def test_what_has_calmed_down_is_not_said_to_go_on(client: httpx.Client, hall: Hall) -> None:
    signed_in(client, "chen")
    page = client.get(f"/alerts/{hall.alert_of('hoist')}").text
    assert "going on</span>" in page and "calm since" not in page
    (entry,) = hall.found("spike", "hoist", kind="spike", ended=600.0)
    page = client.get(f"/alerts/{entry.document['id']}").text
    assert "calm since 2027-01-15 15:50:00" in page and "going on</span>" not in page
