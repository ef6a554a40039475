"""The summary of a package, for people: what was found, when, how sure, and how to check it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from detector.apps.evidence.gathering import Case
from detector.apps.report import schema, sentences
from detector.apps.report.texts import visible
from detector.apps.serve.telling import told
from detector.apps.web.words import Words

_TEMPLATE = "summary.html"


@dataclass(frozen=True)
class Making:
    """When a package was made, ISO 8601, by whom, and the fingerprint of the key that signs it."""

    made: str
    by: str
    key: str


@dataclass(frozen=True)
class Figure:
    """The curves of what was found, drawn: markup that needs no more than ``css``."""

    markup: str = ""
    css: str = ""


def summary(
    case: Case,
    names: Sequence[str],
    making: Making,
    figure: Figure,
    t: Words,
    when: Callable[[str | None], str],
) -> bytes:
    """A page that needs nothing but the package's pictures; ``when`` writes a time for people."""
    shown = [e.model_dump(mode="json") for e in case.episodes]
    document: Mapping[str, Any] = case.document
    title, sentence = document["title"], document["summary"]
    if shown:
        title, sentence = told(document["mine"], document["shaft"] or "", shown, t)
    mine = case.desk.site.mine
    page = _environment().get_template(_TEMPLATE)
    return page.render(
        t=t,
        title=title,
        summary=sentence,
        alert=document,
        mine_name=mine.name if mine and mine.code == case.desk.mine else "",
        episodes=case.episodes,
        entries=case.entries,
        names=names,
        pictures=[n for n in names if n.startswith("pictures/")],
        when=when,
        made=making.made,
        by=making.by,
        key=making.key,
        figure=Markup(figure.markup),  # noqa: S704 - of our own templates
        css=Markup(figure.css),  # noqa: S704
        finding=lambda e: sentences.title(e, t),
        sentence=lambda e: sentences.sentence(e, t)[0],
        value=lambda number, unit: sentences.value(number, unit, t),
        benign=lambda e: sentences.benign(e, t),
        withdrawn=withdrawn,
    ).encode()


def withdrawn(episode: schema.Episode) -> bool:
    """Whether more data have shown that it is none."""
    return bool((episode.evidence.model_extra or {}).get("withdrawn"))


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["visible"] = visible
    return made
