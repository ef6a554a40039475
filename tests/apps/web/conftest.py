"""The console of a service, and a browser that opens it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.apps.report.browser import chromium
from tests.apps.web.making import PASSWORD, Hall

#: Opens a page at a width, signed in as a user.
Opener = Callable[..., Page]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    made.fill()
    yield made
    made.close()


@pytest.fixture
def address(hall: Hall) -> Iterator[str]:
    with hall.served() as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here: install chromium or set CHROMIUM to one")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        made = playwright.chromium.launch(executable_path=program, args=flags)
        yield made
        made.close()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Opener]:
    """Opens pages; afterwards none of them may have had a fault."""
    faults: list[str] = []
    contexts = []

    def open_one(user: str = "chen", width: int = 1440, lang: str = "en-GB") -> Page:
        context = browser.new_context(
            base_url=address, locale=lang, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.goto("/login")
        page.fill("[name=name]", user)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_selector("#headline")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as made:
        yield made


def signed_in(client: httpx.Client, user: str) -> str:
    """Sign in; what a form has to send back."""
    answer = client.post("/login", data={"name": user, "password": PASSWORD})
    assert answer.status_code == 303
    return csrf_of(client, "/account")


def csrf_of(client: httpx.Client, path: str) -> str:
    """The secret in a page's forms."""
    return client.get(path).text.split('name="csrf" value="')[1].split('"')[0]
