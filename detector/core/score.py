"""Scores: what a detector says over time. Higher is worse; NaN is blind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Showing:
    """Where the same is shown: stream and interval [start, end] in s, ``lag`` = own - other."""

    stream: str
    start: float
    end: float
    lag: float


@dataclass(frozen=True)
class Evidence:
    """What supports a score between ``start`` and ``end`` (s): a kind, figures and another showing.

    ``stills`` are (label, stream, time) of pictures worth showing, in order.
    """

    start: float
    end: float
    kind: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    other: Showing | None = None
    stills: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True)
class Scores:
    """Scores of one detector for one stream.

    * ``time`` float64 (n,) s; ``value`` float64 (n,) in ``unit``, NaN where the detector is blind;
    * ``since`` float64 (n,) s: when what is scored began;
    * ``blind_why``: reason per distinct cause -> bool mask is not kept; ``why`` int8 (n,) indexes
      ``reasons``, -1 where judged.
    """

    detector: str
    stream: str
    unit: str
    time: F64
    value: F64
    since: F64
    why: NDArray[np.int8]
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def merged(scores: Sequence[Scores]) -> Scores:
    """Scores of one detector and stream over different times, as one (at least one)."""
    first = scores[0]
    if len(scores) == 1 and (first.time[1:] >= first.time[:-1]).all():
        return first
    reasons = tuple(dict.fromkeys(r for s in scores for r in s.reasons))
    renamed = []
    for s in scores:
        number = np.array([-1, *(reasons.index(r) for r in s.reasons)], dtype=np.int8)
        renamed.append(number[s.why.astype(np.intp) + 1])
    time = np.concatenate([s.time for s in scores])
    order = np.argsort(time, kind="stable")
    return Scores(
        detector=first.detector,
        stream=first.stream,
        unit=first.unit,
        time=time[order],
        value=np.concatenate([s.value for s in scores])[order],
        since=np.concatenate([s.since for s in scores])[order],
        why=np.concatenate(renamed)[order],
        reasons=reasons,
        evidence=tuple(e for s in scores for e in s.evidence),
    )


def highest(scores: Sequence[Scores]) -> Scores:
    """Scores of one detector and stream over the same times (a stream compared with several others)
    as one: the highest at each time, blind only where all are (at least one).

    Where a score has no row at a time, the others count.
    """
    if len(scores) == 1:
        return scores[0]
    whole = merged(scores)
    value = np.where(np.isnan(whole.value), -np.inf, whole.value)
    order = np.lexsort((value, whole.time))
    last = np.append(np.diff(whole.time[order]) > 0, True)[: len(order)]
    kept = order[last]
    return replace(
        whole,
        time=whole.time[kept],
        value=whole.value[kept],
        since=whole.since[kept],
        why=whole.why[kept],
    )
