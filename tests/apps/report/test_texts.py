"""The catalogue: both languages say the same things, and nothing is asked of it in vain."""

from __future__ import annotations

import re
import string
from importlib import import_module
from pathlib import Path

import pytest

from detector import detectors
from detector.apps.report.html import TEMPLATES
from detector.apps.report.sentences import USUALLY_INNOCENT
from detector.apps.report.texts import LANGUAGES, Texts, catalogue, offset, visible, wall
from detector.detectors import CATALOGUE

DETECTORS = Path(detectors.__file__).parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys_and_fields() -> None:
    english, chinese = (catalogue(lang) for lang in LANGUAGES)
    assert english.keys() == chinese.keys()
    different = {k for k in english if fields(english[k]) != fields(chinese[k])}
    assert different == set()


def test_chinese_is_chinese() -> None:
    english, chinese = (catalogue(lang) for lang in LANGUAGES)
    same = {k for k in english if english[k] == chinese[k] and re.search("[a-z]{4}", english[k])}
    assert same == set()


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        Texts("fr")


def test_templates_ask_only_for_texts_that_exist() -> None:
    known = catalogue("en")
    for template in TEMPLATES.glob("*.html"):
        source = template.read_text("utf-8")
        for key in re.findall(r"\bt\('([a-z0-9_.]+)'(?! *~)", source):
            assert key in known, f"{template.name}: {key}"
        for key in re.findall(r"\bt\.count\('([a-z0-9_.]+)'", source):
            assert {f"{key}_one", f"{key}_many"} <= known.keys(), f"{template.name}: {key}"


def test_usual_explanations_have_texts() -> None:
    named = {f"benign.{key}" for keys in USUALLY_INNOCENT.values() for key in keys}
    assert named <= catalogue("en").keys()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (3780, "1 h 3 min"),
        (90000, "1 d 1 h"),
        (-90, "-1 min 30 s"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert Texts("en").duration(seconds).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00.0"),
        (59.96, "1:00.0"),
        (3725.25, "1:02:05.2"),
        (-1.5, "-0:01.5"),
        (-0.01, "0:00.0"),
    ],
)
def test_offsets(seconds: float, text: str) -> None:
    assert offset(seconds) == text


def test_a_share_is_never_rounded_to_nothing_or_all() -> None:
    t = Texts("en")
    shares = [t.percent(p) for p in (0, 0.001, 0.5, 0.999, 1)]
    assert shares == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]


def test_characters_that_deceive_are_shown() -> None:
    assert visible("a\u202e4pm.exe\n中") == "a\\u202e4pm.exe\\u000a中"


def test_a_time_that_cannot_be_read_is_no_time() -> None:
    assert wall("yesterday") is None
    assert wall(None) is None


def test_what_detectors_say_has_texts() -> None:
    known = catalogue("en")
    said = {
        f"{name}.{said}": f"why.{_slug(said)}"
        for name in (*CATALOGUE, "lasting", "repetition")
        for constant, said in vars(import_module(f"detector.detectors.{name}")).items()
        if constant.isupper() and isinstance(said, str)
    }
    assert said
    assert {name for name, key in said.items() if key not in known} == set()
    figures = {
        figure
        for file in (*DETECTORS.glob("*.py"), DETECTORS.parent / "signals" / "stills.py")
        for figure in re.findall(r'"([a-z_]+)": round\(', file.read_text("utf-8"))
    } - {"similarity", "period_s", "repetitions"}
    assert len(figures) > 10
    assert {figure for figure in figures if f"figure.{figure}" not in known} == set()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
