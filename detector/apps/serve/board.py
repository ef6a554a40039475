"""All alerts in few words each, as the ledger tells them; the whole of one is read when asked for.

Of a hundred thousand alerts only what lists, filters and counts need is in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from sys import intern
from threading import RLock
from typing import Any

from detector.apps.serve.view import placed
from detector.edge.ledger import BadEntry, Entry
from detector.edge.ledger_tail import Tail

#: Kinds of entries that belong to an alert's history.
HISTORY = ("alert", "handled", "comment", "assigned", "sent", "failed")
_TOLD = ("state", "severity", "disposition", "by", "note", "channel", "error", "escalated")
#: Entries that are read before others have their turn.
_PIECE = 200
_TOLD_TOO = ("to", "due", "closed", "given_up")


@dataclass(frozen=True)
class Row:
    """An alert in few words: as the ledger's document of it, times ISO 8601 in UTC.

    ``kinds`` are (detector, kind) of its episodes, ``streams`` theirs; ``silent`` streams of which
    a silence goes on. ``place`` is where its entry is; ``handled`` the entry that handled it last.
    """

    id: str
    mine: str
    shaft: str
    state: str
    severity: str
    title: str
    opened: str
    updated: str
    closed: str | None
    disposition: str | None
    escalated: int
    seq: int
    hash: str
    place: int
    handled: int
    kinds: tuple[tuple[str, str], ...]
    streams: tuple[str, ...]
    silent: tuple[str, ...]
    assigned: str = ""
    due: str = ""

    @property
    def needs(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state != "done"

    @property
    def presses(self) -> bool:
        """Whether that is worth a regulator's time: not mere information on what is over."""
        return self.state != "done" and (self.closed is None or self.severity != "info")

    @property
    def goes_on(self) -> bool:
        """Whether it is not over."""
        return self.closed is None


class Board:
    """The alerts of a ledger; ``broken`` says where it cannot be read on, None where it can."""

    def __init__(self, path: Path) -> None:
        self._tail, self._lock = Tail(path), RLock()
        self._rows: dict[str, Row] = {}
        self._of: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._waiting: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._history: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.places: list[int] = []
        self.kinds: list[str] = []
        self.seq = 0
        self.broken: str | None = None
        self.loading = False
        self._changed: dict[str, int] = {}

    def load(self) -> None:
        """Read a long ledger piece by piece: others see what has been read, and ``loading``."""
        self.loading = True
        try:
            while self._read(_PIECE):
                pass
        finally:
            self.loading = False

    def refresh(self) -> int:
        """Read what has been written since; the number of the last entry."""
        if not self.loading:
            self._read(None)
        return self.seq

    def _read(self, most: int | None) -> bool:
        """Read so many entries at most; whether there may be more."""
        with self._lock:
            if not self._tail.grown():
                return False
            before = self.seq
            try:
                for place, entry in islice(self._tail.new(), most):
                    self._take(place, entry)
                self.broken = None
            except BadEntry as error:
                self.broken = f"{self.seq + 1}: {error}"
                return False
            return most is not None and self.seq - before == most

    def rows(
        self, sees: Callable[[str], bool], wanted: Callable[[Row], bool] = lambda _: True
    ) -> Iterator[Row]:
        """The alerts of the mines that may be seen, the last updated first."""
        with self._lock:
            known = list(reversed(self._rows.values()))
        return (row for row in known if sees(row.mine) and wanted(row))

    def of_mine(self, mine: str) -> list[Row]:
        """A mine's alerts, the last updated first."""
        with self._lock:
            return [self._rows[i] for i in reversed(self._of[mine])] if mine in self._of else []

    def waiting(self, mine: str) -> list[Row]:
        """A mine's alerts that somebody still has to do something about, last updated first."""
        with self._lock:
            named = reversed(self._waiting[mine]) if mine in self._waiting else ()
            return [self._rows[i] for i in named]

    def changed(self, mine: str) -> int:
        """The last entry about an alert of a mine, 0 where there is none."""
        return self._changed.get(mine, 0)

    def mines(self) -> list[str]:
        """The mines that have alerts."""
        with self._lock:
            return sorted(self._of)

    def latest(self, sees: Callable[[str], bool]) -> int:
        """The last entry about an alert of the mines that may be seen, 0 where there is none."""
        with self._lock:
            return max((seq for mine, seq in self._changed.items() if sees(mine)), default=0)

    def row(self, identity: str) -> Row | None:
        """An alert in few words."""
        with self._lock:
            return self._rows.get(identity)

    def document(self, row: Row) -> dict[str, Any]:
        """The whole of an alert, with its place in the ledger; its state as handled last."""
        entry = self._tail.entry(row.place)
        return {**placed(entry), "state": row.state, "disposition": row.disposition}

    def history(self, identity: str) -> list[dict[str, Any]]:
        """What happened to an alert, the oldest first."""
        with self._lock:
            return list(self._history[identity]) if identity in self._history else []

    def entries(self, first: int, count: int) -> list[Entry]:
        """So many entries of the ledger from number ``first`` on, backwards."""
        with self._lock:
            places = self.places[max(first - count, 0) : first]
        return [self._tail.entry(place) for place in reversed(places)]

    def close(self) -> None:
        """Let go of the ledger."""
        self._tail.close()

    def _take(self, place: int, entry: Entry) -> None:
        self.seq = entry.seq
        self.places.append(place)
        self.kinds.append(intern(entry.kind))
        told = entry.document
        if entry.kind not in HISTORY:
            return
        named = [told.get("id")] if entry.kind == "alert" else _named(told)
        for identity in filter(None, named):
            before = self._rows.get(identity)
            after = _after(before, place, entry)
            if after is not None:
                self._put(before, after)
            if identity in self._rows:
                self._changed[self._rows[identity].mine] = self.seq
            _add(self._history[identity], _event(entry))

    def _put(self, before: Row | None, after: Row) -> None:
        if before is None or after.seq != before.seq:
            self._rows.pop(after.id, None)
            self._of[after.mine].pop(after.id, None)
        self._rows[after.id] = after
        self._waiting[after.mine].pop(after.id, None)
        if after.needs:
            self._waiting[after.mine][after.id] = None
        self._of[after.mine][after.id] = None


