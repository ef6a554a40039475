"""Mines and shafts with their state: what is wrong, what is silent, what cannot be judged."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from detector.apps.serve import blindness
from detector.apps.serve.board import Row
from detector.apps.serve.desks import Desk
from detector.apps.web.room import Room
from detector.core.alert import SEVERITIES
from detector.edge.accounts import User
from detector.edge.series import StreamState

#: What streams there are is asked of the store this often, s.
_STREAMS_S = 2.0
#: An alert recurs where its mine had one of the same kind within so many days.
RECURS_DAYS = 90.0


@dataclass
class ShaftState:
    """A shaft, or ("") what of the mine belongs to none. ``worst``: the severity of what is open,
    "" of nothing. ``silent`` and ``blind`` are streams."""

    name: str
    streams: list[str] = field(default_factory=list)
    cameras: list[str] = field(default_factory=list)
    alerts: list[Row] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    blind: set[str] = field(default_factory=set)

    @property
    def worst(self) -> str:
        """The worst severity of its open alerts."""
        return max((a.severity for a in self.alerts), key=rank, default="")

    @property
    def unanswered(self) -> int:
        """Alerts that nobody has acknowledged."""
        return sum(a.state == "open" for a in self.alerts)


@dataclass
class MineState:
    """A mine and its shafts; ``last`` s: the time of its newest data."""

    code: str
    name: str
    status: str
    shafts: list[ShaftState]
    last: float | None
    overdue: int = 0

    @property
    def alerts(self) -> list[Row]:
        """Its open alerts."""
        return [a for s in self.shafts for a in s.alerts]

    @property
    def worst(self) -> str:
        """The worst severity of its open alerts."""
        return max((s.worst for s in self.shafts), key=rank, default="")

    @property
    def unanswered(self) -> int:
        """Alerts that nobody has acknowledged."""
        return sum(s.unanswered for s in self.shafts)

    @property
    def silent(self) -> int:
        """Streams gone silent."""
        return sum(len(s.silent) for s in self.shafts)

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


def mines(room: Room, user: User, only: str = "") -> list[MineState]:
    """The mines that a user sees (or one of them), those in the worst state first."""
    room.board.refresh()
    stored = streams(room)
    named = room.desks.main.site.mine
    codes = {*stored, *room.board.mines(), *([named.code] if named else [])}
    blind = blindness.read(room.desks.folder)
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(room.clock()))
    found = [
        mine_state(room.desks[code], stored.get(code, ()), room.board.of_mine(code), blind, now)
        for code in codes
        if user.sees(code) and only in ("", code)
    ]
    return sorted(found, key=_order)


def mine_state(
    desk: Desk,
    stored: Iterable[StreamState],
    alerts: Sequence[Row],
    blind: blindness.Blind,
    now: str,
) -> MineState:
    """The state of one mine; ``now`` is ISO 8601 in UTC."""
    shafts: dict[str, ShaftState] = {}

    def shaft(name: str) -> ShaftState:
        return shafts.setdefault(name, ShaftState(name))

    last = None
    site = desk.site
    video = {c.name for c in site.cameras}
    reported = {s.name for s in site.streams}
    for state in stored:
        last = state.last if last is None else max(last, state.last)
        (video if state.kind == "video" else reported).add(state.stream)
    for name in sorted(video):
        shaft(desk.shaft(name)).cameras.append(name)
    for name in sorted(reported - video):
        shaft(desk.shaft(name)).streams.append(name)
    open_alerts = [a for a in alerts if a.needs and (a.goes_on or a.severity != "info")]
    for alert in open_alerts:
        shaft(alert.shaft).alerts.append(alert)
    for stream in {name for alert in alerts if alert.goes_on for name in alert.silent}:
        shaft(desk.shaft(stream)).silent.add(stream)
    for stream in blind.get(desk.mine, {}):
        shaft(desk.shaft(stream)).blind.add(stream)
    told = site.mine
    return MineState(
        code=desk.mine,
        name=told.name if told else "",
        status=told.status if told else "",
        shafts=sorted(shafts.values(), key=lambda s: (not s.name, s.name)),
        last=last,
        overdue=sum(bool(a.due) and a.due < now for a in open_alerts),
    )


def rank(severity: str) -> int:
    """The place of a severity, the higher the worse; of none 0."""
    return SEVERITIES.index(severity) + 1 if severity in SEVERITIES else 0


def _order(mine: MineState) -> tuple[object, ...]:
    return -rank(mine.worst), -mine.unanswered, -mine.silent, -mine.blind, mine.code
