"""Steps that show the camera's own past: held, looped, replayed."""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import OWN, Clip, Event, Other, Picture
from detector.bench.steps.step import Length, Seconds, Seed, Share
from detector.bench.timeline import inserted, overwritten, still, unrelated
from detector.core.errors import TrueshaftError


@dataclass(frozen=True)
class Hold:
    """The picture at `start_s` is held for `seconds`, or to the end.

    With `insert` the clip grows by the hold and goes on where it stopped. Event: frozen_frame,
    from the instant of the held picture to the first picture that is another one.
    """

    kind: ClassVar[str] = "hold"
    start_s: Seconds
    seconds: Length | None = None
    insert: bool = False

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the picture held."""
        if self.insert:
            if self.seconds is None:
                raise TrueshaftError(
                    "an inserted hold needs a length", "hold: insert", "give seconds"
                )
            first, _ = clip.span(self.start_s, None, self.kind)
            more_s = self.seconds - clip.period_s
            held = still(clip, first, max(more_s, clip.period_s))
            clip, last = inserted(clip, first + 1, held), first + 1 + len(held)
        else:
            first, last = clip.span(self.start_s, self.seconds, self.kind)
            index = np.arange(len(clip))
            index[first:last] = first
            clip = clip.rearranged(index, clip.times_s)
        event = Event("frozen_frame", self.kind, clip.instant(first), clip.instant(last))
        return unrelated(clip, first + 1, last).marked(event)


@dataclass(frozen=True)
class Loop:
    """[`start_s`, +`period_s`) is shown again `repetitions` times right after itself.

    Without `repetitions` it repeats to the end of the clip. The repetitions overwrite what
    follows; the clip grows where they outlast it. Event: replayed_video over all repetitions, with
    a lag of one period.
    """

    kind: ClassVar[str] = "loop"
    start_s: Seconds
    period_s: Length
    repetitions: Annotated[int, Field(ge=1)] | None = None

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the loop."""
        first, last = clip.span(self.start_s, self.period_s, self.kind)
        start_s, period_s = clip.instant(first), clip.instant(last) - clip.instant(first)
        until_s = (
            clip.duration_s
            if self.repetitions is None
            else start_s + period_s * (1 + self.repetitions)
        )
        rounds = int(np.ceil((until_s - start_s) / period_s - 1e-6)) - 1
        if rounds < 1:
            raise TrueshaftError(
                "nothing is left of the clip to repeat into",
                f"loop: {start_s:g} + {period_s:g} s of {clip.duration_s:.2f} s",
                "choose an earlier start, a shorter period, or give repetitions",
            )
        stretch = np.arange(first, last)
        index = np.concatenate([np.tile(stretch, rounds)])
        later_s = np.repeat(np.arange(1, rounds + 1) * period_s, len(stretch))
        times_s = clip.times_s[index] + later_s
        shown = times_s < until_s - 1e-6
        clip = overwritten(clip, last, index[shown], times_s[shown], until_s)
        begin_s, end_s = start_s + period_s, min(until_s, clip.duration_s)
        other = Other(OWN, start_s, end_s - period_s, period_s)
        times = round((end_s - begin_s) / period_s, 3)
        return clip.marked(
            Event(
                "replayed_video",
                self.kind,
                begin_s,
                end_s,
                other,
                {"period_s": period_s, "repetitions": times},
            )
        )


@dataclass(frozen=True)
class Replay:
    """[`start_s`, +`seconds`) shows [`from_s`, +`seconds`) of the clip.

    Overwrites what was there, or with `insert` pushes it back. The two stretches must not overlap.
    Event: replayed_video at the later of the two showings, `other` is the earlier one.
    """

    kind: ClassVar[str] = "replay"
    start_s: Seconds
    seconds: Length
    from_s: Seconds
    insert: bool = False

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the replay."""
        first, last = clip.span(self.from_s, self.seconds, self.kind)
        to = clip.index_at(self.start_s)
        straddles = first < to < last or (not self.insert and to <= first < to + last - first)
        if straddles or to > len(clip):
            raise TrueshaftError(
                "the replay overlaps the stretch it is taken from",
                f"replay: start {self.start_s:g}, from {self.from_s:g}, {self.seconds:g} s",
                "keep the two stretches apart",
            )
        start_s, from_s = clip.instant(to), clip.instant(first)
        length_s = clip.instant(last) - from_s
        index, until_s = np.arange(first, last), start_s + length_s
        copied_s = clip.times_s[index] - from_s + start_s
        if self.insert:
            clip = inserted(clip, to, clip.rearranged(index, clip.times_s[index] - from_s))
            from_s += length_s if first >= to else 0.0
        else:
            clip = overwritten(clip, to, index, copied_s, until_s)
        later_s, earlier_s = max(start_s, from_s), min(start_s, from_s)
        other = Other(OWN, earlier_s, earlier_s + length_s, later_s - earlier_s)
        return clip.marked(Event("replayed_video", self.kind, later_s, later_s + length_s, other))


@dataclass(frozen=True)
class HoldRegion:
    """Only a rectangle of the picture is held; around it the picture stays live.

    `left`, `top`, `width`, `height` are shares of the picture's width and height. Event:
    frozen_frame of kind "hold_region" with the share of the picture that is held.
    """

    kind: ClassVar[str] = "hold_region"
    start_s: Seconds
    seconds: Length | None = None
    left: Share = 0.25
    top: Share = 0.25
    width: Share = 0.5
    height: Share = 0.5

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the region held."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        (wide, tall), before = clip.size, clip.picture
        box = (
            slice(int(self.top * tall), int(min(1, self.top + self.height) * tall)),
            slice(int(self.left * wide), int(min(1, self.left + self.width) * wide)),
        )

        def draw(_: int, picture: Picture) -> Picture:
            drawn = picture.copy()
            drawn[box] = before(first)[box]
            return drawn

        start_s, end_s = clip.instant(first), clip.instant(last)
        share = round(self.width * self.height, 4)
        event = Event("frozen_frame", self.kind, start_s, end_s, None, {"share": share})
        return clip.drawn(draw, first, last).marked(event)
