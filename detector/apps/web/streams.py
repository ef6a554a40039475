"""Streams of a mine: last value, rate, gaps, what can judge them, what could not be read."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from fastapi import APIRouter, Request, Response
from numpy.typing import NDArray

from detector.apps.serve import blindness, status
from detector.apps.serve.board import Row
from detector.apps.serve.desks import Desk
from detector.apps.web import mines
from detector.apps.web.access import Missing, Viewer
from detector.apps.web.checks import checks
from detector.apps.web.pages import page, times
from detector.apps.web.room import Room, room
from detector.apps.web.telling import tell
from detector.apps.web.waste import waste
from detector.apps.web.words import language, words
from detector.config.site import Mqtt
from detector.edge.accounts import User
from detector.edge.series import Key, StreamState
from detector.edge.topics import LAYOUTS, Topics

router = APIRouter(include_in_schema=False)
_DAY_S = 86400.0
#: Reports of a stream that say how often it reports; a gap is so many times that.
_RECENT, _GAP = 2000, 3.0
#: What was worked out of a stream is kept until there are newer data, of so many streams.
_KEPT = 20_000


@dataclass(frozen=True)
class Pace:
    """How often a stream reports: ``period_s`` usually; ``gaps`` in its last day, ``gap_s`` of it
    in all."""

    period_s: float
    gaps: int
    gap_s: float


@dataclass(frozen=True)
class StreamRow:
    """A stream as the page shows it. ``blind``: detector, since s, why; ``dark``: to be looked
    after for that."""

    name: str
    kind: str
    unit: str
    shaft: str
    location: str
    state: StreamState | None
    pace: Pace | None
    blind: list[tuple[str, float, str]]
    dark: bool
    silent: bool
    alerts: list[Row]

    @property
    def value(self) -> float | None:
        """Its last value, None where there is none (cameras)."""
        known = self.state is not None and math.isfinite(self.state.value)
        return self.state.value if known and self.state is not None else None


@router.get("/streams")
def streams(
    request: Request, user: Viewer, mine: str = "", stream: str = "", check: str = ""
) -> Response:
    """A mine's streams; with ``stream`` its curve, with ``check`` that of this check's score."""
    here = room(request)
    here.board.refresh()
    known = mines.codes(here, user)
    chosen = mine or next(iter(known), "")
    if mine and mine not in known:
        raise Missing
    listed = rows(here, chosen) if chosen else []
    shown = next((r for r in listed if r.name == stream), None)
    if stream and shown is None:
        raise Missing
    scored, t = [], words(language(request))
    if shown is not None and shown.state is not None:
        scored = checks(here, here.desks[chosen], shown.state)
    return page(
        request,
        "streams.html",
        checks=scored,
        check=next((c for c in scored if c.detector == check), None),
        mines=known,
        mine=chosen,
        name=known.get(chosen, ""),
        rows=listed,
        shown=shown,
        told=[(a, tell(here, a, t, times(request))) for a in shown.alerts] if shown else [],
        health=_health(here, user),
        waste=waste(here.desks.folder, chosen, _topics(here)) if chosen else [],
    )


def _topics(room: Room) -> Topics:
    return Topics(LAYOUTS | (room.desks.main.site.mqtt or Mqtt()).topics)


def rows(room: Room, mine: str) -> list[StreamRow]:
    """All streams of a mine: those that its SITE.toml names, and those that there are."""
    desk, sight = room.desks[mine], blindness.read(room.desks.folder).get(mine, {})
    stored = {s.stream: s for s in mines.streams(room).get(mine, ())}
    cameras = {c.name: c for c in desk.site.cameras}
    named = dict.fromkeys([*(s.name for s in desk.site.streams), *cameras, *sorted(stored)])
    alerts = [a for a in room.board.waiting(mine) if a.goes_on]
    return [_row(room, desk, name, stored.get(name), sight.get(name, {}), alerts) for name in named]


def _row(
    room: Room,
    desk: Desk,
    name: str,
    state: StreamState | None,
    sight: Mapping[str, blindness.Dark | None],
    alerts: Iterable[Row],
) -> StreamRow:
    told = next((s for s in desk.site.streams if s.name == name), None)
    camera = next((c for c in desk.site.cameras if c.name == name), None)
    video = camera is not None or (state is not None and state.kind == "video")
    place = told.location if told else camera.location if camera else ""
    own = [a for a in alerts if name in a.streams]
    return StreamRow(
        name=name,
        kind="camera" if video else told.kind if told else "other",
        unit=told.unit if told else "",
        shaft=desk.shaft(name),
        location=place,
        state=state,
        pace=_pace(room, state) if state else None,
        blind=[(d, dark.since, dark.why) for d, dark in sorted(sight.items()) if dark],
        dark=blindness.is_dark(sight),
        silent=any(name in a.silent for a in own),
        alerts=own,
    )


def _pace(room: Room, state: StreamState) -> Pace | None:
    kept: OrderedDict[Key, tuple[float, Pace | None]] = room.known.setdefault("pace", OrderedDict())
    key = Key(state.mine, state.stream)
    known = kept.get(key)
    if known is not None and known[0] == state.last:
        return known[1]
    read = room.series.views if state.kind == "video" else room.series.readings
    time = read(key, state.last - _DAY_S, state.last + 1.0).time
    made = pace(time)
    kept[key] = (state.last, made)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
    return made


def pace(time: NDArray[np.float64]) -> Pace | None:
    """How often there are reports at these times (n,), s; None of fewer than three."""
    known = np.unique(time[np.isfinite(time)])
    if len(known) < 3:
        return None
    steps = np.diff(known)
    period = float(np.median(steps[-_RECENT:]))
    gaps = steps[steps > _GAP * period]
    return Pace(period, len(gaps), float(gaps.sum()))


def _health(room: Room, user: User) -> list[tuple[str, float, list[str]]]:
    """The service's parts, s since each told something, what is wrong with it: for engineers."""
    if not user.may("engineer"):
        return []
    known = status.read(room.desks.folder)
    return [(role, told["age_s"], told.get("problems", [])) for role, told in known.items()]
