"""Alerts: what of one shaft is told as one thing, its state, and when it is told again.

All functions are pure: an alert and what happened, at a time, give the alert after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from detector.core.verdict import FAMILY

State = Literal["open", "acknowledged", "in_progress", "done"]
Severity = Literal["info", "warning", "critical"]
#: What an alert is about: falsification, or faults that alone say little.
Group = Literal["evidence", "faults"]

STATES: tuple[State, ...] = ("open", "acknowledged", "in_progress", "done")
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
#: What a person may find an alert to have been.
DISPOSITIONS = (
    *("false_alarm", "suspected_illegal_production", "maintenance", "calibration"),
    *("non_transport_vehicle", "passer_by", "occlusion_or_angle", "dispatcher_absent"),
    *("offline", "abnormal_equipment_start", "person_entering", "other"),
)


@dataclass(frozen=True)
class Part:
    """An episode as part of an alert; ``start``, ``end`` in s (Unix)."""

    id: str
    detector: str
    stream: str
    start: float
    end: float
    closed: bool
    severity: Severity


@dataclass(frozen=True)
class Alert:
    """An alert. ``opened``, ``updated``, ``closed`` in s (Unix) by the service's clock; ``closed``:
    since when nothing of it goes on any more, None while something does. ``shaft`` "": the mine as
    a whole. ``escalated``: how often it was escalated."""

    id: str
    mine: str
    shaft: str
    group: Group
    severity: Severity
    opened: float
    updated: float
    closed: float | None = None
    state: State = "open"
    disposition: str | None = None
    escalated: int = 0
    parts: tuple[Part, ...] = ()

    def going_on(self) -> bool:
        """Whether an episode of it does."""
        return any(not part.closed for part in self.parts)


@dataclass(frozen=True)
class Policy:
    """``cool_down_s``: calm after which it is over; ``escalate_after_s``: open for so long without
    anyone acknowledging it is escalated, each further time after twice as long, ``escalations``
    times at most."""

    cool_down_s: float
    escalate_after_s: float
    escalations: int


def group_of(detector: str) -> Group:
    """The group of alerts that a detector's episodes belong to."""
    return "faults" if FAMILY.get(detector) == "faults" else "evidence"


def joins(alert: Alert, mine: str, shaft: str, part: Part) -> bool:
    """Whether an episode belongs to an alert: of the same shaft and group, neither over nor done.

    An episode that is part of it stays so whatever becomes of it.
    """
    if any(known.id == part.id for known in alert.parts):
        return alert.mine == mine
    same = (alert.mine, alert.shaft, alert.group) == (mine, shaft, group_of(part.detector))
    return same and alert.closed is None and alert.state != "done"


def opened(mine: str, shaft: str, part: Part, now: float) -> Alert:
    """The alert that an episode opens."""
    named = "\n".join((mine, shaft, group_of(part.detector), part.id))
    identity = hashlib.sha256(named.encode()).hexdigest()[:16]
    group = group_of(part.detector)
    return Alert(identity, mine, shaft, group, part.severity, now, now, parts=(part,))


def joined(alert: Alert, part: Part, now: float) -> Alert:
    """The alert with an episode that is new to it, or as it is now."""
    others = tuple(known for known in alert.parts if known.id != part.id)
    parts = tuple(sorted((*others, part), key=lambda p: (p.start, p.stream, p.detector, p.id)))
    if parts == alert.parts:
        return alert
    severity = worst(p.severity for p in parts)
    return replace(alert, parts=parts, severity=severity, updated=now)


def settled(alert: Alert, now: float, policy: Policy) -> Alert:
    """The alert, over where nothing of it went on for the cool-down."""
    if alert.closed is not None or alert.going_on() or now - alert.updated < policy.cool_down_s:
        return alert
    return replace(alert, closed=now, updated=now)


def handled(alert: Alert, state: State, disposition: str | None, now: float) -> Alert:
    """The alert as a person left it: who opens it again takes back what it was said to be.

    ValueError of an unknown disposition, or done without one.
    """
    if disposition is not None and disposition not in DISPOSITIONS:
        raise ValueError(f"{disposition!r} is no disposition: use one of {', '.join(DISPOSITIONS)}")
    kept = disposition or (alert.disposition if state != "open" else None)
    if state == "done" and kept is None:
        raise ValueError(f"say what it was: disposition is one of {', '.join(DISPOSITIONS)}")
    return replace(alert, state=state, disposition=kept, updated=now)


def escalated(alert: Alert, now: float, policy: Policy) -> Alert:
    """The alert, escalated once more where nobody has acknowledged it for too long."""
    if alert.state != "open" or alert.severity == "info" or alert.escalated >= policy.escalations:
        return alert
    if alert.closed is not None and alert.severity != "critical":
        return alert
    waited = policy.escalate_after_s * (2 ** (alert.escalated + 1) - 1)
    if now - alert.opened < waited:
        return alert
    return replace(alert, escalated=alert.escalated + 1, updated=alert.updated)


def worst(severities: Iterable[Severity]) -> Severity:
    """The worst of severities (at least one)."""
    return max(severities, key=SEVERITIES.index)


def worth_telling(before: Alert | None, after: Alert) -> bool:
    """Whether a change is told: not that an episode only goes on for longer."""
    if before is None:
        return True
    return _said(before) != _said(after)


def _said(alert: Alert) -> tuple[object, ...]:
    episodes = frozenset((p.id, p.closed) for p in alert.parts)
    over = alert.closed is not None
    return alert.severity, alert.state, alert.disposition, alert.escalated, over, episodes
