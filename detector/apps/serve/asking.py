"""Who asks over HTTP, and what they may: as the console says where it is, else by a token.

Without the console, who has the token of ``[console] token_env`` may handle alerts; without one
set, whoever reaches a loopback address.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from fastapi import Depends, HTTPException, Request

from detector.config.site import Console

Scope = Literal["read", "alerts"]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: What a proxy adds: then nobody is on this machine for certain.
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def _all(_: str) -> bool:
    return True


@dataclass(frozen=True)
class Asker:
    """Who asks: a user's name, "" of a program with the service's own token; the mines it sees."""

    name: str = ""
    sees: Callable[[str], bool] = _all


class Guard(Protocol):
    """Says who asks for something of a scope; HTTPException 401 or 403 where they may not."""

    def __call__(self, request: Request, scope: Scope) -> Asker:
        """Who asks."""


def on_this_machine(request: Request, console: Console) -> bool:
    """Whether a request comes from this machine and was meant for it."""
    asked = request.headers.get("host", "").rsplit(":", 1)[0].strip("[]")
    if any(name in request.headers for name in _FORWARDED):
        return False
    return console.host in LOOPBACK and asked in LOOPBACK


def has_token(request: Request, console: Console) -> bool | None:
    """Whether the service's own token was given; None where none is set."""
    token = os.environ.get(console.token_env, "")
    if not token:
        return None
    given = request.headers.get("authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def by_token(console: Console) -> Guard:
    """The guard where there is no console: all may read."""

    def guard(request: Request, scope: Scope) -> Asker:
        if scope == "alerts":
            given = has_token(request, console)
            if given is False:
                raise HTTPException(401, "the token is missing or another")
            if given is None and not on_this_machine(request, console):
                told = f"set {console.token_env} to handle alerts from elsewhere"
                raise HTTPException(403, told)
        return Asker()

    return guard


def _asker(scope: Scope) -> Callable[[Request], Asker]:
    def check(request: Request) -> Asker:
        guard: Guard = request.app.state.guard
        return guard(request, scope)

    return check


Reader = Annotated[Asker, Depends(_asker("read"))]
Answerer = Annotated[Asker, Depends(_asker("alerts"))]
