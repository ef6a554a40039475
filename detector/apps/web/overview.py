"""The overview: what is wrong now, in which mines and shafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fastapi import APIRouter, Request, Response

from detector.apps.serve.board import Row
from detector.apps.serve.telling import iso
from detector.apps.web import mines
from detector.apps.web.access import Viewer
from detector.apps.web.mines import MineState
from detector.apps.web.pages import page, times
from detector.apps.web.room import Room, room
from detector.apps.web.telling import Told, tell
from detector.apps.web.words import language, words
from detector.edge.accounts import User

router = APIRouter(include_in_schema=False)
Show = Literal["", "wrong", "open", "overdue", "blind", "silent"]
#: Alerts and mines on a page.
ALERTS, MINES = 40, 60


@dataclass(frozen=True)
class Filter:
    """What of the mines and alerts is shown, as the address tells it."""

    q: str = ""
    show: str = ""
    severity: str = ""
    done: str = ""

    def takes(self, mine: MineState) -> bool:
        """Whether a mine is shown."""
        words = f"{mine.code} {mine.name} {' '.join(s.name for s in mine.shafts)}".lower()
        if self.q and self.q.lower() not in words:
            return False
        shown = {
            "wrong": bool(mine.worst),
            "open": mine.unanswered > 0,
            "overdue": mine.overdue > 0,
            "blind": mine.blind > 0,
            "silent": mine.silent > 0,
        }
        return shown.get(self.show, True)

    def takes_alert(self, row: Row, now: str) -> bool:
        """Whether an alert of a mine that is shown is."""
        if not self.done and not row.presses:
            return False
        if self.severity and row.severity != self.severity:
            return False
        if self.show == "open":
            return row.state == "open"
        if self.show == "overdue":
            return bool(row.due) and row.due < now
        return bool(row.silent) if self.show == "silent" else True


@dataclass(frozen=True)
class Counts:
    """The figures at the top."""

    wrong: int
    open: int
    critical: int
    overdue: int
    silent: int
    blind: int
    mines: int


@router.get("/")
def overview(
    request: Request,
    user: Viewer,
    q: str = "",
    show: str = "",
    severity: str = "",
    done: str = "",
    at: int = 0,
) -> Response:
    """Mines and alerts, as filtered."""
    here, chosen = room(request), Filter(q[:80].strip(), show, severity, done)
    known = mines.mines(here, user)
    shown = [m for m in known if chosen.takes(m)]
    clock = times(request)
    rows = list(alerts(here, user, {m.code for m in shown}, chosen, clock.now))
    t = words(language(request))
    at = min(max(at, 0), max(len(rows) - 1, 0)) // ALERTS * ALERTS
    told: list[tuple[Row, Told]] = [
        (row, tell(here, row, t, clock)) for row in rows[at : at + ALERTS]
    ]
    return page(
        request,
        "overview.html",
        counts=counts(known),
        mines=shown[:MINES],
        more_mines=len(shown) - MINES,
        names={m.code: m.name or m.code for m in shown},
        alerts=told,
        total=len(rows),
        at=at,
        size=ALERTS,
        chosen=chosen,
        shows=get_args(Show),
        utc=iso(clock.now),
        seq=here.board.seq,
    )


def alerts(room: Room, user: User, codes: set[str], chosen: Filter, now: float) -> list[Row]:
    """The alerts that are shown: those that wait for somebody first, the worst of them first; with
    those that are done, the last updated first."""
    at = iso(now)
    if chosen.done:
        every = room.board.rows(user.sees, lambda row: chosen.takes_alert(row, at))
        return [row for row in every if row.mine in codes]
    waiting = [row for code in codes for row in room.board.waiting(code)]
    found = [row for row in waiting if chosen.takes_alert(row, at)]
    found.sort(key=lambda row: row.seq, reverse=True)
    return sorted(found, key=lambda a: (a.state != "open", -mines.rank(a.severity), not a.goes_on))


def counts(known: list[MineState]) -> Counts:
    """Over all mines that the user sees."""
    open_alerts = [a for m in known for a in m.alerts]
    return Counts(
        wrong=sum(bool(m.worst) for m in known),
        open=sum(a.state == "open" for a in open_alerts),
        critical=sum(a.severity == "critical" for a in open_alerts),
        overdue=sum(m.overdue for m in known),
        silent=sum(m.silent for m in known),
        blind=sum(m.blind for m in known),
        mines=len(known),
    )
