"""What an entry of the ledger says, in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detector.apps.report.sentences import detector_name
from detector.apps.report.texts import visible
from detector.apps.web.room import Room
from detector.apps.web.telling import tell, tell_entry
from detector.apps.web.times import Times
from detector.apps.web.words import Words
from detector.edge.ledger import Entry

_LONG = 400
#: What is shown elsewhere, or says nothing to people.
_APART = frozenset({"by", "alert", "alerts", "text", "sha256", "before_sha256", "public_key"})
#: Values that have a text of their own, by the name of their field.
_TEXTS = {
    "state": "c.state.",
    "disposition": "disposition.",
    "role": "c.role.",
    "why": "c.refused.",
    "severity": "severity.",
}
#: What is told first.
_FIRST = ("user", "token", "what", "state", "disposition", "to", "due", "changes")
_TIMES = frozenset({"due"})


@dataclass(frozen=True)
class Said:
    """``kind`` and ``what`` of an entry for people; ``alert``: the alert it is about, "" if none;
    ``note``: what somebody wrote."""

    kind: str
    what: str
    alert: str = ""
    note: str = ""


def said(room: Room, entry: Entry, t: Words, times: Times) -> Said:
    """An entry in words."""
    kind = t.get(f"c.ledger.kind_{entry.kind}", visible(entry.kind))
    told = entry.document
    if entry.kind == "alert":
        title = tell_entry(room, entry, t, times).title
        state = t(f"c.state.{told['state']}")
        return Said(kind, f"{state} · {title}", told["id"])
    what = _listed(told, t, times)
    alert = str(told.get("alert") or "")
    row = room.board.row(alert) if alert else None
    if row is None:
        return Said(kind, what, "", visible(str(told.get("note") or "")))
    title = tell(room, row, t, times).title
    what = f"{title} · {what}" if what else title
    return Said(kind, what, alert, visible(str(told.get("note") or "")))


def _listed(told: Mapping[str, Any], t: Words, times: Times) -> str:
    parts = []
    known = {key: told[key] for key in _FIRST if key in told} | dict(told)
    for key, value in known.items():
        if key in _APART or key == "note" or value in (None, "", [], {}):
            continue
        name = t.get(f"c.ledger.of_{key}", visible(key))
        parts.append(f"{name} {_value(key, value, t, times)}")
    if isinstance(told.get("alerts"), dict) and len(told["alerts"]) > 1:
        parts.append(t("c.ledger.alerts", n=len(told["alerts"])))
    whole = " · ".join(parts)
    return whole if len(whole) <= _LONG else whole[:_LONG] + "…"


def _value(key: str, value: Any, t: Words, times: Times) -> str:
    if key in _TEXTS and isinstance(value, str):
        return t.get(f"{_TEXTS[key]}{value}", visible(value))
    if key in _TIMES:
        return times.full(value)
    if key == "changes":
        return "; ".join(_change(c, t) for c in value if isinstance(c, dict))
    if key in ("before", "after") and isinstance(value, dict):
        inner = (
            f"{t.get(f'c.ledger.of_{k}', k)} {_value(k, v, t, times)}" for k, v in value.items()
        )
        return f"({', '.join(inner)})"
    if isinstance(value, bool):
        return t("c.ledger.yes" if value else "c.ledger.no")
    if value is None:
        return t("c.account.all_mines")
    if isinstance(value, list):
        return ", ".join(visible(str(v)) for v in value)
    if isinstance(value, dict):
        return visible(json.dumps(value, ensure_ascii=False, sort_keys=True))
    return visible(str(value))


def _change(change: Mapping[str, Any], t: Words) -> str:
    name = detector_name(str(change.get("detector")), t)
    return f"{name} {change.get('key')} {change.get('old')} → {change.get('new')}"
