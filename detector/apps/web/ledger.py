"""The ledger's page: what was found, told and changed, by whom; the newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from detector.apps.web.access import Engineer
from detector.apps.web.pages import page
from detector.apps.web.room import room
from detector.edge.accounts import User
from detector.edge.ledger import BadEntry, Entry

router = APIRouter(include_in_schema=False)
SIZE = 60
_LONG = 400


@router.get("/ledger")
def ledger(request: Request, user: Engineer, before: int | None = None) -> Response:
    """A page of the ledger."""
    here = room(request)
    last = here.board.refresh()
    first = last if before is None else min(max(before, 0), last)
    try:
        entries, broken = here.board.entries(first, SIZE), None
    except BadEntry as error:
        entries, broken = [], str(error)
    return page(
        request,
        "ledger.html",
        entries=[(e, brief(e.document)) for e in entries if _sees(here.board.row, user, e)],
        unreadable=broken,
        older=first - SIZE if first > SIZE else None,
        newer=min(first + SIZE, last) if first < last else None,
        last=last,
    )


def _sees(row_of: Any, user: User, entry: Entry) -> bool:
    """Whether an entry is about nothing that is outside of the user's jurisdiction."""
    if user.mines is None:
        return True
    told = entry.document
    if isinstance(told.get("mine"), str):
        return user.sees(told["mine"])
    row = row_of(str(told.get("alert", "")))
    return row is not None and user.sees(row.mine)


def brief(document: Mapping[str, Any]) -> str:
    """What an entry says, in one line."""
    if "episodes" in document:
        return f"{document.get('state')}: {document.get('title')}"
    told = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return told if len(told) <= _LONG else told[:_LONG] + "…"