def _named(told: Mapping[str, Any]) -> Iterable[Any]:
    return told["alerts"] if isinstance(told.get("alerts"), dict) else [told.get("alert")]


def _after(before: Row | None, place: int, entry: Entry) -> Row | None:
    told = entry.document
    if entry.kind == "alert":
        row = _row(place, entry)
        if before is None:
            return row
        row = replace(row, assigned=before.assigned, due=before.due)
        if before.handled > row.handled:  # handled since: the next entry will say so
            row = replace(
                row, state=before.state, disposition=before.disposition, handled=before.handled
            )
        return row
    if before is None:
        return None
    if entry.kind == "handled" and told.get("state"):
        state = str(told["state"])
        disposition = told.get("disposition") or (before.disposition if state != "open" else None)
        return replace(before, state=state, disposition=disposition, handled=entry.seq)
    if entry.kind == "assigned":
        return replace(before, assigned=told.get("to") or "", due=told.get("due") or "")
    return None


def _row(place: int, entry: Entry) -> Row:
    told = entry.document
    episodes = [e for e in told.get("episodes", ()) if not _withdrawn(e)]
    kinds = ((e["detector"], (e.get("evidence") or {}).get("kind") or "") for e in episodes)
    silent = (e["stream"] for e in episodes if e["detector"] == "silence" and e["until_end"])
    return Row(
        id=told["id"],
        mine=told["mine"],
        shaft=told["shaft"] or "",
        state=told["state"],
        severity=told["severity"],
        title=told["title"],
        opened=told["opened"],
        updated=told["updated"],
        closed=told["closed"],
        disposition=told["disposition"],
        escalated=told.get("escalated", 0),
        seq=entry.seq,
        hash=entry.hash,
        place=place,
        handled=told.get("handled", 0),
        kinds=tuple(dict.fromkeys(kinds)),
        streams=tuple(dict.fromkeys(e["stream"] for e in episodes)),
        silent=tuple(dict.fromkeys(silent)),
    )


def _withdrawn(episode: Mapping[str, Any]) -> bool:
    return bool((episode.get("evidence") or {}).get("withdrawn"))


def _event(entry: Entry) -> dict[str, Any]:
    keys = (*_TOLD, *_TOLD_TOO)
    told = {k: entry.document[k] for k in keys if entry.document.get(k) is not None}
    if entry.kind == "alert":
        told["findings"] = len(entry.document.get("episodes", ()))
        told["findings"] += len(entry.document.get("earlier_episodes", ()))
    return {"seq": entry.seq, "time": entry.time, "kind": entry.kind, **told}


def _add(events: list[dict[str, Any]], event: dict[str, Any]) -> None:
    """Take up an event: one that only goes on with the last of its kind is folded into it."""
    for at in range(len(events) - 1, max(len(events) - 3, -1), -1):
        before = events[at]
        if before["kind"] == event["kind"] and _goes_on(before, event):
            since, first = before.get("since", before["time"]), before.get("first", before["seq"])
            events[at] = {**event, "since": since, "first": first}
            return
        if before["kind"] not in ("alert", "sent"):
            break
    events.append(event)


def _goes_on(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether an alert only has other findings, or the same channel was told again."""
    if after["kind"] not in ("alert", "sent"):
        return False
    varying = {"seq": 0, "time": "", "findings": 0, "since": "", "first": 0, "closed": ""}
    same = {**before, **varying} == {**after, **varying}
    return same and bool(before.get("closed")) == bool(after.get("closed"))
