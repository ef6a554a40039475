"""The page in a real browser: no script error, no policy violation, no sideways scrolling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.apps.report.html import write_html
from detector.apps.report.schema import Report
from detector.apps.report.texts import LANGUAGES
from tests.apps.report.browser import Page, browser, chromium


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here: install chromium or set CHROMIUM to one")
    with browser(program, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [1440, 390])
def test_it_renders_without_fault(
    tab: Page, report: Report, out_dir: Path, lang: str, width: int
) -> None:
    tab.faults.clear()
    tab.open(write_html(report, out_dir, lang).as_uri(), width)
    scroll, inner = tab.value("[document.documentElement.scrollWidth, innerWidth]")
    assert (scroll, inner) == (width, width)
    assert tab.value("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert tab.value("document.images.length") > 20
    assert (
        tab.value("getComputedStyle(document.querySelector('.finding')).borderLeftWidth") == "6px"
    )
    assert tab.faults == []


def test_a_link_opens_the_group_of_its_finding(tab: Page, report: Report, out_dir: Path) -> None:
    tab.open(write_html(report, out_dir, "en").as_uri(), 1440)
    tab.value("document.querySelectorAll('details').forEach(d => d.open = false)")
    click = "dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    changed = "new Promise(done => addEventListener('hashchange', () => setTimeout(done, 50)))"
    link = "document.querySelector('.lane a')"
    tab.value(f"(() => {{ const done = {changed}; {link}.{click}; return done; }})()")
    assert tab.value("document.querySelector(':target').className").startswith("finding")
    assert tab.value("document.querySelector(':target').offsetHeight") > 0
    assert tab.value("document.querySelector(':target').closest('details').open")


def test_it_prints(tab: Page, report: Report, out_dir: Path, tmp_path: Path) -> None:
    tab.open(write_html(report, out_dir, "zh").as_uri(), 1440)
    tab.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    "body",
    [
        "<script>nonsense()</script>",
        "<script>console.error('x')</script>",
        (
            "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">"
            "<p style='color:red'>"
        ),
    ],
)
def test_a_faulty_page_would_be_noticed(tab: Page, tmp_path: Path, body: str) -> None:
    (tmp_path / "bad.html").write_text(f"<!DOCTYPE html><title>x</title>{body}")
    tab.faults.clear()
    tab.open((tmp_path / "bad.html").as_uri(), 390)
    tab.value("1")
    assert tab.faults
