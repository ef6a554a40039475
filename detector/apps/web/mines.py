"""Mines and shafts with their state: what is wrong, what is silent, what cannot be judged."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock

from detector.apps.serve import blindness
from detector.apps.serve.board import Row
from detector.apps.serve.desks import Desk
from detector.apps.serve.telling import iso
from detector.apps.web.room import Room
from detector.core.alert import SEVERITIES
from detector.edge.accounts import User
from detector.edge.series import StreamState

#: What streams there are is asked of the store this often, s.
_STREAMS_S = 2.0
#: An alert recurs where its mine had one of the same kind within so many days.
RECURS_DAYS = 90.0
_RANKS: dict[str, int] = {severity: place for place, severity in enumerate(SEVERITIES, 1)}


@dataclass
class ShaftState:
    """A shaft, or ("") what of the mine belongs to none. ``worst``: the severity of what is open,
    "" of nothing. ``silent``, ``blind`` and ``unheard`` (configured, but nothing ever came) are
    streams."""

    name: str
    streams: list[str] = field(default_factory=list)
    cameras: list[str] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    blind: set[str] = field(default_factory=set)
    unheard: set[str] = field(default_factory=set)

    @property
    def dumb(self) -> bool:
        """Whether nothing ever came of any of its streams."""
        return len(self.unheard) == len(self.streams) + len(self.cameras)

    @cached_property
    def worst(self) -> str:
        """The worst severity of its open alerts."""
        return max((a.severity for a in self.alerts), key=rank, default="")

    @cached_property
    def unanswered(self) -> int:
        """Alerts that nobody has acknowledged."""
        return sum(a.state == "open" for a in self.alerts)


@dataclass
class MineState:
    """A mine and its shafts; ``last`` s: the time of its newest data. ``recurring``: the detector
    that most of its alerts within RECURS_DAYS tell of, and how many do."""

    code: str
    name: str
    status: str
    shafts: list[ShaftState]
    last: float | None
    overdue: int = 0
    recurring: tuple[str, int] = ("", 0)

    @property
    def alerts(self) -> list[Row]:
        """Its open alerts."""
        return [a for s in self.shafts for a in s.alerts]

    @cached_property
    def worst(self) -> str:
        """The worst severity of its open alerts."""
        return max((s.worst for s in self.shafts), key=rank, default="")

    @cached_property
    def unanswered(self) -> int:
        """Alerts that nobody has acknowledged."""
        return sum(s.unanswered for s in self.shafts)

    @property
    def silent(self) -> int:
        """Streams gone silent, and those that were never heard."""
        return sum(len(s.silent | s.unheard) for s in self.shafts)

    @property
    def blind(self) -> int:
        """Streams that some check cannot judge now."""
        return sum(len(s.blind) for s in self.shafts)

    @property
    def streams(self) -> int:
        """Its streams, cameras too."""
        return sum(len(s.streams) + len(s.cameras) for s in self.shafts)


class Streams:
    """The store's streams by mine, asked for no more often than every other second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked = float("-inf")
        self._known: dict[str, list[StreamState]] = {}

    def of(self, room: Room) -> dict[str, list[StreamState]]:
        """All streams."""
        with self._lock:
            if time.monotonic() - self._asked > _STREAMS_S:
                known: defaultdict[str, list[StreamState]] = defaultdict(list)
                for state in room.series.streams():
                    known[state.mine].append(state)
                self._known, self._asked = dict(known), time.monotonic()
            return self._known


_STREAMS = "streams"


def streams(room: Room) -> dict[str, list[StreamState]]:
    """All streams of the store, by mine."""
    known: Streams = room.known.setdefault(_STREAMS, Streams())
    return known.of(room)


@dataclass(frozen=True)
class _Known:
    """A mine's shafts without their alerts, and what they were made of."""

    made_of: tuple[object, ...]
    shafts: dict[str, ShaftState]


def codes(room: Room, user: User) -> dict[str, str]:
    """The mines that a user sees, by code: their names, "" where no SITE.toml names them."""
    named = room.desks.main.site.mine
    known = {*streams(room), *room.board.mines(), *([named.code] if named else [])}
    return {c: _name(room.desks[c]) for c in sorted(known) if user.sees(c)}


