"""What is wrong with the service itself, as episodes: they become alerts of kind ``faults``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detector.apps.report import schema
from detector.apps.serve.book import Book
from detector.apps.serve.telling import iso
from detector.edge.series import EpisodeRow

#: Detectors in name only: what of the service is wrong.
UNREADABLE, FAILED, STORE = "unreadable_messages", "failed_check", "store_down"
_ALL = (UNREADABLE, FAILED, STORE)


@dataclass(frozen=True)
class Trouble:
    """Something wrong since ``since`` s: ``what`` in words, ``figure`` how much of it."""

    detector: str
    mine: str
    stream: str
    since: float
    what: str
    figure: float = 1.0

    def place(self) -> tuple[str, str, str]:
        """What tells it apart."""
        return self.mine, self.detector, self.stream


class Troubles:
    """Hands troubles to the book as they come and go."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._open: dict[tuple[str, str, str], EpisodeRow] = {}
        for mine, document in book.going_on():
            if document["detector"] in _ALL:
                row = _row(document)
                self._open[mine, row.detector, row.stream] = row

    def look(self, troubles: Iterable[Trouble], now: float) -> None:
        """Take up what is wrong now; what is not told any more is over."""
        told = {trouble.place(): trouble for trouble in troubles}
        for place, trouble in told.items():
            if place not in self._open:
                self._open[place] = row = _begun(trouble, now)
                self._book.take(trouble.mine, [row])
        for place in [p for p in self._open if p not in told]:
            row = self._open.pop(place)
            end = max(now, row.start)
            over = {"until_end": False, "end_s": end, "end": iso(end)}
            document = {**row.document, **over}
            self._book.take(place[0], [replace(row, closed=True, end=end, document=document)])


def of_ingest(status: Mapping[str, Any], mine: str) -> list[Trouble]:
    """What the process that takes in has told; ``mine`` is that of what belongs to none."""
    found = [
        Trouble(UNREADABLE, t["mine"] or mine, t["stream"], t["first"], t["what"], t["count"])
        for t in status.get("troubles", ())
    ]
    if status.get("store_trouble"):
        since = status["store_trouble_since"]
        found.append(Trouble(STORE, mine, "store", since, status["store_trouble"]))
    return found


def _begun(trouble: Trouble, now: float) -> EpisodeRow:
    named = "\n".join((*trouble.place(), repr(trouble.since)))
    episode = schema.Episode(
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        detector=trouble.detector,
        stream=trouble.stream,
        path=trouble.stream,
        start_s=trouble.since,
        end_s=max(now, trouble.since),
        start=iso(trouble.since),
        end=iso(max(now, trouble.since)),
        until_end=True,
        peak=trouble.figure,
        unit="messages" if trouble.detector == UNREADABLE else "",
        threshold=1.0,
        severity="critical" if trouble.detector == STORE else "warning",
        summary=f"{trouble.detector} on {trouble.stream}: {trouble.what}"[:500],
        evidence=schema.Evidence(figures={"reason": trouble.what[:300]}),
    )
    return _row(episode.model_dump(mode="json"))


def _row(document: Mapping[str, Any]) -> EpisodeRow:
    return EpisodeRow(
        id=document["id"],
        detector=document["detector"],
        stream=document["stream"],
        start=document["start_s"],
        end=document["end_s"],
        closed=not document["until_end"],
        peak=document["peak"],
        document=document,
    )
