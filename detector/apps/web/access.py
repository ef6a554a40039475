"""Who asks: the session of a cookie or the token of a header, and what either may.

``Depends(require("engineer"))`` gives the :class:`User`, or answers with the sign-in page or 403.
``Depends(form)`` gives the fields of a form that was sent from a page of that session.
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from detector.apps.web.room import room
from detector.edge.accounts import Role, User
from detector.edge.sessions import Session

COOKIE = "trueshaft_session"


class NotSignedIn(Exception):
    """Nobody has signed in, or the session has ended."""


class MustChange(Exception):
    """The password held for one sign-in; nothing goes on before there is another."""


class Forbidden(Exception):
    """The user may not; ``key`` names the text that says so."""

    def __init__(self, key: str = "role") -> None:
        super().__init__(key)
        self.key = key


class Missing(Exception):
    """There is no such thing, or it is outside the user's jurisdiction: told alike."""


def session(request: Request) -> Session:
    """The session of who asks. Raises NotSignedIn."""
    found: Session | None = getattr(request.state, "session", None)
    if found is None:
        secret = request.cookies.get(COOKIE)
        found = room(request).sessions.of(secret) if secret else None
        if found is None:
            raise NotSignedIn
        request.state.session = found
    return found


def require(role: Role) -> Callable[..., User]:
    """A dependency: the user who asks, with this role or a higher one."""

    def check(signed: Annotated[Session, Depends(session)]) -> User:
        if signed.user.must_change:
            raise MustChange
        if not signed.user.may(role):
            raise Forbidden
        return signed.user

    return check


Viewer = Annotated[User, Depends(require("viewer"))]
Regulator = Annotated[User, Depends(require("regulator"))]
Engineer = Annotated[User, Depends(require("engineer"))]
Administrator = Annotated[User, Depends(require("administrator"))]


async def form(
    request: Request, signed: Annotated[Session, Depends(session)]
) -> AsyncIterator[FormData]:
    """The fields of a form of ours; Forbidden where it came from elsewhere."""
    async with request.form(max_files=200, max_fields=200) as fields:
        given = fields.get("csrf") or request.headers.get("x-csrf", "")
        if not own(request) or not isinstance(given, str):
            raise Forbidden("origin")
        if not hmac.compare_digest(given.encode(), signed.csrf.encode()):
            raise Forbidden("origin")
        yield fields


Form = Annotated[FormData, Depends(form)]


def own(request: Request) -> bool:
    """Whether the browser says that a page of ours sent it; old browsers say nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == request.headers.get("host")


def text(fields: FormData, name: str, most: int = 2000) -> str:
    """A field of a form as text without spaces around it; "" where there is none."""
    value = fields.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""
