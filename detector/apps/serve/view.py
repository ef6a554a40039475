"""The alerts as the ledger tells them, for those who only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from detector.edge.ledger import Entry, Ledger

#: Kinds of entries that belong to an alert's history.
_HISTORY = ("alert", "handled", "sent", "failed")


class View:
    """All alerts of a ledger, read on from where it was read last."""

    def __init__(self, path: Path) -> None:
        self._ledger = Ledger(path)
        self._lock = Lock()
        self._seq = 0
        self._last: dict[str, dict[str, Any]] = {}
        self._history: dict[str, list[dict[str, Any]]] = {}

    def refresh(self) -> None:
        """Read what has been written since."""
        with self._lock:
            if self._ledger.last_seq() != self._seq:
                for entry in self._ledger.entries(self._seq):
                    self._take(entry)

    def _take(self, entry: Entry) -> None:
        self._seq = entry.seq
        identity = str(entry.document.get("id" if entry.kind == "alert" else "alert", ""))
        if entry.kind == "alert":
            self._last[identity] = placed(entry)
        if entry.kind in _HISTORY:
            self._history.setdefault(identity, []).append(_event(entry))

    def alerts(self) -> Iterator[dict[str, Any]]:
        """All alerts as they are now, the last updated first."""
        self.refresh()
        return iter(
            sorted(dict(self._last).values(), key=lambda a: a["ledger"]["seq"], reverse=True)
        )

    def alert(self, identity: str) -> dict[str, Any] | None:
        """An alert with its history; None of an unknown one."""
        self.refresh()
        told = self._last.get(identity)
        return {**told, "history": self._history[identity]} if told else None

    def handle(self, identity: str, told: Mapping[str, Any]) -> Entry:
        """Write down what a person did with an alert."""
        with self._lock:
            return self._ledger.append("handled", {"alert": identity, **told})

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()


def placed(entry: Entry) -> dict[str, Any]:
    """An alert with its place in the ledger."""
    told = {k: v for k, v in entry.document.items() if k not in ("handled", "earlier_episodes")}
    return {**told, "ledger": {"seq": entry.seq, "hash": entry.hash}}


def _event(entry: Entry) -> dict[str, Any]:
    keys = ("state", "severity", "disposition", "by", "note", "channel", "error", "escalated")
    told = {k: entry.document[k] for k in keys if entry.document.get(k) is not None}
    return {"seq": entry.seq, "time": entry.time, "kind": entry.kind, **told}
