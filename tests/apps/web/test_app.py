"""Whatever is asked for wrongly, people are told on a page what to do, and programs in JSON."""

from __future__ import annotations

import httpx
import pytest

from detector.edge.series import StoreUnavailable
from tests.apps.web.conftest import csrf_of, signed_in
from tests.apps.web.making import MINE, Hall


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        ("/nothing", 404, "Nothing here"),
        ("/ledger?before=x", 422, "That cannot be read"),
        ("/?at=x", 422, "That cannot be read"),
        (f"/tuning?mine={MINE}&raise_at=high", 422, "is no number"),
        ("/streams?mine=999999999999", 404, "Nothing here"),
    ],
)
def test_people_are_told_on_a_page(client: httpx.Client, path: str, code: int, told: str) -> None:
    signed_in(client, "zhao")
    answer = client.get(path)
    assert answer.status_code == code and told in answer.text
    assert answer.text.startswith("<!DOCTYPE html>") and 'href="/"' in answer.text
    client.cookies.set("trueshaft_lang", "zh")
    assert "返回总览" in client.get(path).text


def test_programs_are_told_in_json(client: httpx.Client) -> None:
    for path, code in (("/api/v1/nothing", 404), ("/api/v1/alerts?limit=x", 422)):
        answer = client.get(path)
        assert answer.status_code == code and "detail" in answer.json()


def test_a_store_that_is_down_and_a_fault_are_told(
    client: httpx.Client, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(client, "zhao")

    def down() -> None:
        raise StoreUnavailable("it is away")

    monkeypatch.setattr(hall.series, "streams", down)
    hall.room.known.clear()
    answer = client.get("/streams")
    assert answer.status_code == 503 and "Nothing is lost" in answer.text
    assert client.get("/api/v1/streams").status_code == 503

    def faulty() -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(hall.series, "streams", faulty)
    answer = client.get("/streams")
    assert answer.status_code == 500 and "before you repeat it" in answer.text
    assert "secret" not in answer.text and "default-src 'none'" in str(answer.headers)
    with httpx.Client(base_url=client.base_url) as other:  # after a fault the connection is closed
        told = other.get("/api/v1/streams").json()["detail"]
    assert told.startswith("the service has a fault")


def test_what_is_too_large_is_told_with_the_most(client: httpx.Client) -> None:
    csrf = signed_in(client, "chen")
    answer = client.post("/users/add", data={"csrf": csrf, "name": "x" * 2_000_000})
    assert answer.status_code == 413 and "1 MB at most" in answer.text
    assert csrf_of(client, "/account")
