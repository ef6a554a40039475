"""Who gets in, who does not, and what is written down of it."""

from __future__ import annotations

import re

import httpx
import pytest

from detector.apps.web.headers import POLICY
from detector.edge.accounts import TRIES
from tests.apps.web.conftest import csrf_of, signed_in
from tests.apps.web.making import MINE, OTHER, PASSWORD, Hall

PAGES = ("/", "/streams", "/audits", "/ledger", "/users", "/account", "/events")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_shown_to_who_has_not_signed_in(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")
    assert MINE not in answer.text


def test_every_answer_has_strict_headers(client: httpx.Client) -> None:
    for path in ("/login", "/static/console.js", "/nothing", "/api/v1/alerts"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert "unsafe" not in POLICY and "http" not in POLICY
    page = client.get("/login").text
    assert "<style" not in page and " style=" not in page and "<script>" not in page


def test_the_cookie_is_out_of_reach(client: httpx.Client) -> None:
    answer = client.post("/login", data={"name": "chen", "password": PASSWORD})
    told = answer.headers["set-cookie"].lower()
    assert "httponly" in told and "samesite=strict" in told


def test_the_first_password_holds_once(client: httpx.Client, hall: Hall) -> None:
    assert hall.room.accounts.first() is None  # there are users
    hall.room.accounts.set_password("zhao", "one-time-secret", must_change=True)
    sign_in = {"name": "zhao", "password": "one-time-secret"}
    assert client.post("/login", data=sign_in).headers["location"] == "/account"
    assert client.get("/").headers["location"] == "/account"
    change = {"csrf": csrf_of(client, "/account"), "old": "one-time-secret"}
    short = {**change, "new": "short", "again": "short"}
    assert client.post("/account/password", data=short).status_code == 422
    new = {**change, "new": "a new long one", "again": "a new long one"}
    assert client.post("/account/password", data=new).status_code == 303
    assert client.get("/").status_code == 200
    assert client.post("/login", data=sign_in).status_code == 401


def test_who_guesses_is_locked_out(client: httpx.Client, hall: Hall) -> None:
    wrong = {"name": "chen", "password": "wrong"}
    for _ in range(TRIES):
        assert client.post("/login", data=wrong).status_code == 401
    right = {"name": "chen", "password": PASSWORD}
    answer = client.post("/login", data=right)
    assert answer.status_code == 401 and "locked out" in answer.text
    assert "Try again after 16:01:00" in answer.text
    for _ in range(3):  # told once of each time that one is locked out
        assert client.post("/login", data=right).status_code == 401
    hall.clock.now += 61.0
    assert client.post("/login", data=right).status_code == 303
    assert len(hall.entries("sign_in_refused")) == TRIES + 1
    assert "wrong" in client.post("/login", data={"name": "nobody", "password": "x"}).text


def test_a_form_from_elsewhere_is_refused(client: httpx.Client, hall: Hall) -> None:
    csrf, path = signed_in(client, "chen"), f"/alerts/{hall.alert_of('hoist')}/acknowledge"
    assert client.post(path, data={}).status_code == 403
    assert client.post(path, data={"csrf": "x" + csrf}).status_code == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(path, data={"csrf": csrf}, headers=elsewhere).status_code == 403
    origin = {"Origin": "http://evil.example"}
    assert client.post(path, data={"csrf": csrf}, headers=origin).status_code == 403
    assert hall.entries("handled") == []
    assert client.post(path, data={"csrf": csrf}).status_code == 303
    assert hall.entries("handled")[0].document["by"] == "chen"


@pytest.mark.parametrize("action", ["acknowledge", "comment", "assign", "dispose", "reopen"])
def test_a_viewer_cannot_act_whatever_is_sent(
    client: httpx.Client, hall: Hall, action: str
) -> None:
    csrf, path = signed_in(client, "li"), f"/alerts/{hall.alert_of('hoist')}/{action}"
    fields = {"csrf": csrf, "note": "x", "disposition": "other", "to": "li"}
    assert client.post(path, data=fields).status_code == 403
    for page in ("/users", "/ledger"):
        assert client.get(page).status_code == 403
    assert hall.entries("handled") == hall.entries("comment") == hall.entries("assigned") == []


def test_another_jurisdiction_is_as_if_it_were_not_there(client: httpx.Client, hall: Hall) -> None:
    csrf, identity = signed_in(client, "wang"), hall.alert_of("hoist")
    for path in ("", "/figure", "/x/0.png"):
        assert client.get(f"/alerts/{identity}{path}").status_code == 404
    assert client.post(f"/alerts/{identity}/comment", data={"csrf": csrf}).status_code == 404
    assert client.get(f"/streams?mine={MINE}").status_code == 404
    assert client.get(f"/streams?mine={OTHER}").status_code == 200
    assert client.get(f"/api/v1/alerts/{identity}").status_code == 404
    assert {a["mine"] for a in client.get("/api/v1/alerts").json()["alerts"]} == {OTHER}
    assert {s["mine"] for s in client.get("/api/v1/streams").json()["streams"]} == {OTHER}
    assert client.get("/api/v1/series/hoist").status_code == 404


def test_tokens_have_scopes_and_can_be_withdrawn(client: httpx.Client, hall: Hall) -> None:
    csrf, path = signed_in(client, "admin"), f"/api/v1/alerts/{hall.alert_of('hoist')}"

    def given(user: str, scope: str) -> dict[str, str]:
        fields = {"csrf": csrf, "name": "for a test", "user": user, "scope": scope, "days": "1"}
        page = client.post("/users/token", data=fields).text
        return {"Authorization": "Bearer " + page.split("<code>")[1].split("</code>")[0]}

    reading, acting, other = given("chen", "read"), given("chen", "alerts"), given("wang", "alerts")
    client.cookies.clear()
    body = {"state": "acknowledged", "by": "somebody else"}
    assert client.get(path, headers=reading).status_code == 200
    assert client.get(path, headers=other).status_code == 404
    assert client.get(path, headers={"Authorization": "Bearer ts_nonsense"}).status_code == 401
    assert client.post(path, json=body).status_code == 401
    assert client.post(path, json=body, headers=reading).status_code == 403
    assert client.post(path, json=body, headers=acting).status_code == 200
    assert hall.entries("handled")[0].document["by"] == "chen"
    hall.clock.now += 2 * 86400.0
    assert client.get(path, headers=reading).status_code == 401
    hall.clock.now -= 2 * 86400.0
    (known,) = [t for t in hall.room.sessions.tokens() if t.scopes == {"read"}]
    hall.room.sessions.withdraw(known.id)
    assert client.get(path, headers=reading).status_code == 401


def test_only_this_machine_reads_the_api_without_a_token(client: httpx.Client) -> None:
    assert client.get("/api/v1/alerts").status_code == 200
    for header in ({"Host": "mine.example"}, {"X-Forwarded-For": "10.0.0.9"}):
        assert client.get("/api/v1/alerts", headers=header).status_code == 401


def test_users_are_added_changed_and_shut_out(client: httpx.Client, hall: Hall) -> None:
    csrf = signed_in(client, "admin")
    new = {"csrf": csrf, "name": "sun", "role": "regulator", "mines": f"{OTHER}, {MINE}"}
    page = client.post("/users/add", data=new).text
    password = page.split("<code>")[1].split("</code>")[0]
    user = hall.room.accounts.checked("sun", password)
    assert user.must_change and user.mines == frozenset({MINE, OTHER})
    assert client.post("/users/add", data=new).status_code == 422
    changed = {"csrf": csrf, "name": "sun", "role": "viewer", "mines": "", "disabled": "1"}
    assert client.post("/users/save", data=changed).status_code == 200
    (entry,) = hall.entries("user_changed")
    assert entry.document["by"] == "admin" and entry.document["after"]["role"] == "viewer"
    alone = {"csrf": csrf, "name": "admin", "role": "viewer", "mines": ""}
    answer = client.post("/users/save", data=alone)
    assert answer.status_code == 422 and "last administrator" in answer.text
    assert client.post("/users/add", data={**new, "name": "x", "mines": "12"}).status_code == 422
    for told in hall.ledger.entries():
        assert password not in str(told.document)


def test_who_signs_in_anew_comes_back_to_where_it_was(client: httpx.Client, hall: Hall) -> None:
    alert = hall.alert_of("hoist")
    answer = client.post(f"/alerts/{alert}/dispose", data={"note": "x"})
    assert answer.headers["location"] == f"/login?next=%2Falerts%2F{alert}"
    parts = client.post(f"/alerts/{alert}/dispose", headers={"hx-request": "true"})
    assert parts.headers["hx-redirect"] == f"/login?next=%2Falerts%2F{alert}"


def test_no_old_script_stays_beside_a_new_page(client: httpx.Client) -> None:
    page = client.get("/login").text
    named = re.findall(r'"(/static/[\w.]+\?[0-9a-f]{12})"', page)
    assert len(named) >= 3 and '.js"' not in page and '.css"' not in page.replace("/report.css", "")
    assert all(client.get(address).status_code == 200 for address in named)


def test_what_is_done_with_users_is_told(client: httpx.Client, hall: Hall) -> None:
    csrf = signed_in(client, "admin")
    form = {"csrf": csrf, "name": "li", "role": "viewer", "mines": f"{MINE}, 999999999999"}
    page = client.post("/users/save", data=form).text
    assert "Saved: li." in page and "There is no mine of this code yet: 999999999999" in page
    assert 'href="/lang/zh?next=%2Fusers"' in page  # not to what only a form may be sent to
    page = client.post("/users/save", data={**form, "mines": MINE}).text
    assert "Saved: li." in page and "no mine of this code" not in page
    long = client.post("/users/add", data={**form, "name": "x" * 65})
    assert long.status_code == 422 and hall.room.accounts.user("x" * 64) is None
    unknown = {"csrf": csrf, "name": "t", "user": "nobody", "scope": "read"}
    assert "no user of that name" in client.post("/users/token", data=unknown).text


def test_signing_out_ends_the_session(client: httpx.Client) -> None:
    csrf = signed_in(client, "chen")
    cookie = client.cookies["trueshaft_session"]
    assert client.post("/logout", data={"csrf": csrf}).status_code == 303
    client.cookies.set("trueshaft_session", cookie)
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere(client: httpx.Client, path: str) -> None:
    fields = {"name": "chen", "password": PASSWORD, "next": path}
    assert client.post("/login", data=fields).headers["location"] == "/"


def test_a_reason_is_asked_for(client: httpx.Client, hall: Hall) -> None:
    csrf, path = signed_in(client, "chen"), f"/alerts/{hall.alert_of('hoist')}"
    without = {"csrf": csrf, "disposition": "other", "note": " "}
    answer = client.post(f"{path}/dispose", data=without)
    assert answer.status_code == 422 and "Say why" in answer.text
    wrong = {"csrf": csrf, "disposition": "nice", "note": "x"}
    assert client.post(f"{path}/dispose", data=wrong).status_code == 422
    person = {"csrf": csrf, "to": "wang"}  # of another jurisdiction
    assert client.post(f"{path}/assign", data=person).status_code == 422
    assert client.post(f"{path}/nonsense", data={"csrf": csrf}).status_code == 422


def test_no_more_is_taken_in_than_a_form_holds(client: httpx.Client) -> None:
    large = {"name": "chen", "password": "x" * 2_000_000}
    assert client.post("/login", data=large).status_code == 413
    pieces = (piece for piece in [b"name=chen", b"&password=x"])
    assert client.post("/login", content=pieces).status_code == 411
