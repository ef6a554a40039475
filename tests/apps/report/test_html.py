"""The page: one file, in both languages, that no file name can turn against its reader."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from detector.apps.report.html import render, write_html
from detector.apps.report.schema import Coverage, Episode, Input, Report
from detector.apps.report.texts import LANGUAGES
from tests.apps.report.making import episode
from tests.apps.report.sample import CHECKS, HOSTILE


class Seen(HTMLParser):
    """Elements, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in {"style", "script"}:
            self.text.append(data)


@pytest.fixture(scope="session", params=LANGUAGES)
def page(request: pytest.FixtureRequest, report: Report, out_dir: Path) -> str:
    return write_html(report, out_dir, request.param).read_text("utf-8")


def test_it_is_one_file_with_nothing_from_outside(page: str) -> None:
    written = re.sub(r"data:image/jpeg;base64,[\w+/=]+", "", page)
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", written)
    for tag, attributes in Seen(page).elements:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form"}
        if tag == "img":
            assert str(attributes["src"]).startswith("data:image/")
            assert attributes["alt"]
        if tag == "a":
            assert re.match(r"#|evidence/", str(attributes["href"]))


def test_names_are_text_and_nothing_else(page: str) -> None:
    seen = Seen(page)
    assert HOSTILE in " ".join(seen.text)
    assert HOSTILE not in page
    for _, attributes in seen.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]


def test_the_policy_allows_its_own_style_and_script_only(page: str) -> None:
    policy = next(
        str(attributes["content"])
        for tag, attributes in Seen(page).elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 2


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    elements = Seen(page).elements
    anchors = [str(a["id"]) for _, a in elements if "id" in a]
    assert len(anchors) == len(set(anchors))
    targets = {str(a["href"])[1:] for tag, a in elements if tag == "a" and str(a["href"])[0] == "#"}
    assert targets <= set(anchors)


def test_headings_go_down_one_step_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Seen(page).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_every_episode_and_every_input_is_in_it(page: str, report: Report) -> None:
    every: list[Episode | Input] = [*report.episodes, *report.inputs]
    for wanted in every:
        assert (wanted.id if isinstance(wanted, Episode) else str(wanted.sha256)) in page


def test_blind_time_is_in_it(page: str) -> None:
    assert "no temporal noise survives the compression" in page or "时域噪声" in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_same_report_gives_the_same_page(report: Report, out_dir: Path, lang: str) -> None:
    assert render(report, out_dir, lang) == render(report, out_dir, lang)


def test_hostile_text_everywhere(tmp_path: Path) -> None:
    evil = "\"'><script>alert(1)</script>{{ 111111*7 }}\u202e"
    made = episode(
        *(tmp_path, evil, evil, evil, (1.0, 9.0)),
        unit=evil,
        summary=evil,
        start=evil,
        evidence={"kind": evil, "figures": {evil: evil}, "benign": [evil], "stills": [evil]},
    ).model_copy(update={"id": evil})
    inputs = [
        Input(path=evil, stream=evil, status="partial", reason=evil, sha256=evil, start=evil),
    ]
    bad = Report(
        version=evil,
        config_digest=evil,
        digests={evil: evil},
        thresholds={evil: {evil: evil}},
        parameters={evil: {evil: evil}},
        inputs=inputs,
        coverage=[Coverage(detector=evil, stream=evil, judged_s=1, blind_s=1, blind_why=evil)],
        episodes=[made],
    )
    for lang in LANGUAGES:
        made_page = render(bad, tmp_path, lang)
        assert made_page.count("<script>") == 1
        assert "\u202e" not in made_page
        assert "777777" not in "".join(Seen(made_page).text)


def test_an_empty_report_says_that_nothing_was_audited(tmp_path: Path) -> None:
    page = render(Report(version="0", config_digest=""), tmp_path, "en")
    assert "<h1>Nothing could be audited</h1>" in page


def test_a_camera_that_is_only_blind_is_nowhere_called_clean(tmp_path: Path) -> None:
    blind = Report(
        version="0",
        config_digest="",
        inputs=[Input(path="a.mp4", stream="a", status="ok", duration_s=60)],
        coverage=[Coverage(detector=c, stream="a", judged_s=50, blind_s=10) for c in CHECKS],
    )
    page = render(blind, tmp_path, "en")
    assert 's-clean">' not in page
    assert 'class="top tone-doubt"' in page
    assert "10.0\u00a0s could not be judged because" in page


def test_a_large_audit_stays_small_and_closed(tmp_path: Path) -> None:
    cameras = [f"camera-{i}" for i in range(256)]
    episodes = [
        episode(tmp_path, CHECKS[i % 6], cameras[i % 256], "a.mp4", (i, i + 5.0), evidence={})
        for i in range(2000)
    ]
    inputs = [Input(path=f"{c}.mp4", stream=c, status="ok", duration_s=3600) for c in cameras]
    many = Report(version="0", config_digest="", inputs=inputs, episodes=episodes)
    page = render(many, tmp_path, "en")
    assert len(page) < 12_000_000
    assert page.count('<article id="finding-') == 2000
    assert page.count("<details") > 500
