"""The console's texts: the same in both languages, none missing, none too many."""

from __future__ import annotations

import re
from string import Formatter

from detector.apps.report.texts import LANGUAGES
from detector.apps.web.pages import TEMPLATES
from detector.apps.web.words import own

_NAMED = re.compile(r"""(?:\bt|t\.count|t\.get)\(\s*['"](c\.[a-z_.]+)['"](\s*~)?""")


def test_both_languages_say_the_same() -> None:
    english, chinese = (own(lang) for lang in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key in english:
        assert _fields(english[key]) == _fields(chinese[key]), key


def test_every_text_that_a_page_asks_for_is_there() -> None:
    known = own("en")
    for page in sorted(TEMPLATES.glob("*.html")):
        for key, more in _NAMED.findall(page.read_text("utf-8")):
            if more:
                assert any(k.startswith(key) for k in known), (page.name, key)
            else:
                assert {key, f"{key}_one"} & known.keys(), (page.name, key)


def test_no_page_has_text_style_or_script_of_its_own() -> None:
    for page in sorted(TEMPLATES.glob("*.html")):
        told = page.read_text("utf-8")
        assert not re.search(r"\sstyle=|<style|<script(?! src=)|\son[a-z]+=|https?://", told), page
        assert not re.search(r"[\u4e00-\u9fff]", told), page


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
