"""What an alert says: its title, its summary, and its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from detector.apps.audit.verdicts import timed
from detector.apps.report import cases, schema, sentences
from detector.apps.report.texts import Texts, visible
from detector.core.alert import Alert, Part, group_of
from detector.core.verdict import verdict_of

SCHEMA = "trueshaft.alert/1"
#: Episodes that a document tells, the newest.
_TOLD = 40
_CURVES = frozenset({"readings", "other_readings", "distribution", "similarity", "score"})


@cache
def english() -> Texts:
    """The texts of what is kept."""
    return Texts("en")


def document(alert: Alert, episodes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """An alert as it is sent, without its place in the ledger; ``episodes`` are by id."""
    shown = [dict(episodes[p.id]) for p in alert.parts if p.id in episodes]
    title, summary = told(alert.mine, alert.shaft, shown, english())
    return {
        "schema": SCHEMA,
        "id": alert.id,
        "mine": alert.mine,
        "shaft": alert.shaft or None,
        "state": alert.state,
        "severity": alert.severity,
        "title": title,
        "summary": summary,
        "opened": iso(alert.opened),
        "updated": iso(alert.updated),
        "closed": iso(alert.closed) if alert.closed is not None else None,
        "episodes": shown[-_TOLD:],
        "disposition": alert.disposition,
        "escalated": alert.escalated,
        "earlier_episodes": [e["id"] for e in shown[:-_TOLD]],
    }


def slim(episode: Mapping[str, Any]) -> dict[str, Any]:
    """An episode without its curves, which the store has."""
    evidence = {k: v for k, v in (episode.get("evidence") or {}).items() if k not in _CURVES}
    return {**episode, "evidence": evidence}


def alert_of(told: Mapping[str, Any]) -> Alert:
    """The alert of a document."""
    parts = tuple(part_of(e) for e in told["episodes"])
    return Alert(
        id=told["id"],
        mine=told["mine"],
        shaft=told["shaft"] or "",
        group=group_of(parts[0].detector) if parts else "evidence",
        severity=told["severity"],
        opened=unix(told["opened"]),
        updated=unix(told["updated"]),
        closed=unix(told["closed"]) if told["closed"] is not None else None,
        state=told["state"],
        disposition=told["disposition"],
        escalated=told["escalated"],
        parts=parts,
    )


def part_of(episode: Mapping[str, Any]) -> Part:
    """An episode's document as part of an alert."""
    return Part(
        id=episode["id"],
        detector=episode["detector"],
        stream=episode["stream"],
        start=episode["start_s"],
        end=episode["end_s"],
        closed=not episode["until_end"],
        severity=episode["severity"],
    )


def told(
    mine: str, shaft: str, episodes: Sequence[Mapping[str, Any]], texts: Texts
) -> tuple[str, str]:
    """Title and summary of an alert with these episodes, in the language of ``texts``."""
    known = [schema.Episode.model_validate(e) for e in episodes]
    standing = [e for e in known if not (e.evidence.model_extra or {}).get("withdrawn")]
    shown = standing or known
    by_id = {e.id: e for e in shown}
    verdict = verdict_of([timed(e, 0.0).claim() for e in shown])
    if verdict is None:
        return texts("alert.title", where=visible(mine), what=""), ""
    counted = [by_id[c.identity] for c in verdict.claims]
    first = min(counted, key=lambda e: e.start_s)
    case = schema.Verdict(
        shaft=shaft or None,
        kind=verdict.kind,
        sure=verdict.sure,
        independent=verdict.independent,
        since=first.start,
        since_s=first.start_s,
        summary="-",
        episodes=[c.identity for c in verdict.claims],
    )
    where = texts("case.shaft", shaft=visible(shaft)) if shaft else texts("case.mine")
    kinds = dict.fromkeys(sentences.title(e, texts) for e in counted)
    what = texts.names([*kinds][:2])
    summary = cases.sentence(case, counted, texts)
    if not standing:
        summary = texts.sentences([texts("alert.withdrawn"), summary])
    return texts("alert.title", where=where, what=what), summary


def iso(at: float) -> str:
    """ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def unix(text: str) -> float:
    """Unix seconds of ISO 8601."""
    return datetime.fromisoformat(text).timestamp()
