"""A channel is told of every alert once, in time, and not too often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detector.apps.report import schema
from detector.apps.serve.notices import waits
from detector.apps.serve.teller import Teller
from detector.apps.serve.telling import document
from detector.config import notify as config
from detector.core.alert import Alert, Part
from detector.edge.ledger import Ledger
from detector.edge.notify import Notice, NotSent

NOW = 1_770_000_000.0
HOOK = config.Webhook(kind="webhook", name="hook", url="http://x", least="info", lang="en")
CHAT = config.Apprise(kind="apprise", name="chat", url_env="X", lang="zh", per_minute=4)


class Fake:
    """A channel that keeps what it is sent, or does not take it."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.fails: NotSent | None = None

    def send(self, notice: Notice) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append(notice)

    def close(self) -> None:
        pass


class Office:
    """A ledger, a clock, and tellers that are made anew as after a crash."""

    def __init__(self, path: Path) -> None:
        self.now = NOW
        self.ledger = Ledger(path, lambda: self.now)
        self.channel = Fake()

    def teller(self, chosen: config.Channel = HOOK, **rules: Any) -> Teller:
        made = config.Notify(**rules)
        return Teller(self.channel, chosen, made, "Asia/Shanghai", self.ledger, lambda: self.now)

    def alert(self, identity: str = "a", **changed: Any) -> None:
        episode = schema.Episode(
            id=f"e-{identity}", detector="frozen_frame", stream="shaft", path="p", start_s=NOW,
            end_s=NOW + 9, until_end=True, peak=9.0, unit="s", threshold=5.0, summary="held",
        )  # fmt: skip
        part = Part(episode.id, "frozen_frame", "shaft", NOW, NOW + 9, False, "warning")
        values: dict[str, Any] = {
            "severity": "warning", "opened": self.now, "updated": self.now, "parts": (part,)
        }  # fmt: skip
        alert = Alert(identity, "220600000001", "main", "evidence", **(values | changed))
        told = document(alert, {episode.id: episode.model_dump(mode="json")})
        self.ledger.append("alert", told)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.ledger.entries()]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path / "ledger.jsonl")
    yield made
    made.ledger.close()


def run(teller: Teller) -> None:
    while teller.look():
        pass


def test_an_alert_is_told_once_and_written_down(office: Office) -> None:
    teller = office.teller()
    office.alert()
    run(teller)
    run(office.teller())
    (told,) = office.channel.sent
    assert told.severity == "warning" and "main" in told.title and told.document["ledger"]["seq"]
    assert office.kinds() == ["channel", "alert", "sent"]


def test_a_picture_and_a_link_go_with_an_alert(office: Office) -> None:
    rules = config.Notify(link="http://x/")
    teller = Teller(
        office.channel, HOOK, rules, "Asia/Shanghai", office.ledger, lambda: office.now,
        lambda alert: alert["id"].encode(),
    )  # fmt: skip
    office.alert()
    run(teller)
    (told,) = office.channel.sent
    assert told.still == b"a" and told.link == "http://x/alerts/a"


def test_what_a_crash_left_untold_is_told_after_it(office: Office) -> None:
    office.teller()
    office.alert()
    office.alert("b")
    run(office.teller())
    assert len(office.channel.sent) == 2 and office.teller().pending == 0


def test_a_new_channel_is_not_told_of_what_is_over(office: Office) -> None:
    office.alert("old", closed=NOW)
    office.alert("going on")
    run(office.teller())
    assert [n.document["id"] for n in office.channel.sent] == ["going on"]


def test_more_at_a_time_come_as_a_digest(office: Office) -> None:
    teller = office.teller(CHAT)
    for number in range(30):
        office.alert(f"a{number}", severity="critical" if number == 7 else "warning")
    run(teller)
    (told,) = office.channel.sent
    assert told.title == "30条告警" and told.severity == "critical"
    assert len(told.document["alerts"]) == 30 and told.document["alerts"][0]["id"] == "a7"


def test_no_more_messages_a_minute_than_the_channel_takes(office: Office) -> None:
    teller = office.teller(CHAT)
    for number in range(10):
        office.alert(f"a{number}")
        run(teller)
    assert len(office.channel.sent) == 4 and teller.pending == 6
    office.now += 61.0
    run(teller)
    assert len(office.channel.sent) == 5 and teller.pending == 0


def test_people_are_not_told_of_every_change(office: Office) -> None:
    teller = office.teller(CHAT)
    for changed in ({}, {"state": "acknowledged"}, {"severity": "critical"}, {"closed": NOW}):
        office.alert(**changed)
        run(teller)
    assert [n.title[:4] for n in office.channel.sent] == ["【警告】", "【严重】", "【已结束"]


def test_only_escalations_go_to_their_channel(office: Office) -> None:
    chosen = CHAT.model_copy(update={"escalation": True})
    teller = office.teller(chosen)
    office.alert()
    run(teller)
    assert office.channel.sent == []
    office.alert(escalated=1)
    run(teller)
    assert "第1次升级" in office.channel.sent[0].title


def test_tried_again_later_and_given_up_after_long(office: Office) -> None:
    teller = office.teller(retry_s=5.0, give_up_s=100.0)
    office.alert()
    office.channel.fails = NotSent("down")
    tries = 0
    for _ in range(200):
        before = teller.failed
        run(teller)
        tries += teller.failed - before
        office.now += 1.0
    failed = [e.document for e in office.ledger.entries() if e.kind == "failed"]
    assert [f["given_up"] for f in failed] == [False, True]
    assert 4 <= tries <= 8 and teller.pending == 0


def test_after_an_outage_it_is_told(office: Office) -> None:
    teller = office.teller()
    office.alert()
    office.channel.fails = NotSent("down")
    run(teller)
    office.channel.fails = None
    run(teller)
    assert office.channel.sent == []
    office.now += 5.0
    run(teller)
    assert len(office.channel.sent) == 1


def test_quiet_hours_hold_what_is_not_critical(office: Office) -> None:
    quiet = config.Quiet(start="22:00", end="06:30")
    at = datetime(2026, 2, 2, 15, 30, tzinfo=UTC).timestamp()  # 23:30 in Shanghai
    office.now = at
    teller = office.teller(quiet=quiet)
    office.alert()
    office.alert("bad", severity="critical")
    run(teller)
    assert [n.severity for n in office.channel.sent] == ["critical"]
    office.now = at + 7 * 3600.0
    run(teller)
    assert [n.severity for n in office.channel.sent] == ["critical", "warning"]


def test_quiet_hours_within_a_day() -> None:
    quiet = config.Quiet(start="12:00", end="13:00")
    noon = datetime(2026, 2, 2, 12, 30, tzinfo=UTC).timestamp()
    alert = {"severity": "warning"}
    assert waits(quiet, "UTC", alert, noon) and not waits(quiet, "UTC", alert, noon + 1800.0)
    assert not waits(quiet, "UTC", {"severity": "critical"}, noon)
