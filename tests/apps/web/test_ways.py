"""Whole ways through the console, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apps.web.conftest import Opener
from tests.apps.web.making import MINE, PASSWORD, Hall
from tests.servers import eventually


def test_an_alert_arrives_and_is_disposed(opened: Opener, hall: Hall) -> None:
    page = opened("chen")
    expect(page.locator("#pulse")).to_have_class("pulse live")
    before = page.locator("a.row").count()
    (entry,) = hall.found("frozen_frame", "north-camera", kind="held")
    expect(page.locator("a.row")).to_have_count(before + 1)  # without loading the page again
    page.click(f"#a-{entry.document['id']}")
    expect(page.locator("h1")).to_contain_text("Frozen picture")
    expect(page.locator("#figure svg.chart, #figure .empty").first).to_be_visible()

    page.click("text=Acknowledge")
    expect(page.locator("#facts .st")).to_have_text("acknowledged")
    page.select_option("[name=disposition]", "maintenance")
    page.fill("#answering form[action$=dispose] [name=note]", "the lens was cleaned")
    page.click("#answering button.strong")
    expect(page.locator("#facts .st")).to_have_text("done")
    expect(page.locator("#history")).to_contain_text("the lens was cleaned")
    hall.book.tick()
    told = hall.entries("alert")[-1].document
    assert (told["state"], told["disposition"]) == ("done", "maintenance")
    handled = [(e.document["by"], e.document["state"]) for e in hall.entries("handled")]
    assert handled == [("chen", "acknowledged"), ("chen", "done")]
    page.goto("/")
    expect(page.locator("a.row")).to_have_count(before)


def test_an_alert_is_assigned_commented_and_reopened(opened: Opener, hall: Hall) -> None:
    page = opened("chen")
    page.goto(f"/alerts/{hall.alert_of('hoist')}")
    page.click("summary:text('Assign')")
    page.select_option("[name=to]", "li")
    page.fill("[name=due]", "2027-01-15T16:30")
    page.click("form[action$=assign] button")
    expect(page.locator("#facts")).to_contain_text("2027-01-15 16:30:00")
    expect(page.locator("#facts .st")).to_have_text("in progress")
    (assigned,) = hall.entries("assigned")
    assert assigned.document["due"] == "2027-01-15T08:30:00.000+00:00"  # told in Asia/Shanghai
    page.click("summary:text('Comment')")
    page.fill("form[action$=comment] [name=note]", "called the dispatcher")
    page.click("form[action$=comment] button")
    expect(page.locator("#history")).to_contain_text("called the dispatcher")
    page.click("summary:text('Reopen')")
    page.fill("form[action$=reopen] [name=note]", "it came back")
    page.click("form[action$=reopen] button")
    expect(page.locator("#facts .st")).to_have_text("open")
    hall.clock.now += 3600.0
    page.goto("/?show=overdue")
    expect(page.locator("#tiles .on").filter(has_text="deadline").locator("b")).to_have_text("1")


def test_two_regulators_at_one_alert(opened: Opener, hall: Hall) -> None:
    alert = hall.alert_of("hoist")
    watching, writing, other = opened("chen"), opened("admin"), opened("zhao")
    for page in (watching, writing, other):
        page.goto(f"/alerts/{alert}")
    writing.fill("#answering form[action$=dispose] [name=note]", "the rope was inspected")
    other.select_option("[name=disposition]", "suspected_illegal_production")
    other.fill("#answering form[action$=dispose] [name=note]", "coal on the belt")
    other.click("#answering button.strong")
    expect(watching.locator("#answering")).to_contain_text("Disposed as")  # by itself
    expect(writing.locator("#facts .st")).to_have_text("done")
    note = writing.locator("#answering form[action$=dispose] [name=note]")
    expect(note).to_have_value("the rope was inspected")  # what is being written stays


def test_a_viewer_looks_and_cannot_act(opened: Opener, hall: Hall) -> None:
    page = opened("li")
    page.goto(f"/alerts/{hall.alert_of('hoist')}")
    expect(page.locator("#answering")).to_contain_text("may look, not act")
    assert page.locator("#answering form").count() == 0
    assert page.locator("nav a", has_text="Users").count() == 0


def test_another_jurisdiction_sees_nothing(opened: Opener, hall: Hall) -> None:
    page = opened("wang")
    expect(page.locator("a.row")).to_have_count(1)
    assert MINE not in page.content() and "Lianyi" not in page.content()
    hall.found("frozen_frame", "north-camera", kind="held")
    page.wait_for_timeout(2500)
    expect(page.locator("a.row")).to_have_count(1)


def test_duplicates_stand_side_by_side_with_a_slider(opened: Opener, hall: Hall) -> None:
    page = opened("chen")
    page.goto(f"/alerts/{hall.alert_of('main-shaft')}")
    box = page.locator(".over-under").first
    expect(box).to_be_visible()
    drawn = "[...document.images].some(i => i.complete && i.naturalWidth == 512)"
    eventually(lambda: page.evaluate(drawn))
    range_ = page.locator(".slide-range").first
    range_.focus()
    page.keyboard.press("Home")
    assert "0%" in page.evaluate("document.querySelector('.over-under img+img').style.clipPath")
    own, other = page.locator(".slide .still img").all()[:2]
    assert own.get_attribute("alt") != other.get_attribute("alt")


def test_it_works_without_javascript(browser: Browser, address: str, hall: Hall) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/login?next=/%3Fseverity%3Dcritical")
    page.fill("[name=name]", "chen")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    assert page.url.endswith("/?severity=critical")
    page.goto(f"/alerts/{hall.alert_of('hoist')}")
    page.click("text=Acknowledge")
    expect(page.locator("#facts .st")).to_have_text("acknowledged")
    page.click("text=Show the figure")
    expect(page.locator("svg.chart").first).to_be_visible()
    context.close()


def test_keys_go_through_the_alerts(opened: Opener) -> None:
    page = opened("chen")
    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("a.row").nth(1)
    expect(second).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    second.press("Enter")
    page.wait_for_url("**/alerts/*")


def test_a_filter_survives_loading_again(opened: Opener) -> None:
    page = opened("chen")
    page.select_option("[name=severity]", "warning")
    page.wait_for_url("**severity=warning**")
    shown = page.locator("a.row").count()
    page.reload()
    assert page.locator("a.row").count() == shown == page.locator("a.row .sev-warning").count()


@pytest.mark.parametrize("lang", ["en-GB", "zh-CN"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit(opened: Opener, hall: Hall, width: int, lang: str) -> None:
    page = opened("admin", width, lang)
    alerts = [f"/alerts/{hall.alert_of(s)}" for s in ("hoist", "main-shaft")]
    stream = f"/streams?mine={MINE}&stream=hoist"
    for path in ("/", *alerts, "/streams", stream, "/audits", "/ledger", "/users", "/account"):
        page.goto(path)
        page.wait_for_load_state("networkidle") if "stream" in path else None
        assert _scrolls(page) == width, path
        assert page.locator("html").get_attribute("lang") == ("zh-CN" if "zh" in lang else "en")


def _scrolls(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))
