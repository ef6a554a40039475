"""From a match of readings to a finding: shared by the detectors of copies and replays."""

from __future__ import annotations

import numpy as np

from detector.core.score import Evidence, Showing
from detector.detectors.readings import Finding
from detector.signals.grid import Grid
from detector.signals.matches import Match


def finding_of(match: Match, grid: Grid, other: str) -> Finding:
    """A match as it is told."""
    start, end = float(grid.time[match.first]), float(grid.time[match.last])
    lag = match.lag * float(grid.time[1] - grid.time[0])
    figures: dict[str, object] = {"bits": round(match.bits, 1)}
    if match.exact:
        figures["offset"] = round(match.offset, 6)
    else:
        figures |= {
            "correlation": round(float(np.sqrt(1 - match.unexplained)), 3),
            "usual_correlation": round(float(np.sqrt(max(1 - match.usual, 0.0))), 3),
            "factor": round(match.factor, 4),
            "offset": round(match.offset, 6),
        }
    showing = Showing(other, start - lag, end - lag, lag)
    kind = "exact" if match.exact else "alike"
    return Finding(start, end, match.bits, Evidence(start, end, kind, figures, showing))
