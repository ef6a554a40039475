"""Steps after which the picture says nothing: black, over-exposed, covered, defocused, a slate."""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Event, Picture
from detector.bench.steps.step import Seed, generator
from detector.bench.steps.transforms import noisy

Seconds = Annotated[float, Field(ge=0)]
Length = Annotated[float, Field(gt=0)]


@dataclass(frozen=True)
class Black:
    """[`start_s`, +`seconds`) is black: `level` grey, under noise of `sigma` grey levels.

    Event: uninformative_frame.
    """

    kind: ClassVar[str] = "black"
    start_s: Seconds
    seconds: Length | None = None
    level: Annotated[float, Field(ge=0, le=40)] = 0.0
    sigma: Annotated[float, Field(ge=0, le=20)] = 0.0

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the black stretch."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)

        def draw(k: int, picture: Picture) -> Picture:
            black = np.full_like(picture, round(self.level))
            return noisy(black, self.sigma, generator(seed, k)) if self.sigma else black

        return uninformative(clip.drawn(draw, first, last, genuine=False), self.kind, first, last)


def uninformative(clip: Clip, kind: str, first: int, last: int, **detail: float | str) -> Clip:
    """The clip with the event that pictures [first, last) say nothing, because of `kind`."""
    start_s, end_s = clip.instant(first), clip.instant(last)
    return clip.marked(Event("uninformative_frame", kind, start_s, end_s, None, dict(detail)))
