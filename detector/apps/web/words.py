"""The console's texts, besides the report's: keys that begin with ``c.`` are its own.

What its table ``[live]`` holds replaces texts of the report: a live stream is no recording.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from fastapi import Request

from detector.apps.report.texts import LANGUAGES, Texts

Lang = Literal["en", "zh"]
COOKIE = "trueshaft_lang"
FOLDER = Path(__file__).with_name("texts")


class Words(Texts):
    """The texts of report and console in one language."""

    def __init__(self, lang: str) -> None:
        super().__init__(lang)
        self._texts = {**self._texts, **own(lang)}


@cache
def words(lang: Lang) -> Words:
    """The texts of a language."""
    return Words(lang)


def own(lang: str) -> dict[str, str]:
    """The console's own texts of a language, by key."""
    told = tomllib.loads((FOLDER / f"{lang}.toml").read_text("utf-8"))
    for more in sorted(FOLDER.glob(f"*.{lang}.toml")):
        told |= tomllib.loads(more.read_text("utf-8"))
    live = dict(_flat(told.pop("live")))
    return live | {f"c.{key}": text for key, text in _flat(told)}


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        inner = isinstance(value, dict)
        found += _flat(value, f"{prefix}{key}.") if inner else [(f"{prefix}{key}", value)]
    return found


def language(request: Request) -> Lang:
    """The language of who asks: as chosen, else as the browser prefers."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return cast("Lang", chosen)
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip()[:2] in LANGUAGES:
            return cast("Lang", part.strip()[:2])
    return "en"
