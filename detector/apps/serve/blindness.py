"""What cannot be judged just now: the judge writes it, the console reads it.

By mine and stream the detectors that are blind at the end of what they judged, since when, and why.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from detector.core.score import Scores

#: mine -> stream -> detector -> (since s, why).
Blind = dict[str, dict[str, dict[str, tuple[float, str]]]]
_FILE = "blind.json"


class Blindness:
    """Takes up judgements; writes what has changed at most every ``every_s`` s."""

    def __init__(self, folder: Path, every_s: float = 2.0) -> None:
        self._path, self._every_s = folder / _FILE, every_s
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._known: Blind = {}
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
            if detectors.get(detector) == told:
                continue
            self._changed = True
            if told is None:
                detectors.pop(detector, None)
            else:
                detectors[detector] = told

    def write(self, now: float) -> None:
        """Write it down if it is time to; ``now`` s counts on. A full disk is no reason to stop."""
        if not self._changed or now - self._written < self._every_s:
            return
        self._changed, self._written = False, now
        told = {m: {s: d for s, d in streams.items() if d} for m, streams in self._known.items()}
        beside = self._path.with_suffix(f".{os.getpid()}")
        try:
            beside.write_text(json.dumps(told), "utf-8")
            beside.replace(self._path)
        except OSError:
            beside.unlink(missing_ok=True)


def blind_at_the_end(scores: Scores) -> tuple[float, str] | None:
    """Since when a detector has been blind and why; None where it judged last."""
    if not len(scores.time) or not np.isnan(scores.value[-1]):
        return None
    judged = np.flatnonzero(~np.isnan(scores.value))
    first = int(judged[-1]) + 1 if len(judged) else 0
    why = int(scores.why[-1])
    return float(scores.time[first]), scores.reasons[why] if why >= 0 else ""


def read(folder: Path) -> Blind:
    """What was written last."""
    path = folder / _FILE
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _parsed(path: Path, _: int) -> Blind:
    try:
        told = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        mine: {s: {d: (float(at), str(why)) for d, (at, why) in ds.items()} for s, ds in ss.items()}
        for mine, ss in told.items()
    }
