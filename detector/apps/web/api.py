"""Who may use /api/v1: users' tokens by their scopes, signed-in users, programs on this machine."""

from __future__ import annotations

import hmac

from fastapi import HTTPException, Request

from detector.apps.serve.asking import Asker, Guard, Scope, has_token, on_this_machine
from detector.apps.web.access import COOKIE, own
from detector.apps.web.room import Room
from detector.config.site import Console
from detector.edge.accounts import Role
from detector.edge.sessions import Session

#: The role that a user needs for what a scope allows.
NEEDS: dict[Scope, Role] = {"read": "viewer", "alerts": "regulator"}


def guard(room: Room) -> Guard:
    """The guard of the console's users."""
    console = room.desks.main.site.console or Console()

    def check(request: Request, scope: Scope) -> Asker:
        if "authorization" in request.headers:
            return _bearer(room, request, scope, console)
        signed = room.sessions.of(request.cookies.get(COOKIE, ""))
        if signed is not None and not signed.user.must_change:
            return _signed(request, scope, signed)
        if scope == "read" and console.local_api and on_this_machine(request, console):
            return Asker()
        raise HTTPException(401, "give a token: Authorization: Bearer ...")

    return check


def _bearer(room: Room, request: Request, scope: Scope, console: Console) -> Asker:
    if has_token(request, console):
        return Asker()
    kind, _, secret = request.headers["authorization"].partition(" ")
    known = room.sessions.bearer(secret.strip()) if kind.lower() == "bearer" else None
    if known is None:
        raise HTTPException(401, "the token is missing or another")
    token, user = known
    if scope not in token.scopes or not user.may(NEEDS[scope]):
        raise HTTPException(403, f"the token is not for this: it needs the scope {scope}")
    return Asker(user.name, user.sees)


def _signed(request: Request, scope: Scope, signed: Session) -> Asker:
    if not signed.user.may(NEEDS[scope]):
        raise HTTPException(403, "your role may not do this")
    given = request.headers.get("x-csrf", "")
    if scope != "read" and not (
        own(request) and hmac.compare_digest(given.encode(), signed.csrf.encode())
    ):
        raise HTTPException(403, "this was not sent from a page of yours")
    return Asker(signed.user.name, signed.user.sees)
