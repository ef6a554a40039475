"""What people said of alerts, as labels of stretches of time of streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Opinion = Literal["confirmed", "unfounded", "undecided"]

#: What the check told was so: it was right to tell it.
CONFIRMED = frozenset(
    {
        "suspected_illegal_production",
        "abnormal_equipment_start",
        "person_entering",
        "occlusion_or_angle",
        "offline",
    }
)
#: There was nothing in it, or something that nobody needs to be told. Of the others (dispatcher
#: absent, other) nothing follows for a threshold.
UNFOUNDED = frozenset(
    {"false_alarm", "maintenance", "calibration", "non_transport_vehicle", "passer_by"}
)


@dataclass(frozen=True)
class Label:
    """A stretch [start, end] (s, Unix) of a stream that is part of an alert, and what it was found
    to be. ``alone``: the alert has no part of another detector, which would keep it."""

    alert: str
    stream: str
    start: float
    end: float
    opinion: Opinion
    alone: bool = True


def opinion_of(disposition: str | None) -> Opinion:
    """What a disposition says of the check that told.

    >>> opinion_of("false_alarm"), opinion_of("offline"), opinion_of(None)
    ('unfounded', 'confirmed', 'undecided')
    """
    if disposition in CONFIRMED:
        return "confirmed"
    return "unfounded" if disposition in UNFOUNDED else "undecided"


def labels_of(
    alerts: Iterable[Mapping[str, Any]], mine: str, detector: str, start: float, end: float
) -> list[Label]:
    """The labels that the alerts of a mine give to a detector's episodes within a stretch."""
    found = []
    for alert in alerts:
        if alert["mine"] != mine:
            continue
        parts = [e for e in alert["episodes"] if not (e.get("evidence") or {}).get("withdrawn")]
        own = [e for e in parts if e["detector"] == detector]
        opinion, alone = opinion_of(alert["disposition"]), len(own) == len(parts)
        found += [
            Label(alert["id"], e["stream"], e["start_s"], e["end_s"], opinion, alone)
            for e in own
            if e["end_s"] >= start and e["start_s"] < end
        ]
    return found
