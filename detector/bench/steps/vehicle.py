"""A step that sends something large past the camera: it hides the view but moves no camera."""

from typing import Annotated, ClassVar, Literal

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

    It stands still for `stop_s` in the middle, hiding most of the view. Every seed sends a vehicle
    of its own (body, load, length, place, how it brakes), so that no two recordings share one.
    """

    kind: ClassVar[str] = "truck"
    start_s: Seconds
    seconds: Length = 12.0
    stop_s: Seconds = 0.0
    fill: Annotated[float, Field(gt=0.2, le=1)] = 0.85
    sigma: Annotated[float, Field(ge=0, le=20)] = 1.5
    to: Literal["right", "left"] = "right"

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the vehicle."""
        first, last = clip.span(self.start_s, self.seconds + self.stop_s, self.kind)
        wide, tall = clip.size
        random = generator(seed)
        length, place, brake = random.uniform((1.1, 0.3, 1.0), (1.6, 1.0, 1.8))
        body = _body(int(wide * length), int(tall * self.fill), random)
        if self.to == "left":
            body = np.ascontiguousarray(body[:, ::-1])
        height, width = body.shape[:2]
        top = int((tall - height) * place)
        half = self.seconds / 2

        def draw(k: int, picture: Picture) -> Picture:
            passed = float(clip.times_s[k] - clip.times_s[first])
            come = 1 - max(0.0, 1 - passed / half) ** brake
            gone = max(0.0, passed - half - self.stop_s) / half
            driven = (come + min(gone, 1.0) ** brake) / 2
            left = round(-width + (wide + width) * driven)
            if self.to == "left":
                left = wide - width - left
            begin, end = max(0, left), min(wide, left + width)
            if begin >= end:
                return picture
            drawn = picture.copy()
            part = noisy(body[:, begin - left : end - left], self.sigma, generator(seed, k))
            drawn[top : top + height, begin:end] = part
            return drawn

        return clip.drawn(draw, first, last)


def _body(width: int, height: int, random: np.random.Generator) -> Picture:
    """The side of a loaded vehicle that drives to the right: load, panels, a cab, wheels."""
    shade = np.linspace(1.15, 0.7, height)[:, None, None]
    body = grey_levels(np.ones((height, width, 1)) * random.integers(40, 180, 3) * shade)
    floor, cab = int(height * random.uniform(0.7, 0.85)), int(width * random.uniform(0.75, 0.9))
    edges = np.sort(random.integers(0, cab, random.integers(5, 16)))
    for left, right in zip([0, *edges], [*edges, cab], strict=True):
        panel = body[:floor, left:right]
        body[:floor, left:right] = grey_levels(panel * random.uniform(0.6, 1.5))
        cv2.line(body, (int(left), 0), (int(left), floor), (25, 25, 25), max(1, width // 300))
    heap = [(x * cab // 8, int(floor * y)) for x, y in enumerate(random.uniform(0, 0.45, 9))]
    cv2.fillPoly(body, [np.array([(0, 0), *heap, (cab, 0)])], (30, 30, 32))
    body[:floor, cab:] = random.integers(30, 220, 3)
    window = random.uniform((0.1, 0.4), (0.3, 0.6)) * floor
    cv2.rectangle(
        body, (cab + width // 50, int(window[0])), (width, int(window[1])), (60, 50, 45), -1
    )
    cv2.rectangle(body, (0, floor), (width, height), (22, 22, 24), -1)
    for x in random.uniform(0.05, 0.95, random.integers(4, 8)):
        centre, radius = (int(x * width), int(height * 0.9)), int(height * 0.1)
        cv2.circle(body, centre, radius, (48, 48, 50), -1, cv2.LINE_AA)
        cv2.circle(body, centre, radius // 2, (110, 110, 112), -1, cv2.LINE_AA)
    grain = random.normal(0, 7, (height // 4 + 1, width // 4 + 1)).astype(np.float32)
    dirt = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    return grey_levels(body + dirt[:, :, None])
