"""Episodes of one judgement and those known before: which are the same, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from detector.apps.report.values import rounded
from detector.edge.series import EpisodeRow

#: Episodes this far apart are one, s.
SLACK_S = 1.0


def follow(
    known: Sequence[EpisodeRow],
    found: Sequence[EpisodeRow],
    since: float,
    now: float,
    raise_at: float | None = None,
    blind_at: float | None = None,
    back: Sequence[tuple[float, float]] = (),
) -> list[EpisodeRow]:
    """The episodes of one watch as they are now, those that have not changed left out.

    An episode found that overlaps one known of the same detector, stream and other stream is that
    one, whatever its figures. Its start is the one now found, which was judged of more, unless the
    judgement reached back only to ``since`` s and cut it off. One known that is found no more is
    withdrawn where it was judged again with what was before it (it begins in the newer half of what
    was judged, or nothing was cut off): more data show that it is none. But readings that were held
    back, of stretches ``back``, only end a silence: who can report late could else undo what was
    found. Else it goes on where the watch ended blind, at ``blind_at`` s: what it could be told by
    was cut off, and blind is not clean. Else it is closed, and so is one that was found by another
    threshold than ``raise_at``, that in force: it was one then.
    """
    sure = since + 0.5 * (now - since) if np.isfinite(since) else -np.inf
    left = list(known)
    result = []
    for new in sorted(found, key=lambda row: (row.start, row.id)):
        same = [old for old in left if _same(old, new)]
        left = [old for old in left if old not in same]
        result.append(_continued(same, new, since) if same else new)
        result += [_closed(old) for old in same if old.id != result[-1].id and not old.closed]
    for old in left:
        if raise_at is not None and not _found_by(old, raise_at):
            result.append(_closed(old))
        elif blind_at is not None and not old.closed and old.start < sure:
            result.append(_lasting(old, blind_at))
        elif not (old.closed and old.start < sure):
            result.append(_standing(old) if _undone(old, back) else _gone(old, sure))
    before = {row.id: row for row in known}
    return [row for row in result if _changed(before.get(row.id), row)]


def _undone(row: EpisodeRow, back: Sequence[tuple[float, float]]) -> bool:
    """Whether it may be gone only as readings of its time came long after it was found."""
    if (row.document.get("evidence") or {}).get("held_back"):
        return True
    return row.detector != "silence" and any(a <= row.end and row.start <= b for a, b in back)


def _standing(row: EpisodeRow) -> EpisodeRow:
    """It is over, and was so by what had come in time."""
    evidence: Mapping[str, Any] = row.document.get("evidence") or {}
    closed = _closed(row)
    document = {**closed.document, "evidence": {**evidence, "held_back": True}}
    return replace(closed, document=document)


def _same(old: EpisodeRow, new: EpisodeRow) -> bool:
    if (old.detector, old.stream, other_of(old)) != (new.detector, new.stream, other_of(new)):
        return False
    return old.start <= new.end + SLACK_S and new.start <= old.end + SLACK_S


def _found_by(row: EpisodeRow, raise_at: float) -> bool:
    told = row.document.get("threshold")
    return told is None or told == rounded(raise_at)


def other_of(row: EpisodeRow) -> str:
    """The stream that shows the same, "" where none does."""
    return str((row.document.get("other") or {}).get("stream", ""))


def _continued(same: Sequence[EpisodeRow], new: EpisodeRow, since: float) -> EpisodeRow:
    first = min(same, key=lambda row: (row.closed, row.start, row.id))
    cut_off = new.start <= since + SLACK_S or first.start < since
    start = min([new.start, *(row.start for row in same)]) if cut_off else new.start
    peak = max([new.peak, *(row.peak for row in same)]) if cut_off else new.peak
    document = {**new.document, "id": first.id}
    if start != new.start:
        begun = min(same, key=lambda row: row.start).document
        document |= {key: begun.get(key) for key in ("start_s", "start")} | {"peak": peak}
    return replace(new, id=first.id, start=start, peak=peak, document=document)


def _lasting(row: EpisodeRow, until: float) -> EpisodeRow:
    """It has gone on until then."""
    if until <= row.end:
        return row
    end = datetime.fromtimestamp(until, UTC).isoformat(timespec="milliseconds")
    return replace(row, end=until, document={**row.document, "end_s": until, "end": end})


def _closed(row: EpisodeRow) -> EpisodeRow:
    return replace(row, closed=True, document={**row.document, "until_end": False})


def _gone(row: EpisodeRow, sure: float) -> EpisodeRow:
    closed = _closed(row)
    if row.start < sure:
        return closed
    evidence: Mapping[str, Any] = row.document.get("evidence") or {}
    document = {**closed.document, "evidence": {**evidence, "withdrawn": True}}
    return replace(closed, document=document)


def _changed(before: EpisodeRow | None, after: EpisodeRow) -> bool:
    if before is None:
        return True
    told = [(r.start, r.end, r.closed, withdrawn(r)) for r in (before, after)]
    return told[0] != told[1]


def withdrawn(row: EpisodeRow) -> bool:
    """Whether more data have shown that it is none."""
    return bool((row.document.get("evidence") or {}).get("withdrawn"))
