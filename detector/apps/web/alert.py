"""One alert: verdict, figure, pictures, findings, what happened to it, and what it repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from detector.apps.report import schema
from detector.apps.report.cases import benign_of
from detector.apps.report.sentences import innocent
from detector.apps.serve.board import Row
from detector.apps.serve.shots import shots as shots_of
from detector.apps.serve.telling import iso
from detector.apps.web import figure, mines, pictures
from detector.apps.web.access import Missing, Viewer
from detector.apps.web.pages import page, times
from detector.apps.web.room import Room, room
from detector.apps.web.telling import Told, episodes, tell, withdrawn
from detector.apps.web.words import Words, language, words
from detector.core.episode import Threshold
from detector.edge.accounts import User

router = APIRouter(include_in_schema=False)
#: Findings told in full, earlier alerts listed.
_FINDINGS, _EARLIER = 20, 8


@dataclass(frozen=True)
class Recurring:
    """Earlier alerts of the same mine with a finding of the same kind, within
    ``mines.RECURS_DAYS``; ``dispositions`` with their number."""

    rows: list[tuple[Row, Told]]
    total: int
    dispositions: list[tuple[str, int]]


def known(room: Room, user: User, identity: str) -> Row:
    """The alert of an address; Missing where there is none, or none for this user."""
    room.board.refresh()
    row = room.board.row(identity)
    if row is None or not user.sees(row.mine):
        raise Missing
    return row


@router.get("/alerts/{identity}")
def alert(request: Request, user: Viewer, identity: str) -> Response:
    """The page of an alert."""
    return shown(request, user, identity)


def shown(
    request: Request, user: User, identity: str, code: int = 200, wrong: str = ""
) -> Response:
    """The page of an alert; ``wrong`` names the text that says what could not be done."""
    here = room(request)
    row, clock = known(here, user, identity), times(request)
    t = words(language(request))
    document = here.board.document(row)
    found = episodes(document, clock)
    here.desks.renewed()
    desk = here.desks[row.mine]
    standing = [e for e in found if not withdrawn(e)] or found
    return page(
        request,
        "alert.html",
        code,
        alert=row,
        told=tell(here, row, t, clock),
        mine=desk.site.mine if desk.site.mine and desk.site.mine.code == row.mine else None,
        found=found[:_FINDINGS],
        more=len(found) - _FINDINGS + len(document.get("earlier_episodes", ())),
        withdrawn=withdrawn,
        calm=calm(standing),
        shots={e.id: shots_of(desk, e) for e in found[:_FINDINGS]},
        in_force=desk.configuration.thresholds,
        changed=changed,
        benign=[innocent(key, t) for key in benign_of(standing)],
        history=list(reversed(here.board.history(identity))),
        recurring=recurring(here, row, t, request),
        people=[u.name for u in here.accounts.users() if u.sees(row.mine) and not u.disabled],
        late=bool(row.due) and row.needs and row.due < iso(clock.now),
        wrong=wrong,
        seq=here.board.seq,
    )


@router.get("/alerts/{identity}/figure")
def figure_of(request: Request, user: Viewer, identity: str, whole: bool = False) -> Response:
    """The curves of what was found and what goes with it, above each other."""
    here = room(request)
    row, clock = known(here, user, identity), times(request)
    found = episodes(here.board.document(row), clock)
    standing = [e for e in found if not withdrawn(e)] or found
    t = words(language(request))
    case = figure.case(here, row, standing, t, clock, whole=whole)
    cut = not whole and figure.is_long(standing)
    part = "hx-request" in request.headers
    told = tell(here, row, t, clock)
    template = "figure.html" if part else "figure_page.html"
    unseen = figure.unseen(here, row, standing) if standing else []
    return page(request, template, case=case, alert=row, cut=cut, told=told, unseen=unseen)


@router.get("/alerts/{identity}/{episode}/{number}.png")
def picture(request: Request, user: Viewer, identity: str, episode: str, number: int) -> Response:
    """A picture that an episode shows, as the service keeps it."""
    here = room(request)
    row = known(here, user, identity)
    for one in episodes(here.board.document(row), times(request)):
        shots = shots_of(here.desks[row.mine], one) if one.id == episode else []
        if 0 <= number < len(shots):
            drawn = pictures.drawn(here.series, here.shown, row.mine, shots[number])
            if drawn is not None:
                return Response(drawn, media_type=pictures.media_type(drawn))
    return Response(pictures.NOTHING, 200, media_type="image/png")


def calm(episodes: Sequence[schema.Episode]) -> str | None:
    """Since when nothing of it goes on, as its last episode ended; None while something does."""
    if any(e.until_end for e in episodes):
        return None
    return max((e.end for e in episodes if e.end), default=None)


def changed(episode: schema.Episode, threshold: Threshold | None) -> bool:
    """Whether another threshold is in force than the episode was found with."""
    return threshold is not None and threshold.raise_at != episode.threshold


def recurring(room: Room, row: Row, t: Words, request: Request) -> Recurring:
    """What the alert repeats."""
    clock = times(request)
    since = iso(clock.now - 86400.0 * mines.RECURS_DAYS)
    detectors = {detector for detector, _ in row.kinds}
    earlier = [
        other
        for other in room.board.of_mine(row.mine)
        if other.id != row.id
        and since <= other.opened <= row.opened
        and detectors & {detector for detector, _ in other.kinds}
    ]
    earlier.sort(key=lambda r: r.opened, reverse=True)
    told = [(other, tell(room, other, t, clock)) for other in earlier[:_EARLIER]]
    counted: Counter[str] = Counter(r.disposition or "" for r in earlier)
    return Recurring(told, len(earlier), counted.most_common())
