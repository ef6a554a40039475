"""A clip: timed pictures with random access, where each came from, and what was done to them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from detector.core.errors import TrueshaftError

Picture = NDArray[np.uint8]
"""A picture: uint8, shape (height, width, 3), channel order blue, green, red."""
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

OWN = ""
"""Name of the clip itself in `Other.stream`, until the clip is written and has a name."""

_EPSILON_S = 1e-6


@dataclass(frozen=True)
class Other:
    """The stretch that shows the same content: of the clip itself (`OWN`) or of another stream.

    `lag_s` = own `start_s` - `start_s` here: positive where the clip shows the content later.
    """

    stream: str
    start_s: float
    end_s: float
    lag_s: float


@dataclass(frozen=True)
class Event:
    """What a detector should find between `start_s` and `end_s`, seconds from the first picture.

    `detail` holds facts of the kind of event (period, amount, what covers the lens).
    """

    detector: str
    kind: str
    start_s: float
    end_s: float
    other: Other | None = None
    detail: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Clip:
    """Timed pictures, computed when asked for.

    `times_s` (n,) float64, rising, the first is 0. `picture(i)` gives picture i and is
    deterministic; what it returns may be shared and is never written to. `size` is (width, height)
    in pixels. `shown_of` (n,) names the stream whose content picture i shows ("" = none) and
    `shown_s` (n,) float64 the instant in that stream (NaN = none).
    """

    times_s: FloatArray
    picture: Callable[[int], Picture]
    size: tuple[int, int]
    period_s: float
    shown_of: NDArray[np.str_]
    shown_s: FloatArray
    events: tuple[Event, ...] = ()

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def duration_s(self) -> float:
        """Seconds from the first picture to the end of the last, each lasting `period_s`."""
        return float(self.times_s[-1]) + self.period_s if len(self) else 0.0

    def index_at(self, time_s: float) -> int:
        """Index of the first picture at or after `time_s`; `len(self)` past the last one."""
        return int(np.searchsorted(self.times_s, time_s - _EPSILON_S))

    def instant(self, index: int) -> float:
        """Time of picture `index` in seconds; the end of the clip for `index == len(self)`."""
        return float(self.times_s[index]) if index < len(self) else self.duration_s

    def span(self, start_s: float, seconds: float | None, kind: str) -> tuple[int, int]:
        """Indices [first, last) of a stretch; `seconds` None = to the end.

        Raises TrueshaftError where the stretch has no picture of the clip.
        """
        first = self.index_at(start_s)
        last = len(self) if seconds is None else self.index_at(start_s + seconds)
        if first >= last:
            raise TrueshaftError(
                f"the step has no picture to work on: the clip lasts {self.duration_s:.2f} s",
                f"{kind}: start {start_s:g} s",
                "start inside the clip and last at least one picture",
            )
        return first, last

    def marked(self, *events: Event) -> "Clip":
        """The clip with more events."""
        return replace(self, events=self.events + events)

    def rearranged(self, index: IntArray, times_s: FloatArray) -> "Clip":
        """Shows picture `index[k]` of this clip at `times_s[k]`; events are left as they are."""
        source, index = self.picture, np.asarray(index, dtype=np.intp)
        return replace(
            self,
            times_s=np.asarray(times_s, dtype=np.float64),
            picture=lambda k: source(int(index[k])),
            shown_of=self.shown_of[index],
            shown_s=self.shown_s[index],
        )

    def drawn(
        self,
        draw: Callable[[int, Picture], Picture],
        first: int = 0,
        last: int | None = None,
        size: tuple[int, int] | None = None,
        genuine: bool = True,
    ) -> "Clip":
        """Passes pictures [first, last) through `draw(index, picture)`, which must not write to it.

        `size` is the new (width, height) if it changes (then all pictures must pass).
        `genuine` False says that what is drawn no longer shows its stream's content.
        """
        source, stop = self.picture, len(self) if last is None else last

        def picture(k: int) -> Picture:
            return draw(k, source(k)) if first <= k < stop else source(k)

        shown_of, shown_s = self.shown_of.copy(), self.shown_s.copy()
        if not genuine:
            shown_of[first:stop], shown_s[first:stop] = "", np.nan
        return replace(
            self, picture=picture, size=size or self.size, shown_of=shown_of, shown_s=shown_s
        )


def moved(event: Event, by_s: float) -> Event:
    """The event `by_s` later, with what it shows again if that is in the same clip."""
    other = event.other
    if other is not None and other.stream == OWN:
        other = replace(other, start_s=other.start_s + by_s, end_s=other.end_s + by_s)
    elif other is not None:
        other = replace(other, lag_s=other.lag_s + by_s)
    return replace(event, start_s=event.start_s + by_s, end_s=event.end_s + by_s, other=other)


def grey_levels(values: NDArray[np.float32] | FloatArray) -> NDArray[np.uint8]:
    """Values of any shape as grey levels: rounded, cut to 0..255, uint8."""
    return np.asarray(np.rint(values).clip(0, 255), dtype=np.uint8)
