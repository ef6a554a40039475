"""The tuning page: a stored score, its threshold as a line to drag, and what that would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from detector.apps.tune import told
from detector.apps.tune.compare import compare
from detector.apps.tune.curve import changed, curve, suggestion
from detector.apps.tune.material import Material, Wanted, drawn
from detector.apps.tune.versions import Author, Shelf
from detector.apps.web.access import Engineer, Forbidden, Form, Missing, text
from detector.apps.web.mines import rank, streams
from detector.apps.web.pages import page
from detector.apps.web.room import Room, room
from detector.apps.web.scores import Scored, scored
from detector.core.episode import Threshold
from detector.core.errors import TrueshaftError
from detector.detectors import CATALOGUE
from detector.edge.accounts import User

router = APIRouter(include_in_schema=False)
DAY_S = 86400.0
#: Points of the score that are drawn.
POINTS = 1600
PERIODS = (1, 7, 30, 90)
#: The end of what is shown is so round, s: what was read for one answer serves the next.
_ROUND_S = 600.0
_KEYS = ("raise_at", "clear_at", "hold_s")


@dataclass(frozen=True)
class Chosen:
    """What was chosen, and the threshold in force there."""

    wanted: Wanted
    days: int
    now: Threshold
    after: Threshold


def _chosen(request: Request, user: User) -> Chosen:
    """What the query chooses; of what it does not, the first. Missing, HTTPException 422."""
    here, query = room(request), request.query_params
    here.desks.renewed()
    mines = _mines(here, user)
    mine = query.get("mine") or next(iter(mines), "")
    if mine not in mines:
        raise Missing
    detector = query.get("detector") or _told_most(here, mine)
    if detector not in CATALOGUE:
        raise Missing
    days = int(_number(query.get("days")) or 30)
    days = min(PERIODS, key=lambda known: abs(known - days))
    last = max((s.last for s in streams(here).get(mine, [])), default=here.clock())
    end = np.ceil(last / _ROUND_S) * _ROUND_S + _ROUND_S
    stream = query.get("stream") or None
    if stream is not None and stream not in scored(here).names(mine):
        raise Missing
    wanted = Wanted(mine, detector, float(end) - days * DAY_S, float(end), stream)
    now = here.desks[mine].configuration.thresholds[detector]
    raise_at, clear_at, hold_s = (_number(query.get(key)) for key in _KEYS)
    return Chosen(wanted, days, now, changed(now, raise_at, clear_at, hold_s))


def _told_most(here: Room, mine: str) -> str:
    """Of the checks that look at a mine's streams the one whose alerts weigh most."""
    known = scored(here).detectors(mine) or list(CATALOGUE)
    told: Counter[str] = Counter()
    for row in here.board.of_mine(mine):
        told.update(dict.fromkeys((d for d, _ in row.kinds), rank(row.severity)))
    return max(known, key=lambda detector: told[detector])


def _mines(here: Room, user: User) -> list[str]:
    known = set(streams(here)) | set(here.board.mines())
    return sorted(mine for mine in known if user.sees(mine))


def _number(given: str | None) -> float | None:
    if not given:
        return None
    try:
        value = float(given)
    except ValueError as error:
        raise HTTPException(422, f"{given!r} is no number") from error
    if not 0 <= value < 1e12:
        raise HTTPException(422, f"{given!r} is no threshold")
    return value


@router.get("/tuning")
def tuning(request: Request, user: Engineer) -> Response:
    """The page, with what the values in the query would change."""
    return _page(request, user)


def _page(request: Request, user: User, code: int = 200, **more: Any) -> Response:
    here = room(request)
    mines = _mines(here, user)
    if not mines:
        return page(request, "tuning.html", code, chosen=None, mines=[])
    chosen = _chosen(request, user)
    mine, detector = chosen.wanted.mine, chosen.wanted.detector
    known = scored(here)
    versions = _shelf(here).versions(mine)
    shown = {**_effect(known, chosen), "refused": "", "saved": request.query_params.get("saved")}
    return page(
        request,
        "tuning.html",
        code,
        **{**shown, **more},
        mines=[(m, here.desks[m].site.mine) for m in mines],
        detectors=_also(known.detectors(mine) or list(CATALOGUE), detector),
        names=known.names(mine),
        periods=PERIODS,
        versions=[v for v in versions if not v.changes or _of(v.changes, detector)][:30],
        shared=[m for m in here.desks.sharing(mine) if m != mine],
        may=_may_save(here, user, mine),
    )


