"""The page's texts in one language, and how it writes durations and times."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")
FOLDER = Path(__file__).with_name("texts")


def catalogue(lang: str) -> dict[str, str]:
    """All texts of a language by dotted key. ``lang`` is one of ``LANGUAGES``, else ValueError."""
    if lang not in LANGUAGES:
        raise ValueError(f"no texts in language {lang!r}; there are {', '.join(LANGUAGES)}")
    return dict(_flat(tomllib.loads((FOLDER / f"{lang}.toml").read_text("utf-8"))))


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def visible(text: str) -> str:
    """Text from outside with its control and direction characters made visible (``\\u202e``)."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c
        for c in text
    )


class Texts:
    """The texts of one language: ``texts(key, **fields)``; times are told by the clock of ``zone``,
    where there is none by their own."""

    def __init__(self, lang: str, zone: tzinfo | None = None) -> None:
        self.lang = lang
        self.zone = zone
        self._texts = catalogue(lang)

    def __call__(self, key: str, *numbers: str, **fields: object) -> str:
        """The text of a key with its fields filled in; KeyError where either is unknown."""
        return self._texts[key].format(*numbers, **fields)

    def get(self, key: str, otherwise: str) -> str:
        """The text of a key that may come from outside, or ``otherwise``."""
        return self._texts.get(key, otherwise)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def count(self, key: str, n: int, **fields: object) -> str:
        """The text for one or for many."""
        return self(f"{key}_one" if n == 1 else f"{key}_many", n=n, **fields)

    def names(self, names: list[str]) -> str:
        """A list within a sentence."""
        return ("、" if self.lang == "zh" else ", ").join(names)

    def sentences(self, parts: list[str]) -> str:
        """Sentences one after the other."""
        return ("" if self.lang == "zh" else " ").join(part for part in parts if part)

    def wall(self, text: str | None) -> datetime | None:
        """An ISO 8601 time by the reader's clock; None where there is none."""
        at = wall(text)
        known = at is not None and at.tzinfo is not None and self.zone is not None
        return at.astimezone(self.zone) if known and at is not None else at

    def duration(self, seconds: float) -> str:
        """12.3 s, 2 min 5 s, 1 h 3 min, 2 d 4 h: two units at most."""
        if abs(seconds) < 59.95:
            return self("unit.second", n=f"{seconds:.1f}")
        whole = round(abs(seconds))
        sizes = [("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)]
        parts = []
        for name, size in sizes:
            n, whole = divmod(whole, size)
            parts.append((name, n))
        first = next(i for i, (_, n) in enumerate(parts) if n)
        shown = [self(f"unit.{name}", n=n) for name, n in parts[first : first + 2] if n]
        return ("-" if seconds < 0 else "") + self("unit.join").join(shown)

    def percent(self, part: float) -> str:
        """A share, never rounded to nothing or to all."""
        if 0 < part < 0.01:
            return "< 1 %"
        if 0.99 < part < 1:
            return "> 99 %"
        return f"{part:.0%}".replace("%", " %")


def offset(seconds: float, decimals: int = 1) -> str:
    """Time from the first picture: 0:12.0 or 1:02:05.0."""
    scale = 10**decimals
    ticks = round(abs(seconds) * scale)
    whole, part = divmod(ticks, scale)
    minutes, s = divmod(whole, 60)
    hours, m = divmod(minutes, 60)
    text = f"{hours}:{m:02}:{s:02}" if hours else f"{m}:{s:02}"
    tail = f".{part:0{decimals}}" if decimals else ""
    return ("-" if seconds < 0 and ticks else "") + text + tail


def wall(text: str | None) -> datetime | None:
    """An ISO 8601 time, or None where there is none or it cannot be read."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
