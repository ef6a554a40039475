"""Steps that cut, join and resample: pictures missing, repeated, or of another camera."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Event
from detector.bench.footage import read_footage
from detector.bench.steps.light import noisy
from detector.bench.steps.step import Length, Seconds, Seed, Share, generator
from detector.bench.steps.transforms import Scale
from detector.bench.timeline import inserted, kept, still, unrelated
from detector.core.errors import TrueshaftError


@dataclass(frozen=True)
class Trim:
    """Only [`start_s`, +`seconds`) is kept, to the end if `seconds` is not given; no event."""

    kind: ClassVar[str] = "trim"
    start_s: Seconds = 0.0
    seconds: Length | None = None

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The kept part, its events cut to it."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        return kept(clip, first, last)


@dataclass(frozen=True)
class Join:
    """[`start_s`, +`seconds`) of another recording, before or after the clip.

    It is shown at the clip's size and rate.
    """

    kind: ClassVar[str] = "join"
    path: Path
    start_s: Seconds = 0.0
    seconds: Length | None = None
    before: bool = False

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The longer clip; no event."""
        other = matched(read_footage(self.path), clip)
        other = kept(other, *other.span(self.start_s, self.seconds, self.kind))
        return inserted(clip, 0 if self.before else len(clip), other)


@dataclass(frozen=True)
class Still:
    """The picture at `at_s` for `seconds`, under fresh sensor noise: still, but live. No event.

    It is the whole clip, or with `insert` stands between what was before and after it.
    """

    kind: ClassVar[str] = "still"
    at_s: Seconds
    seconds: Length
    sigma: Annotated[float, Field(ge=0, le=50)] = 2.0
    shot: bool = False
    insert: bool = False

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The still clip."""
        at, _ = clip.span(self.at_s, None, self.kind)
        live = still(clip, at, self.seconds)
        live = unrelated(live, 0, len(live)).drawn(
            lambda k, picture: noisy(picture, self.sigma, generator(seed, k), self.shot)
        )
        return inserted(clip, at, live) if self.insert else live


@dataclass(frozen=True)
class Gap:
    """[`start_s`, +`seconds`) is missing. Event: recording_gap with `missing_s`.

    The time stamps jump over it (the event spans the hole), or with `closed` what follows moves
    up, as if nothing had been (the event is an instant).
    """

    kind: ClassVar[str] = "gap"
    start_s: Seconds
    seconds: Length
    closed: bool = False

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip without the stretch."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        if first == 0 or last == len(clip):
            raise TrueshaftError(
                "a gap lies between pictures", f"gap: start {self.start_s:g}", "use trim instead"
            )
        start_s, end_s = clip.instant(first), clip.instant(last)
        detail = {"missing_s": end_s - start_s}
        if self.closed:
            clip = inserted(kept(clip, 0, first), first, kept(clip, last, len(clip)))
            event = Event("recording_gap", self.kind, start_s, start_s, None, {**detail})
        else:
            index = np.concatenate([np.arange(first), np.arange(last, len(clip))])
            clip = clip.rearranged(index, clip.times_s[index])
            event = Event("recording_gap", self.kind, start_s, end_s, None, {**detail})
        return clip.marked(event)


@dataclass(frozen=True)
class Repeat:
    """Single pictures shown again in place of the next, as real recorders do. No event.

    About `share` of all pictures are repeats, in runs of up to `longest` equal pictures.
    """

    kind: ClassVar[str] = "repeat"
    share: Share = 0.1
    longest: Annotated[int, Field(ge=2, le=10)] = 3

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The stuttering clip."""
        random, index, k = generator(seed), np.arange(len(clip)), 1
        starts = self.share / (self.longest / 2) / max(1e-6, 1 - self.share)
        while k < len(index):
            more = int(random.integers(1, self.longest)) if random.random() < starts else 0
            index[k : k + more] = index[k - 1]
            k += more + 1
        return clip.rearranged(index, clip.times_s)


@dataclass(frozen=True)
class Drop:
    """About `share` of the pictures, never the first, are missing; times stay. No event."""

    kind: ClassVar[str] = "drop"
    share: Share = 0.05

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with single pictures missing."""
        there = generator(seed).random(len(clip)) >= self.share
        there[0] = True
        index = np.flatnonzero(there)
        return clip.rearranged(index, clip.times_s[index])


@dataclass(frozen=True)
class Fps:
    """Shown at `rate` pictures a second: each instant shows the last picture taken by then.

    A lower rate leaves pictures out, a higher one repeats them.
    """

    kind: ClassVar[str] = "fps"
    rate: Annotated[float, Field(gt=0, le=240)]

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip at a fixed rate."""
        return resampled(clip, self.rate)


def resampled(clip: Clip, rate: float) -> Clip:
    """The clip at `rate` pictures a second, each instant showing the last one taken by then."""
    grid_s = np.arange(max(1, int(clip.duration_s * rate + 1e-6))) / rate
    index = np.searchsorted(clip.times_s, grid_s + 1e-6, side="right") - 1
    return replace(clip.rearranged(index, grid_s), period_s=1.0 / rate)


def matched(other: Clip, clip: Clip) -> Clip:
    """Other footage at the clip's size and rate, as if its camera had taken it."""
    if other.size != clip.size:
        other = Scale(size=f"{clip.size[0]}x{clip.size[1]}").apply(other, ())
    if abs(other.period_s / clip.period_s - 1) > 0.01:
        other = resampled(other, 1 / clip.period_s)
    return other
