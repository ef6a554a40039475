"""Steps that change which picture is shown when: held, looped, replayed, cut."""

from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import OWN, Clip, Event, FloatArray, IntArray, Other, concatenated, moved
from detector.bench.steps.step import Seed
from detector.core.errors import TrueshaftError

Seconds = Annotated[float, Field(ge=0)]
Length = Annotated[float, Field(gt=0)]


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

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the picture held."""
        if self.insert:
            if self.seconds is None:
                raise TrueshaftError(
                    "an inserted hold needs a length", "hold: insert", "give seconds"
                )
            first, _ = clip.span(self.start_s, None, self.kind)
            held = _repeated(clip, first, self.seconds)
            clip, last = inserted(clip, first, held), first + len(held)
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

    def apply(self, clip: Clip, seed: Seed) -> Clip:
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
        clip = _overwritten(clip, last, index[shown], times_s[shown], until_s)
        begin_s, end_s = start_s + period_s, min(until_s, clip.duration_s)
        other = Other(OWN, start_s, end_s - period_s, period_s)
        detail = {"period_s": period_s, "repetitions": (end_s - begin_s) / period_s}
        return clip.marked(Event("replayed_video", self.kind, begin_s, end_s, other, dict(detail)))


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

    def apply(self, clip: Clip, seed: Seed) -> Clip:
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
            clip = _overwritten(clip, to, index, copied_s, until_s)
        later_s, earlier_s = max(start_s, from_s), min(start_s, from_s)
        other = Other(OWN, earlier_s, earlier_s + length_s, later_s - earlier_s)
        return clip.marked(Event("replayed_video", self.kind, later_s, later_s + length_s, other))


@dataclass(frozen=True)
class Trim:
    """Only [`start_s`, +`seconds`) is kept, to the end if `seconds` is not given; no event."""

    kind: ClassVar[str] = "trim"
    start_s: Seconds = 0.0
    seconds: Length | None = None

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The kept part, its events cut to it."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        return kept(clip, first, last)


def kept(clip: Clip, first: int, last: int) -> Clip:
    """Pictures [first, last), starting at 0; events are cut to what is kept.

    An event whose `other` is in the clip is cut so that both showings are kept.
    """
    begin_s, end_s = clip.instant(first), clip.instant(last)
    cut = clip.rearranged(np.arange(first, last), clip.times_s[first:last] - begin_s)
    events = (_cut(event, begin_s, end_s) for event in clip.events)
    return replace(cut, events=tuple(event for event in events if event is not None))


def inserted(clip: Clip, at: int, part: Clip) -> Clip:
    """`part` shown before picture `at`; what followed, and its events, come later.

    An event that lasts across the place grows by what was inserted.
    """
    at_s, by_s = clip.instant(at), part.duration_s

    def later(time_s: float, end: bool) -> float:
        behind = time_s > at_s + 1e-6 if end else time_s >= at_s - 1e-6
        return time_s + by_s if behind else time_s

    events = []
    for event in clip.events:
        start_s, other = later(event.start_s, False), event.other
        if other is not None and other.stream == OWN:
            begin_s = later(other.start_s, False)
            other = Other(OWN, begin_s, later(other.end_s, True), start_s - begin_s)
        elif other is not None:
            other = replace(other, lag_s=start_s - other.start_s)
        end_s = later(event.end_s, True)
        events.append(replace(event, start_s=start_s, end_s=end_s, other=other))
    bare = replace(clip, events=())
    pieces = [kept(bare, 0, at)] if at else []
    pieces.append(part if not part.events else replace(part, events=()))
    if at < len(clip):
        pieces.append(kept(bare, at, len(clip)))
    return replace(concatenated(pieces), period_s=clip.period_s, events=tuple(events))


def unrelated(clip: Clip, first: int, last: int) -> Clip:
    """The clip, pictures [first, last) no longer counted as showing their stream's footage."""
    shown_of, shown_s = clip.shown_of.copy(), clip.shown_s.copy()
    shown_of[first:last], shown_s[first:last] = OWN, np.nan
    return replace(clip, shown_of=shown_of, shown_s=shown_s)


def _repeated(clip: Clip, index: int, seconds: float) -> Clip:
    """Picture `index` alone, shown for `seconds` at the clip's rate."""
    count = max(1, round(seconds / clip.period_s))
    times_s = np.arange(count, dtype=np.float64) * clip.period_s
    still = clip.rearranged(np.full(count, index), times_s)
    return replace(still, events=())


def _overwritten(
    clip: Clip,
    at: int,
    index: IntArray,
    times_s: FloatArray,
    until_s: float,
) -> Clip:
    """From picture `at` on shows pictures `index` at `times_s`, then what is there at `until_s`."""
    rest = np.arange(clip.index_at(until_s), len(clip))
    return clip.rearranged(
        np.concatenate([np.arange(at), index, rest]),
        np.concatenate([clip.times_s[:at], times_s, clip.times_s[rest]]),
    )


def _cut(event: Event, begin_s: float, end_s: float) -> Event | None:
    start_s, stop_s = max(event.start_s, begin_s), min(event.end_s, end_s)
    other = event.other
    if other is not None and other.stream == OWN:
        start_s = max(start_s, begin_s + other.lag_s)
        stop_s = min(stop_s, end_s + other.lag_s)
    if stop_s <= start_s and not (event.start_s == event.end_s == start_s == stop_s):
        return None
    if other is not None:
        shown_s = start_s - other.lag_s
        other = replace(other, start_s=shown_s, end_s=shown_s + stop_s - start_s)
    return moved(replace(event, start_s=start_s, end_s=stop_s, other=other), -begin_s)
