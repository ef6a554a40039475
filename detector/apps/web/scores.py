"""Stored scores for the tuning page, kept for a while: the next value of a threshold needs them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from detector.apps.serve.board import Row
from detector.apps.tune.labels import Label, labels_of
from detector.apps.tune.material import Material, Wanted, loaded, names_of
from detector.apps.watches import bindings
from detector.apps.web.mines import streams
from detector.apps.web.room import Room

#: Rows of scores that are kept in all, and for how long, s.
_ROWS, _KEPT_S = 6_000_000, 120.0


class Scored:
    """The material of the last answers."""

    def __init__(self, room: Room) -> None:
        self._room, self._lock = room, Lock()
        self._known: OrderedDict[Wanted, tuple[float, Material]] = OrderedDict()
        self._labels: dict[tuple[str, int, str | None, str], list[Label]] = {}

    def material(self, wanted: Wanted) -> Material:
        """The scores wanted, with what people have said by now. StoreUnavailable."""
        with self._lock:
            at, known = self._known.pop(wanted, (0.0, None))
            if known is None or time.monotonic() - at > _KEPT_S:
                names = self.names(wanted.mine)
                at, known = time.monotonic(), loaded(self._room.series, wanted, names, list)
            self._known[wanted] = at, known
            while len(self._known) > 1 and sum(m.count() for _, m in self._known.values()) > _ROWS:
                self._known.popitem(last=False)
            known.labels = self._said(wanted)
            return known

    def names(self, mine: str) -> list[str]:
        """What scores of a mine may be of."""
        return names_of(self._room.series, self._room.desks, mine)

    def detectors(self, mine: str) -> list[str]:
        """The checks that look at a mine's streams."""
        known = streams(self._room).get(mine, [])
        cameras = tuple(s.stream for s in known if s.kind == "video")
        reported = tuple(s.stream for s in known if s.kind != "video")
        bound = bindings(self._room.desks[mine].site, cameras, reported)
        return list(dict.fromkeys(name for name, _ in bound))

    def _said(self, wanted: Wanted) -> Sequence[Label]:
        found = []
        rows = [r for r in self._room.board.of_mine(wanted.mine) if _tells(r, wanted.detector)]
        if len(self._labels) > 50_000:
            self._labels.clear()
        for row in rows:
            place = (row.id, row.seq, row.disposition, wanted.detector)
            if place not in self._labels:
                told = [self._room.board.document(row)]
                every = (float("-inf"), float("inf"))
                self._labels[place] = labels_of(told, wanted.mine, wanted.detector, *every)
            found += self._labels[place]
        return [
            label
            for label in found
            if label.end >= wanted.start
            and label.start < wanted.end
            and wanted.stream in (None, label.stream)
        ]


def _tells(row: Row, detector: str) -> bool:
    return any(name == detector for name, _ in row.kinds)


def scored(room: Room) -> Scored:
    """The scores of a room."""
    known = room.known.get("scored")
    if not isinstance(known, Scored):
        known = room.known["scored"] = Scored(room)
    return known
