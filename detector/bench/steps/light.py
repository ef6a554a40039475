"""Steps that change light and noise: what exposure, evening and the sensor do. No events."""

from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Picture, grey_levels
from detector.bench.steps.step import Length, Seconds, Seed, Share, generator


@dataclass(frozen=True)
class Gamma:
    """Grey level v becomes 255 (v/255)^`value`: above 1 darker, below 1 lighter."""

    kind: ClassVar[str] = "gamma"
    value: Annotated[float, Field(gt=0.1, lt=10)]

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with other mid-tones."""
        levels = grey_levels(255 * (np.arange(256) / 255) ** self.value)
        return clip.drawn(lambda _, picture: levels[picture])


@dataclass(frozen=True)
class Brightness:
    """`add` grey levels on every picture, changing by `drift_per_min` with time.

    With `start_s` it begins there at once: a brightness jump, as exposure control makes it.
    """

    kind: ClassVar[str] = "brightness"
    add: Annotated[float, Field(ge=-255, le=255)] = 0.0
    drift_per_min: Annotated[float, Field(ge=-5000, le=5000)] = 0.0
    start_s: Seconds = 0.0

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The lighter or darker clip."""
        first, _ = clip.span(self.start_s, None, self.kind)

        def draw(k: int, picture: Picture) -> Picture:
            minutes = (clip.times_s[k] - clip.times_s[first]) / 60
            return added(picture, self.add + self.drift_per_min * minutes)

        return clip.drawn(draw, first)


@dataclass(frozen=True)
class Night:
    """From `start_s` on the light falls evenly over `seconds` to the share `level`, and stays.

    `sigma` is the sensor noise in grey levels that shows as the camera raises its gain.
    """

    kind: ClassVar[str] = "night"
    start_s: Seconds = 0.0
    seconds: Length = 30.0
    level: Share = 0.2
    sigma: Annotated[float, Field(ge=0, le=20)] = 2.0

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with night falling."""
        first, _ = clip.span(self.start_s, None, self.kind)

        def draw(k: int, picture: Picture) -> Picture:
            fallen = min(1.0, float(clip.times_s[k] - clip.times_s[first]) / self.seconds)
            light = 1 - (1 - self.level) * fallen
            dark = grey_levels(np.arange(256) * light)[picture]
            return noisy(dark, self.sigma * fallen, generator(seed, k))

        return clip.drawn(draw, first)


@dataclass(frozen=True)
class Noise:
    """Fresh Gaussian sensor noise on every picture, the same in all three channels.

    `sigma` is its standard deviation in grey levels; with `shot` it follows the light as photon
    noise does: sigma at mid-grey, times the root of the grey level elsewhere.
    """

    kind: ClassVar[str] = "noise"
    sigma: Annotated[float, Field(ge=0, le=100)] = 2.0
    shot: bool = False

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The noisy clip."""
        return clip.drawn(lambda k, p: noisy(p, self.sigma, generator(seed, k), self.shot))


def added(picture: Picture, add: float) -> Picture:
    """The picture lighter by `add` grey levels, saturating at 0 and 255."""
    return grey_levels(np.arange(256) + add)[picture]


def noisy(
    picture: Picture, sigma: float, random: np.random.Generator, shot: bool = False
) -> Picture:
    """The picture under Gaussian noise of `sigma` grey levels, equal in all channels."""
    if sigma == 0:
        return picture
    noise = random.standard_normal(picture.shape[:2], dtype=np.float32) * np.float32(sigma)
    if shot:
        light = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
        noise *= np.sqrt((light + 4) / 128)
    return grey_levels(picture + noise[:, :, None])
