"""What people do with alerts: acknowledge, comment, assign, dispose, reopen."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from detector.apps.web.access import Form, Regulator, text
from detector.apps.web.alert import known, shown
from detector.apps.web.pages import times
from detector.apps.web.room import Room, room
from detector.core.alert import DISPOSITIONS
from detector.edge.accounts import Refused, User

router = APIRouter(include_in_schema=False)


@router.post("/alerts/{identity}/{action}")
def act(request: Request, user: Regulator, fields: Form, identity: str, action: str) -> Response:
    """Do something with an alert, and show it again."""
    here = room(request)
    known(here, user, identity)
    try:
        _ACTIONS.get(action, _unknown)(here, user, identity, fields, times(request).zone)
    except Refused as error:
        return shown(request, user, identity, 422, error.key)
    return RedirectResponse(f"/alerts/{identity}", 303)


def _unknown(*_: object) -> None:
    raise Refused("action")


def _acknowledge(room: Room, user: User, identity: str, fields: FormData, _: str) -> None:
    row = known(room, user, identity)
    if row.state == "open":
        note = text(fields, "note")
        room.note("handled", user, alert=identity, state="acknowledged", note=note)


def _comment(room: Room, user: User, identity: str, fields: FormData, _: str) -> None:
    note = text(fields, "note")
    if not note:
        raise Refused("note")
    room.note("comment", user, alert=identity, note=note)


def _assign(room: Room, user: User, identity: str, fields: FormData, zone: str) -> None:
    to, note = text(fields, "to", 64), text(fields, "note")
    due = _due(text(fields, "due", 40), zone, room.clock())
    someone = room.accounts.user(to) if to else None
    row = known(room, user, identity)
    if to and (someone is None or someone.disabled or not someone.sees(row.mine)):
        raise Refused("person")
    room.note("assigned", user, alert=identity, to=to, due=due, note=note)
    if to and row.state in ("open", "acknowledged"):
        room.note("handled", user, alert=identity, state="in_progress", note="")


def _dispose(room: Room, user: User, identity: str, fields: FormData, _: str) -> None:
    disposition, note = text(fields, "disposition", 60), text(fields, "note")
    if disposition not in DISPOSITIONS:
        raise Refused("disposition")
    if not note:
        raise Refused("note")
    if known(room, user, identity).state == "done":
        raise Refused("done")
    told = {"state": "done", "disposition": disposition, "note": note}
    room.note("handled", user, alert=identity, **told)


def _reopen(room: Room, user: User, identity: str, fields: FormData, _: str) -> None:
    note = text(fields, "note")
    if not note:
        raise Refused("note")
    if known(room, user, identity).state != "open":
        room.note("handled", user, alert=identity, state="open", note=note)


_ACTIONS = {
    "acknowledge": _acknowledge,
    "comment": _comment,
    "assign": _assign,
    "dispose": _dispose,
    "reopen": _reopen,
}


def _due(told: str, zone: str, now: float) -> str | None:
    """A time to come by the site's clock as ISO 8601 in UTC; None of nothing."""
    if not told:
        return None
    try:
        local = datetime.fromisoformat(told)
        local = local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone))
        due = local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("due") from error
    if due.timestamp() <= now:
        raise Refused("due_past")
    return due.isoformat(timespec="milliseconds")
