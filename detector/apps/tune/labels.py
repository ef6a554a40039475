"""What people said of alerts, as labels of stretches of time of streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Opinion = Literal["confirmed", "unfounded", "undecided"]

_PICTURES = frozenset({"frozen_frame", "replayed_video", "duplicated_video"})
_VIEWS = frozenset({"uninformative_frame", "moved_camera"})
_WORK = frozenset({"inconsistent_production", "inconsistent_readings", "inconsistent_shaft"})
_GONE = frozenset(
    {"silence", "recording_gap", "uninformative_frame", "frozen_frame", "flat_signal"}
)

#: What was found of an alert confirms these checks (None: every one): what they told was so. A
#: covered lens confirms who told that the view is lost, not who told that the picture is held.
CONFIRMS: Mapping[str, frozenset[str] | None] = {
    "suspected_illegal_production": None,
    "abnormal_equipment_start": _WORK,
    "person_entering": _WORK,
    "occlusion_or_angle": _VIEWS,
    "offline": _GONE,
}
#: And it says of these that there was nothing in it, or something that nobody needs to be told. Of
#: dispositions and checks that stand in neither table nothing follows for a threshold.
UNFOUNDS: Mapping[str, frozenset[str] | None] = {
    "false_alarm": None,
    "maintenance": None,
    "calibration": None,
    "non_transport_vehicle": None,
    "passer_by": None,
    "occlusion_or_angle": _PICTURES,
}


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


def opinion_of(disposition: str | None, detector: str) -> Opinion:
    """What a disposition says of the check that told.

    >>> opinion_of("offline", "silence"), opinion_of("offline", "copied_signal")
    ('confirmed', 'undecided')
    >>> opinion_of("false_alarm", "silence"), opinion_of(None, "silence")
    ('unfounded', 'undecided')
    """
    told = disposition or ""
    if told in CONFIRMS and _of(CONFIRMS[told], detector):
        return "confirmed"
    return "unfounded" if told in UNFOUNDS and _of(UNFOUNDS[told], detector) else "undecided"


def _of(detectors: frozenset[str] | None, detector: str) -> bool:
    return detectors is None or detector in detectors


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
        opinion, alone = opinion_of(alert["disposition"], detector), len(own) == len(parts)
        found += [
            Label(alert["id"], e["stream"], e["start_s"], e["end_s"], opinion, alone)
            for e in own
            if e["end_s"] >= start and e["start_s"] < end
        ]
    return found
