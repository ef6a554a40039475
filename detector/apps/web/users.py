"""Users and API tokens: who may do what, on which mines. For administrators."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from detector.apps.web import mines
from detector.apps.web.access import Administrator, Form, text
from detector.apps.web.pages import page
from detector.apps.web.room import Room, room
from detector.edge.accounts import Refused, Role, User, one_time_password
from detector.edge.sessions import SCOPES

router = APIRouter(include_in_schema=False)
_SCOPES_OF = {"read": ("read",), "alerts": SCOPES}


@router.get("/users")
def users(request: Request, who: Administrator) -> Response:
    """All users and tokens."""
    return _shown(request, who, {})


@router.post("/users/{action}")
def change(request: Request, who: Administrator, fields: Form, action: str) -> Response:
    """Add or change a user, give or withdraw a token."""
    try:
        told = _ACTIONS.get(action, _unknown)(request, who, fields)
    except Refused as error:
        return _shown(request, who, {"refused": error.key}, 422)
    return _shown(request, who, told)


def _shown(request: Request, who: User, told: Mapping[str, str], code: int = 200) -> Response:
    here = room(request)
    empty = {"refused": "", "done": "", "name": "", "password": "", "token": "", "strange": ""}
    return page(
        request,
        "users.html",
        code,
        users=here.accounts.users(),
        tokens=here.sessions.tokens(),
        now=here.clock(),
        mines=mines.codes(here, who),
        **(empty | dict(told)),
    )


def _add(request: Request, who: User, fields: FormData) -> dict[str, str]:
    here, name, password = room(request), text(fields, "name", 100), one_time_password()
    role, chosen = _role(fields), _mines(fields)
    here.accounts.add(name, password, role, chosen, must_change=True)
    here.note("user_added", who, user=name, role=role, mines=chosen)
    return {"name": name, "password": password, "strange": _strange(here, who, chosen)}


def _save(request: Request, who: User, fields: FormData) -> dict[str, str]:
    here, name = room(request), text(fields, "name", 64)
    role, chosen = _role(fields), _mines(fields)
    disabled = bool(text(fields, "disabled"))
    before, after = here.accounts.change(name, role, chosen, disabled=disabled)
    told = {"before": _told(before), "after": _told(after)}
    if told["before"] != told["after"]:
        here.note("user_changed", who, user=name, **told)
    return {"name": name, "done": "saved", "strange": _strange(here, who, chosen)}


def _reset(request: Request, who: User, fields: FormData) -> dict[str, str]:
    here, name, password = room(request), text(fields, "name", 64), one_time_password()
    here.accounts.set_password(name, password, must_change=True)
    here.note("password_reset", who, user=name)
    return {"name": name, "password": password}


def _token(request: Request, who: User, fields: FormData) -> dict[str, str]:
    here, user = room(request), text(fields, "user", 64)
    if here.accounts.user(user) is None:
        raise Refused("nobody")
    days = text(fields, "days", 6)
    scopes = _SCOPES_OF.get(text(fields, "scope", 20), ())
    name = text(fields, "name", 80)
    lasts = min(max(float(days), 1.0), 3650.0) if days.isdigit() else None
    secret = here.sessions.give(name, user, scopes, lasts)
    here.note("token_given", who, user=user, token=name, scopes=sorted(scopes))
    return {"token": secret}


def _withdraw(request: Request, who: User, fields: FormData) -> dict[str, str]:
    gone = room(request).sessions.withdraw(text(fields, "id", 40))
    room(request).note("token_withdrawn", who, user=gone.user, token=gone.name)
    return {"name": gone.name, "done": "withdrawn"}


def _unknown(*_: object) -> dict[str, str]:
    raise Refused("unknown")


_ACTIONS = {
    "add": _add,
    "save": _save,
    "reset": _reset,
    "token": _token,
    "withdraw": _withdraw,
}


def _role(fields: FormData) -> Role:
    chosen = text(fields, "role", 20)
    for role in get_args(Role):
        if role == chosen:
            return role  # type: ignore[no-any-return]
    raise Refused("unknown")


def _mines(fields: FormData) -> list[str] | None:
    """The codes of mines that are named, None for all."""
    named = re.split(r"[\s,，、;；]+", text(fields, "mines", 4000))
    codes = sorted({code for code in named if code})
    if any(not re.fullmatch(r"[0-9]{12}", code) for code in codes):
        raise Refused("mines")
    return codes or None


def _strange(room: Room, who: User, chosen: list[str] | None) -> str:
    """Codes of which there is no mine (yet): perhaps mistyped."""
    return ", ".join(sorted(set(chosen or ()) - mines.codes(room, who).keys()))


def _told(user: User) -> dict[str, object]:
    known = None if user.mines is None else sorted(user.mines)
    return {"role": user.role, "mines": known, "disabled": user.disabled}
