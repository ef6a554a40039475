"""How a page is made: templates, language, who is signed in, what is wrong with the service."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from detector import __version__
from detector.apps.report import html
from detector.apps.serve import status
from detector.apps.web.room import room
from detector.apps.web.times import Times
from detector.apps.web.words import Lang, language, words
from detector.core.alert import DISPOSITIONS
from detector.edge.accounts import ROLES
from detector.edge.sessions import Session

TEMPLATES = Path(__file__).with_name("templates")
STATIC = Path(__file__).with_name("static")


@cache
def environment(lang: Lang) -> Environment:
    """The report's templates and filters, with the console's."""
    made = html.environment(words(lang))
    made.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(html.TEMPLATES)])
    made.globals.update(version=__version__, dispositions=DISPOSITIONS, roles=ROLES)
    made.globals["asset"] = asset
    made.filters["size"] = size
    made.filters["address"] = lambda text: quote(str(text), safe="")
    return made


@cache
def asset(name: str) -> str:
    """The address of a file that pages load: another one where it has changed, so that no browser
    keeps the old one beside new pages."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def size(amount: float) -> str:
    """An amount of bytes for people.

    >>> size(2e9), size(1.5e6)
    ('2.0 GB', '2 MB')
    """
    return f"{amount / 1e9:.1f} GB" if amount >= 1e9 else f"{amount / 1e6:.0f} MB"


def times(request: Request) -> Times:
    """The clock of the site, now."""
    here = room(request)
    return Times(here.desks.main.site.recordings.timezone, here.clock())


def again(request: Request) -> str:
    """The address that shows this page again; of an answer to a form the page it was sent from."""
    path = request.url.path
    if request.method != "GET" and path.count("/") > 1:
        path = path.rsplit("/", 1)[0]
    return path + (f"?{request.url.query}" if request.url.query else "")


def page(request: Request, template: str, code: int = 200, **told: Any) -> HTMLResponse:
    """A page of a template, in the language of who asks."""
    here, lang = room(request), language(request)
    signed: Session | None = getattr(request.state, "session", None)
    clock, t = times(request), words(lang)

    def link(**changes: Any) -> str:
        """The address of this page with other values in its query."""
        query = {**request.query_params, **changes}
        kept = {k: v for k, v in query.items() if v not in (None, "")}
        return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path

    wrong = []
    if signed is not None:
        wrong = status.problems(status.read(here.desks.folder))
    body = (
        environment(lang)
        .get_template(template)
        .render(
            path=request.url.path,
            here=again(request),
            link=link,
            lang=lang,
            signed=signed,
            user=signed.user if signed else None,
            csrf=signed.csrf if signed else "",
            clock=clock,
            ago=lambda told: clock.ago(told, t),
            service=wrong,
            broken=here.board.broken if signed else None,
            loading=here.board.loading and signed is not None,
            **told,
        )
    )
    return HTMLResponse(body, code)
