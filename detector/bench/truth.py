"""Ground truth: what was done to a recording and what a detector should find in it."""

from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from detector.bench.clip import OWN, Clip, Event, Other

SCHEMA = "trueshaft.truth/1"
_JITTER_S = 0.15
_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of one tampered recording; times are seconds from its own first picture.

    `shown` lists the stretches that show genuine footage of some stream (detector
    `duplicated_video`, kind "copy", `other` = where in that stream). `lag_s` is always own
    `start_s` - `other.start_s`: a copy that shows everything 3 s later has lag 3.
    `events` holds what the steps add, and of `shown` those of at least a second.
    """

    schema: str = SCHEMA
    stream: str
    source: str
    seed: int
    duration_s: float
    steps: tuple[dict[str, Any], ...]
    encoding: dict[str, Any]
    events: tuple[Event, ...]
    shown: tuple[Event, ...]

    def among(self, streams: set[str]) -> tuple[Event, ...]:
        """The events that can be found when `streams` are audited together with this one."""
        return tuple(e for e in self.events if e.other is None or e.other.stream in streams)

    def write(self, path: Path) -> None:
        """Writes the truth as JSON."""
        path.write_bytes(TypeAdapter(Truth).dump_json(self, indent=1) + b"\n")

    @staticmethod
    def read(path: Path) -> "Truth":
        """Reads what `write` wrote."""
        return TypeAdapter(Truth).validate_json(path.read_bytes())


def truth_path(target: Path) -> Path:
    """Where the truth of `target` is written: beside it, `TARGET.truth.json`."""
    return target.with_name(target.name + ".truth.json")


def copies(clip: Clip, at_least_s: float = 0.0) -> tuple[Event, ...]:
    """The stretches of the clip that show a stream's footage running on, of `at_least_s`."""
    lag_s = clip.times_s - clip.shown_s
    known = clip.shown_of != OWN
    joined = known[1:] & known[:-1] & (clip.shown_of[1:] == clip.shown_of[:-1])
    joined &= np.abs(np.diff(np.nan_to_num(lag_s))) < max(1.5 * clip.period_s, _JITTER_S)
    bounds = np.flatnonzero(np.concatenate([[True], ~joined, [True]]))
    found = []
    for first, last in pairwise(bounds):
        start_s, end_s = clip.instant(int(first)), clip.instant(int(last))
        if not known[first] or end_s - start_s < at_least_s:
            continue
        run_lag_s = float(np.median(lag_s[first:last]))
        other = Other(str(clip.shown_of[first]), start_s - run_lag_s, end_s - run_lag_s, run_lag_s)
        found.append(Event("duplicated_video", "copy", start_s, end_s, other))
    return tuple(found)


def shared(one: Truth, two: Truth) -> tuple[Event, ...]:
    """Where recording `one` shows the same footage as recording `two`, as events of `one`."""
    found = []
    for a in one.shown:
        for b in two.shown:
            if a.other is None or b.other is None or a.other.stream != b.other.stream:
                continue
            begin = max(a.other.start_s, b.other.start_s)
            end = min(a.other.end_s, b.other.end_s)
            if end > begin:
                lag_s = a.other.lag_s - b.other.lag_s
                other = Other(two.stream, begin + b.other.lag_s, end + b.other.lag_s, lag_s)
                start_s, end_s = begin + a.other.lag_s, end + a.other.lag_s
                found.append(Event("duplicated_video", "copy", start_s, end_s, other))
    return tuple(sorted(found, key=lambda event: event.start_s))


def truth_of(
    clip: Clip,
    stream: str,
    source: str,
    seed: int,
    steps: tuple[dict[str, Any], ...],
    encoding: dict[str, Any],
) -> Truth:
    """The truth of a finished clip that is written as recording `stream`."""
    shown = copies(clip)
    long = tuple(
        e for e in shown if e.end_s - e.start_s >= 1 and e.other and e.other.stream != stream
    )
    events = (*(_named(event, stream) for event in clip.events), *long)
    return Truth(
        stream=stream,
        source=source,
        seed=seed,
        duration_s=round(clip.duration_s, _DIGITS),
        steps=steps,
        encoding=encoding,
        events=tuple(sorted(map(_rounded, events), key=lambda e: (e.start_s, e.detector))),
        shown=tuple(map(_rounded, shown)),
    )


def _named(event: Event, stream: str) -> Event:
    if event.other is None or event.other.stream != OWN:
        return event
    return replace(event, other=replace(event.other, stream=stream))


def _rounded(event: Event) -> Event:
    other = event.other
    if other is not None:
        start_s, end_s = round(other.start_s, _DIGITS), round(other.end_s, _DIGITS)
        other = Other(other.stream, start_s, end_s, round(other.lag_s, _DIGITS))
    start_s, end_s = round(event.start_s, _DIGITS), round(event.end_s, _DIGITS)
    return replace(event, start_s=start_s, end_s=end_s, other=other)


def as_json(step: object) -> dict[str, Any]:
    """A step or an encoding as JSON values, with its kind if it has one."""
    kind = getattr(step, "kind", None)
    values = asdict(step)  # type: ignore[call-overload]
    return {"kind": kind, **values} if kind else dict(values)
