"""What each check makes of one stream: its last score, its threshold, how much it could judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.apps.serve.desks import Desk
from detector.apps.web.room import Room
from detector.core.episode import Threshold
from detector.core.score import Scores
from detector.edge.series import StreamState

#: What is looked back, s.
BACK_S = 86400.0


@dataclass(frozen=True)
class Check:
    """``judged`` is the part of its scores of the last day that are one, ``last`` the latest of
    them and ``highest`` the highest; None where it judged nothing. ``at`` s: its last score."""

    detector: str
    judged: float
    last: float | None
    highest: float | None
    at: float
    threshold: Threshold

    @property
    def raised(self) -> bool:
        """Whether it reached its threshold."""
        return self.highest is not None and self.highest >= self.threshold.raise_at


def checks(room: Room, desk: Desk, state: StreamState) -> list[Check]:
    """The checks that have scored a stream in its last day."""
    since = state.last - BACK_S
    found = []
    for detector, threshold in desk.configuration.thresholds.items():
        scores = room.series.scores(desk.mine, detector, state.stream, since, np.inf)
        if len(scores.time):
            found.append(check(scores, threshold))
    return found


def check(scores: Scores, threshold: Threshold) -> Check:
    """What scores (at least one) come to."""
    known = ~np.isnan(scores.value)
    judged = scores.value[known]
    return Check(
        detector=scores.detector,
        judged=float(known.mean()),
        last=float(judged[-1]) if len(judged) else None,
        highest=float(judged.max()) if len(judged) else None,
        at=float(scores.time[-1]),
        threshold=threshold,
    )
