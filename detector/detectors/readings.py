"""From what a detector found in readings to scores: shared by the detectors of sensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.score import Evidence, Scores

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Finding:
    """A stretch [start, end] s that scores ``value`` throughout, with what supports it."""

    start: float
    end: float
    value: float
    evidence: Evidence


@dataclass(frozen=True)
class BlindStretch:
    """A stretch [start, end] s that cannot be judged, and why."""

    start: float
    end: float
    why: str


def scored(
    detector: str,
    stream: str,
    unit: str,
    time: F64,
    findings: Sequence[Finding],
    blind: Sequence[BlindStretch] = (),
    usual: F64 | None = None,
) -> Scores:
    """Scores at rising ``time`` (n,): those of the findings, else ``usual`` (n,) (0 without it).

    A finding counts more than blindness. A row is added at the start and end of a finding between
    rows of ``time``, so that none is lost.
    """
    ends = [t for f in findings for t in (f.start, f.end)]
    every = np.union1d(time, np.array(ends, dtype=np.float64))
    value = np.zeros(len(every)) if usual is None else np.interp(every, time, usual)
    since = every.copy()
    why = np.full(len(every), -1, dtype=np.int8)
    reasons = tuple(dict.fromkeys(b.why for b in blind))
    for stretch in blind:
        inside = (every >= stretch.start) & (every <= stretch.end)
        value[inside] = np.nan
        why[inside] = reasons.index(stretch.why)
    for finding in sorted(findings, key=lambda f: f.value):
        inside = (every >= finding.start) & (every <= finding.end)
        value[inside] = finding.value
        since[inside] = finding.start
        why[inside] = -1
    return Scores(
        detector=detector,
        stream=stream,
        unit=unit,
        time=every,
        value=value,
        since=since,
        why=why,
        reasons=reasons,
        evidence=tuple(f.evidence for f in findings),
    )


def all_blind(detector: str, stream: str, unit: str, time: F64, why: str) -> Scores:
    """Scores of a stream that cannot be judged at all."""
    whole = BlindStretch(float(time[0]), float(time[-1]), why) if len(time) else None
    return scored(detector, stream, unit, time, (), (whole,) if whole else ())
