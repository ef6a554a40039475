"""What cannot be judged just now: the judge writes it, the console reads it.

By mine and stream the checks that have looked at it: null where one judged last, else since when
it is blind, why, and whether it has lost sight: it had judged before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from detector.core.score import Scores


class Dark(NamedTuple):
    """A check that is blind: since s (Unix), why, and whether it had judged before."""

    since: float
    why: str
    lost: bool


#: stream -> detector -> what it is blind to, None of nothing.
Sight = dict[str, dict[str, Dark | None]]
_FILE = "blind.json"


class Blindness:
    """Takes up judgements; writes what has changed at most every ``every_s`` s."""

    def __init__(self, folder: Path, every_s: float = 2.0) -> None:
        self._path, self._every_s = folder / _FILE, every_s
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, Sight] = {}
        self._changed, self._written = True, float("-inf")

    def take(self, mine: str, scores: Iterable[Scores]) -> None:
        """What a judgement ended with."""
        parts: dict[tuple[str, str], list[Scores]] = {}
        for one in scores:
            parts.setdefault((one.stream, one.detector), []).append(one)
        for (stream, detector), blocks in parts.items():
            ends = [blind_at_the_end(block) for block in blocks]
            told = None if None in ends else ends[0]
            detectors = self._known.setdefault(mine, {}).setdefault(stream, {})
            known = detector in detectors
            before = detectors.get(detector)
            if told is not None and known:
                since = told.since if before is None else min(before.since, told.since)
                lost = told.lost or before is None or before.lost
                told = Dark(since, told.why, lost)
            if not known or before != told:
                detectors[detector] = told
                self._changed = True

    def write(self, now: float) -> None:
        """Write it down if it is time to; ``now`` s counts on. A full disk is no reason to stop."""
        if not self._changed or now - self._written < self._every_s:
            return
        self._changed, self._written = False, now
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            beside.write_text(json.dumps(self._known), "utf-8")
            beside.replace(self._path)
        except OSError:
            beside.unlink(missing_ok=True)


def blind_at_the_end(scores: Scores) -> Dark | None:
    """Since when a detector has been blind and why; None where it judged last."""
    if not len(scores.time) or not np.isnan(scores.value[-1]):
        return None
    judged = np.flatnonzero(~np.isnan(scores.value))
    first = int(judged[-1]) + 1 if len(judged) else 0
    why = int(scores.why[-1])
    told = scores.reasons[why] if why >= 0 else ""
    return Dark(float(scores.time[first]), told, len(judged) > 0)


def blind_until(scores: Sequence[Scores]) -> float | None:
    """The newest time of scores that all end blind, None where one of them judged last."""
    if not scores or any(blind_at_the_end(one) is None for one in scores):
        return None
    return max(float(one.time[-1]) for one in scores)


def is_dark(checks: Mapping[str, Dark | None]) -> bool:
    """Whether a stream is to be looked after: a check has lost sight of it, or none sees it."""
    blind = [dark for dark in checks.values() if dark is not None]
    return bool(blind) and (len(blind) == len(checks) or any(dark.lost for dark in blind))


def read(folder: Path) -> dict[str, Sight]:
    """What was written last, by mine."""
    path = folder / _FILE
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _parsed(path: Path, _: int) -> dict[str, Sight]:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        mine: {
            stream: {d: None if dark is None else Dark(*dark) for d, dark in checks.items()}
            for stream, checks in streams.items()
        }
        for mine, streams in told.items()
    }
