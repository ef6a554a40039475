"""The ledger's page: what was found, told and changed, by whom; the newest first."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from detector.apps.serve.board import Row
from detector.apps.web.access import Engineer
from detector.apps.web.entries import Said, said
from detector.apps.web.pages import page, times
from detector.apps.web.room import Room, room
from detector.apps.web.words import language, words
from detector.edge.accounts import User
from detector.edge.ledger import BadEntry, Entry
from detector.edge.ledger_check import Checked, verify

router = APIRouter(include_in_schema=False)
#: Entries on a page, and those that are read for them.
SIZE, _READ = 60, 600
#: What may be chosen, and the kinds of entries that it takes.
ONLY: dict[str, frozenset[str]] = {
    "alerts": frozenset({"alert"}),
    "answers": frozenset({"handled", "comment", "assigned", "evidence"}),
    "told": frozenset({"sent", "failed", "channel"}),
    "thresholds": frozenset({"thresholds", "thresholds_in_force"}),
    "people": frozenset(
        {
            *("signed_in", "signed_out", "sign_in_refused", "password_changed", "password_reset"),
            *("user_added", "user_changed", "token_given", "token_withdrawn"),
            *("audit_started", "audit_cancelled", "evidence", "site_key"),
        }
    ),
}


@dataclass(frozen=True)
class Found:
    """Entries to show; ``older``: where to look on, None at the ledger's beginning."""

    entries: list[Entry]
    older: int | None


@router.get("/ledger")
def ledger(
    request: Request,
    user: Engineer,
    before: int | None = None,
    only: str = "",
    check: str = "",
) -> Response:
    """A page of the ledger; with ``check`` whether it is as it was written."""
    here = room(request)
    last = here.board.refresh()
    first = last if before is None else min(max(before, 0), last)
    try:
        found, broken = _found(here, user, first, ONLY.get(only)), None
    except BadEntry as error:
        found, broken = Found([], None), str(error)
    t, clock = words(language(request)), times(request)
    shown: list[tuple[Entry, Said]] = [(e, said(here, e, t, clock)) for e in found.entries]
    return page(
        request,
        "ledger.html",
        entries=shown,
        unreadable=broken,
        older=found.older,
        newest=first < last,
        only=only if only in ONLY else "",
        choices=tuple(ONLY),
        checked=_checked(here) if check and user.mines is None else None,
        whole=user.mines is None,
        file=here.ledger.path.resolve(),
        last=last,
    )


def _checked(room: Room) -> Checked | None:
    try:
        return verify(room.ledger.path)
    except OSError:
        return None


def _found(room: Room, user: User, first: int, kinds: frozenset[str] | None) -> Found:
    """The entries from number ``first`` on backwards that the user may see, of these kinds."""
    found: list[Entry] = []
    board, left = room.board, _READ
    for seq in range(first, 0, -1):
        if kinds is not None and board.kinds[seq - 1] not in kinds:
            continue
        if len(found) == SIZE or not left:
            return Found(found, seq)
        left -= 1
        found += [entry for entry in board.entries(seq, 1) if _sees(room, user, entry)]
    return Found(found, None)


def _sees(room: Room, user: User, entry: Entry) -> bool:
    """Whether an entry is about nothing that is outside of the user's jurisdiction."""
    if user.mines is None:
        return True
    told = entry.document
    if isinstance(told.get("mine"), str):
        return user.sees(told["mine"])
    row: Row | None = room.board.row(str(told.get("alert", "")))
    return row is not None and user.sees(row.mine)
