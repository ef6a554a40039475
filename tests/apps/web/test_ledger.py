"""The ledger's page says in the reader's language what happened, and whether it holds."""

from __future__ import annotations

import re

import httpx

from tests.apps.web.conftest import signed_in
from tests.apps.web.making import MINE, OTHER, PASSWORD, Hall


def test_every_entry_is_told_in_words(client: httpx.Client, hall: Hall) -> None:
    csrf, alert = signed_in(client, "admin"), hall.alert_of("hoist")
    form = {"csrf": csrf, "disposition": "maintenance", "note": "<b>the rope</b>"}
    client.post(f"/alerts/{alert}/dispose", data=form)
    client.post("/users/add", data={"csrf": csrf, "name": "qian", "role": "viewer", "mines": OTHER})
    client.post("/login", data={"name": "li", "password": "wrong and long"})
    page = client.get("/ledger").text
    for told in ("answer", "it was normal maintenance", "user added", "sign-in refused"):
        assert told in page
    assert "&lt;b&gt;the rope&lt;/b&gt;" in page and "<b>the rope" not in page
    client.cookies.set("trueshaft_lang", "zh")
    page = client.get("/ledger").text
    for told in ("处理", "结论 正常检修", "添加用户", "登录被拒绝", "原因 密码错误。"):
        assert told in page
    shown = re.sub(r"<code.*?</code>", "", page.split("<tbody>")[1])
    assert "{" not in shown and "disposition" not in shown and "sign_in_refused" not in shown


def test_one_kind_is_found_among_many_others(client: httpx.Client, hall: Hall) -> None:
    signed_in(client, "zhao")
    hall.ledger.append("user_added", {"user": "first", "by": "admin"})
    for number in range(150):
        hall.ledger.append("sent", {"alert": None, "alerts": {}, "channel": f"c{number}"})
    page = client.get("/ledger?only=people").text
    assert "first" in page and "through c" not in page
    page = client.get("/ledger").text
    assert page.count("through c") == 60 and "first" not in page
    older = re.findall(r'href="(/ledger\?before=\d+)"', page)[-1]
    page = client.get(older).text
    assert page.count("through c") == 60 and "Newest" in page


def test_it_is_checked_when_asked(client: httpx.Client, hall: Hall) -> None:
    signed_in(client, "zhao")
    page = client.get("/ledger?check=1").text
    assert "entries are as they were written" in page
    last = list(hall.ledger.entries())[-1]
    assert f"{last.seq}:{last.hash}" in page
    path = hall.folder / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Lianyi", b"Lianyo").replace(b"hoist", b"moist", 1))
    assert "is not as it was written" in client.get("/ledger?check=1").text


def test_who_sees_some_mines_sees_their_entries_only(client: httpx.Client, hall: Hall) -> None:
    hall.room.accounts.add("sun", PASSWORD, "engineer", [OTHER])
    signed_in(client, "sun")
    page = client.get("/ledger?check=1").text
    assert hall.alert_of("belt") in page and hall.alert_of("hoist") not in page
    assert MINE not in page and "as they were written" not in page