def _effect(known: Scored, chosen: Chosen) -> dict[str, Any]:
    material = known.material(chosen.wanted)
    rows = material.rows(chosen.now, chosen.after)
    comparison = compare(rows, chosen.now, chosen.after, material.labels)
    return {
        "chosen": chosen,
        "told": comparison,
        "spans": {
            name: [[s.start, s.end] for s in change.first(told.TOLD)]
            for name, change in (("gained", comparison.gained), ("lost", comparison.lost))
        },
        "count": material.count(),
        "streams": len(material.scores),
    }


@router.get("/tuning/preview")
def preview(request: Request, user: Engineer) -> Response:
    """What the values in the query would change: a part of the page."""
    told_by = _effect(scored(room(request)), _chosen(request, user))
    return page(request, "tuning_effect.html", **told_by)


@router.get("/tuning/scores")
def scores(request: Request, user: Engineer) -> Response:
    """The score to be drawn."""
    material = scored(room(request)).material(_chosen(request, user).wanted)
    time, top, blind = drawn(material, POINTS)
    known = np.flatnonzero(np.isfinite(top) | (blind > 0))
    from_there = slice(max(int(known[0]) - 1, 0) if len(known) else 0, None)  # not what was before
    told_of = {"time": time.tolist(), "score": _plain(top), "blind": blind.tolist()}
    return JSONResponse({name: column[from_there] for name, column in told_of.items()})


@router.get("/tuning/curve")
def trade_off(request: Request, user: Engineer) -> Response:
    """The trade-off curve and the value to suggest, from the values in force."""
    chosen = _chosen(request, user)
    return JSONResponse(_curve(scored(room(request)).material(chosen.wanted), chosen.now))


def _curve(material: Material, now: Threshold) -> dict[str, Any]:
    points = curve(material.rows(now), now, material.labels)
    best = suggestion(points, now.raise_at)
    found = {"raise_at": best.raise_at, "low": best.low, "high": best.high} if best else None
    return {"points": told.points(points), "suggestion": found}


@router.post("/tuning")
def save(request: Request, user: Engineer, fields: Form) -> Response:
    """Put values in force."""
    here, chosen = room(request), _chosen(request, user)
    mine, detector = chosen.wanted.mine, chosen.wanted.detector
    if not _may_save(here, user, mine):
        raise Forbidden
    wanted = changed(chosen.now, *(_number(text(fields, key, 40)) for key in _KEYS))
    values = {k: getattr(wanted, k) for k in _KEYS if getattr(wanted, k) != getattr(chosen.now, k)}
    try:
        author = Author(user.name, text(fields, "why"))
        entry = _shelf(here).save(mine, detector, values, author)
    except TrueshaftError as error:
        tried = _effect(scored(here), replace(chosen, after=wanted))
        return _page(request, user, 422, **tried, refused=_told(error))
    return _back(request, here, entry.seq)


@router.post("/tuning/back")
def back(request: Request, user: Engineer, fields: Form) -> Response:
    """Go back to an earlier version."""
    here, chosen = room(request), _chosen(request, user)
    if not _may_save(here, user, chosen.wanted.mine):
        raise Forbidden
    try:
        author = Author(user.name, text(fields, "why"))
        seq = int(_number(text(fields, "seq", 20)) or 0)
        entry = _shelf(here).restore(chosen.wanted.mine, seq, author)
    except TrueshaftError as error:
        return _page(request, user, 422, refused=_told(error))
    return _back(request, here, entry.seq)


def _back(request: Request, here: Room, seq: int) -> Response:
    here.board.refresh()
    here.desks.renewed()
    kept = {k: v for k, v in request.query_params.items() if k not in (*_KEYS, "saved")}
    return RedirectResponse("/tuning?" + urlencode({**kept, "saved": seq}), 303)


def _shelf(here: Room) -> Shelf:
    shelf = here.known.get("shelf")
    if not isinstance(shelf, Shelf):
        shelf = here.known["shelf"] = Shelf(here.desks, here.ledger)
    return shelf


def _may_save(here: Room, user: User, mine: str) -> bool:
    """Whether all mines that it would change are the user's."""
    return user.mines is None or all(user.sees(m) for m in here.desks.sharing(mine))


def _also(known: list[str], chosen: str) -> list[str]:
    """The checks to choose from: what is chosen is one of them, else another would be shown."""
    return known if chosen in known else [*known, chosen]


def _of(changes: Any, detector: str) -> bool:
    return any(change["detector"] == detector for change in changes)


def _told(error: TrueshaftError) -> str:
    where = f"{error.where}: " if error.where else ""
    return f"{where}{error.what}" + (f" ({error.todo})" if error.todo else "")


def _plain(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float | None]:
    return [v if np.isfinite(v) else None for v in values.tolist()]