def _name(desk: Desk) -> str:
    return desk.site.mine.name if desk.site.mine else ""


def mines(room: Room, user: User) -> list[MineState]:
    """The mines that a user sees, those in the worst state first."""
    room.board.refresh()
    stored, sight = streams(room), blindness.read(room.desks.folder)
    found = [mine_state(room, c, stored.get(c, ()), sight.get(c, {})) for c in codes(room, user)]
    return sorted(found, key=_order)


def mine_state(
    room: Room,
    code: str,
    stored: Sequence[StreamState],
    sight: blindness.Sight,
) -> MineState:
    """The state of one mine."""
    desk, site = room.desks[code], room.desks[code].site
    shafts = {s.name: replace(s, alerts=[]) for s in _shafts(room, desk, stored, sight).values()}
    now, overdue = iso(room.clock()), 0
    for alert in room.board.waiting(code):
        if alert.presses:
            shafts.setdefault(alert.shaft, ShaftState(alert.shaft)).alerts.append(alert)
            overdue += bool(alert.due) and alert.due < now
    return MineState(
        code=code,
        name=site.mine.name if site.mine else "",
        status=site.mine.status if site.mine else "",
        shafts=sorted(shafts.values(), key=lambda s: (not s.name, s.name)),
        last=max((s.last for s in stored), default=None),
        overdue=overdue,
        recurring=_recurring(room, code),
    )


def _recurring(room: Room, code: str) -> tuple[str, int]:
    kept: dict[str, tuple[tuple[int, str], tuple[str, int]]] = room.known.setdefault("recurs", {})
    since = iso(room.clock() - 86400.0 * RECURS_DAYS)
    made_of = (room.board.changed(code), since[:13])
    if code not in kept or kept[code][0] != made_of:
        recent = [row for row in room.board.of_mine(code) if row.opened >= since]
        told = Counter(d for row in recent for d in {d for d, _ in row.kinds})
        kept[code] = made_of, max(told.items(), key=lambda n: (n[1], n[0]), default=("", 0))
    return kept[code][1]


def _shafts(
    room: Room, desk: Desk, stored: Sequence[StreamState], sight: blindness.Sight
) -> dict[str, ShaftState]:
    """A mine's shafts with what belongs to them, and what of that is silent or blind; made anew
    only where something of it has changed."""
    kept: dict[str, _Known] = room.known.setdefault("shafts", {})
    names = tuple(s.stream for s in stored)
    blind = tuple(s for s, checks in sight.items() if blindness.is_dark(checks))
    made_of = (names, blind, room.board.changed(desk.mine))
    known = kept.get(desk.mine)
    if known is not None and known.made_of == made_of:
        return known.shafts
    shafts: dict[str, ShaftState] = {}

    def shaft(name: str) -> ShaftState:
        return shafts.setdefault(name, ShaftState(name))

    video = {c.name for c in desk.site.cameras} | {s.stream for s in stored if s.kind == "video"}
    reported = {s.name for s in desk.site.streams} | {n for n in names if n not in video}
    for name in sorted(video):
        shaft(desk.shaft(name)).cameras.append(name)
    for name in sorted(reported - video):
        shaft(desk.shaft(name)).streams.append(name)
    alerts = [a for a in room.board.of_mine(desk.mine) if a.silent and a.goes_on]
    for stream in {name for alert in alerts for name in alert.silent}:
        shaft(desk.shaft(stream)).silent.add(stream)
    for stream in blind:
        shaft(desk.shaft(stream)).blind.add(stream)
    for stream in (video | reported).difference(names):
        shaft(desk.shaft(stream)).unheard.add(stream)
    kept[desk.mine] = _Known(made_of, shafts)
    return shafts


def rank(severity: str) -> int:
    """The place of a severity, the higher the worse; of none 0."""
    return _RANKS.get(severity, 0)


def _order(mine: MineState) -> tuple[object, ...]:
    return -rank(mine.worst), -mine.unanswered, -mine.silent, -mine.blind, mine.code
