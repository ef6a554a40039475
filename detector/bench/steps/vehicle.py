"""A step that sends something large past the camera: it hides the view but moves no camera."""

from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Picture, grey_levels
from detector.bench.steps.light import noisy
from detector.bench.steps.step import Length, Seconds, Seed, generator


@dataclass(frozen=True)
class Truck:
    """A large vehicle crosses in `seconds`, filling `fill` of the picture's height. No event.

    It stands still for `stop_s` in the middle, hiding most of the view.
    """

    kind: ClassVar[str] = "truck"
    start_s: Seconds
    seconds: Length = 12.0
    stop_s: Seconds = 0.0
    fill: Annotated[float, Field(gt=0.2, le=1)] = 0.85
    sigma: Annotated[float, Field(ge=0, le=20)] = 1.5

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the vehicle."""
        first, last = clip.span(self.start_s, self.seconds + self.stop_s, self.kind)
        wide, tall = clip.size
        body = _body(int(wide * 1.3), int(tall * self.fill), generator(seed))
        height, width = body.shape[:2]
        top = int((tall - height) * 0.7)
        half = self.seconds / 2

        def draw(k: int, picture: Picture) -> Picture:
            passed = float(clip.times_s[k] - clip.times_s[first])
            driven = min(passed, half) + max(0.0, passed - half - self.stop_s)
            left = round(-width + (wide + width) * driven / self.seconds)
            begin, end = max(0, left), min(wide, left + width)
            if begin >= end:
                return picture
            drawn = picture.copy()
            part = noisy(body[:, begin - left : end - left], self.sigma, generator(seed, k))
            drawn[top : top + height, begin:end] = part
            return drawn

        return clip.drawn(draw, first, last)


def _body(width: int, height: int, random: np.random.Generator) -> Picture:
    """The side of a loaded vehicle: a ribbed box on wheels."""
    colour = random.integers(40, 180, 3)
    shade = np.linspace(1.15, 0.7, height)[:, None, None]
    body = grey_levels(np.ones((height, width, 1)) * colour * shade)
    for x in range(0, width, max(8, width // 24)):
        cv2.line(body, (x, 0), (x, int(height * 0.8)), (25, 25, 25), max(1, width // 300))
    cv2.rectangle(body, (0, int(height * 0.8)), (width, height), (22, 22, 24), -1)
    for x in np.linspace(0.08, 0.92, 6):
        centre = (int(x * width), int(height * 0.9))
        cv2.circle(body, centre, int(height * 0.1), (48, 48, 50), -1, cv2.LINE_AA)
        cv2.circle(body, centre, int(height * 0.05), (110, 110, 112), -1, cv2.LINE_AA)
    grain = random.normal(0, 7, (height // 4 + 1, width // 4 + 1)).astype(np.float32)
    dirt = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    return grey_levels(body + dirt[:, :, None])
