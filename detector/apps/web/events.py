"""Live updates: the browser is told that something has changed, and asks for it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from detector.apps.web.access import COOKIE, Viewer
from detector.apps.web.room import Room, room
from detector.edge.accounts import User

router = APIRouter(include_in_schema=False)
#: The ledger is looked at this often, s; something is sent at least this often, s.
_LOOK_S, _ALIVE_S = 0.5, 15.0


@router.get("/events")
async def events(request: Request, user: Viewer, after: int = 0) -> Response:
    """Server-sent events: ``changed`` with the number of the last entry that concerns the user."""
    told = _told(room(request), user, request.cookies.get(COOKIE, ""), after)
    return StreamingResponse(
        told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _told(room: Room, user: User, secret: str, after: int) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    seen, quiet_s = after, 0.0
    while not room.ending():
        latest = await run_in_threadpool(_latest, room, user)
        if latest > seen:
            seen, quiet_s = latest, 0.0
            yield f"event: changed\nid: {latest}\ndata: {latest}\n\n"
        elif quiet_s >= _ALIVE_S:
            quiet_s = 0.0
            if await run_in_threadpool(room.sessions.of, secret) is None:
                return
            yield ": alive\n\n"
        await asyncio.sleep(_LOOK_S)
        quiet_s += _LOOK_S


def _latest(room: Room, user: User) -> int:
    room.board.refresh()
    return room.board.latest(user.sees)
