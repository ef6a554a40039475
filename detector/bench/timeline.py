"""Cutting a clip and putting it together again, its events moving along."""

from dataclasses import replace

import numpy as np

from detector.bench.clip import OWN, Clip, Event, FloatArray, IntArray, Other, Picture, moved
from detector.core.errors import TrueshaftError


def kept(clip: Clip, first: int, last: int) -> Clip:
    """Pictures [first, last), starting at 0; events are cut to what is kept.

    An event whose `other` is in the clip is cut so that both showings are kept.
    """
    begin_s, end_s = clip.instant(first), clip.instant(last)
    cut = clip.rearranged(np.arange(first, last), clip.times_s[first:last] - begin_s)
    events = (_cut(event, begin_s, end_s) for event in clip.events)
    return replace(cut, events=tuple(event for event in events if event is not None))


def inserted(clip: Clip, at: int, part: Clip) -> Clip:
    """`part` shown before picture `at` (`len(clip)` = after the last); what followed comes later.

    Events move with their pictures; one that lasts across the place grows by what was inserted.
    Raises TrueshaftError where the two are of different size.
    """
    if clip.size != part.size:
        raise TrueshaftError(
            "pictures of different sizes cannot follow each other",
            " and ".join(f"{width}x{height}" for width, height in (clip.size, part.size)),
            "scale them to one size first",
        )
    at_s, by_s, count = clip.instant(at), part.duration_s, len(part)

    def picture(k: int) -> Picture:
        if at <= k < at + count:
            return part.picture(k - at)
        return clip.picture(k if k < at else k - count)

    times_s = (clip.times_s[:at], part.times_s + at_s, clip.times_s[at:] + by_s)
    spread = tuple(_spread(event, at_s, by_s) for event in clip.events)
    return replace(
        clip,
        times_s=np.concatenate(times_s),
        picture=picture,
        shown_of=np.concatenate([clip.shown_of[:at], part.shown_of, clip.shown_of[at:]]),
        shown_s=np.concatenate([clip.shown_s[:at], part.shown_s, clip.shown_s[at:]]),
        events=spread + tuple(moved(event, at_s) for event in part.events),
    )


def unrelated(clip: Clip, first: int, last: int) -> Clip:
    """The clip, pictures [first, last) no longer counted as showing their stream's footage."""
    shown_of, shown_s = clip.shown_of.copy(), clip.shown_s.copy()
    shown_of[first:last], shown_s[first:last] = OWN, np.nan
    return replace(clip, shown_of=shown_of, shown_s=shown_s)


def still(clip: Clip, index: int, seconds: float) -> Clip:
    """Picture `index` alone, shown for `seconds` at the clip's rate."""
    count = max(1, round(seconds / clip.period_s))
    times_s = np.arange(count, dtype=np.float64) * clip.period_s
    return replace(clip.rearranged(np.full(count, index), times_s), events=())


def overwritten(
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


def _spread(event: Event, at_s: float, by_s: float) -> Event:
    """The event after `by_s` seconds were inserted at `at_s`."""

    def later(time_s: float, end: bool = False) -> float:
        behind = time_s > at_s + 1e-6 if end else time_s >= at_s - 1e-6
        return time_s + by_s if behind else time_s

    start_s, end_s, other = later(event.start_s), later(event.end_s, end=True), event.other
    if other is not None and other.stream == OWN:
        begin_s = later(other.start_s)
        other = Other(OWN, begin_s, later(other.end_s, end=True), start_s - begin_s)
    elif other is not None:
        other = replace(other, lag_s=start_s - other.start_s)
    return replace(event, start_s=start_s, end_s=end_s, other=other)
