"""What the console says of alerts: title and sentence in the reader's language."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from detector.apps.report import schema
from detector.apps.report.texts import visible
from detector.apps.serve.board import Row
from detector.apps.serve.telling import told
from detector.apps.web.room import Room
from detector.apps.web.times import Times
from detector.apps.web.words import Words
from detector.edge.ledger import Entry

#: Alerts whose title and sentence are kept.
_KEPT = 4000


@dataclass(frozen=True)
class Told:
    """An alert's title and its sentence."""

    title: str
    summary: str


class _Kept:
    def __init__(self) -> None:
        self.lock, self.told = Lock(), OrderedDict[tuple[int, str, str], Told]()


def tell(room: Room, row: Row, t: Words, times: Times) -> Told:
    """Title and sentence of an alert, times by the site's clock."""
    return _kept(room, row.seq, lambda: room.board.document(row), t, times)


def tell_entry(room: Room, entry: Entry, t: Words, times: Times) -> Told:
    """Title and sentence of an alert as an entry of the ledger told it."""
    return _kept(room, entry.seq, lambda: entry.document, t, times)


def _kept(
    room: Room, seq: int, document: Callable[[], Mapping[str, Any]], t: Words, times: Times
) -> Told:
    kept: _Kept = room.known.setdefault("telling", _Kept())
    key = (seq, t.lang, times.zone)
    with kept.lock:
        if key in kept.told:
            kept.told.move_to_end(key)
            return kept.told[key]
    made = _told(document(), t, times)
    with kept.lock:
        kept.told[key] = made
        if len(kept.told) > _KEPT:
            kept.told.popitem(last=False)
    return made


def _told(document: Mapping[str, Any], t: Words, times: Times) -> Told:
    episodes = [times.local(e) for e in document["episodes"]]
    if not episodes:
        return Told(visible(document["title"]), visible(document["summary"]))
    title, summary = told(document["mine"], document["shaft"] or "", episodes, t)
    return Told(title, summary)


def episodes(document: dict[str, Any], times: Times) -> list[schema.Episode]:
    """An alert's episodes, times by the site's clock; those withdrawn last."""
    known = [schema.Episode.model_validate(times.local(e)) for e in document["episodes"]]
    return sorted(known, key=lambda e: (withdrawn(e), e.start_s))


def withdrawn(episode: schema.Episode) -> bool:
    """Whether more data have shown that it is none."""
    return bool((episode.evidence.model_extra or {}).get("withdrawn"))
