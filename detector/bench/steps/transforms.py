"""Steps that change how every picture looks, as a copy in disguise would: no events."""

from dataclasses import replace
from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Picture
from detector.bench.encoding import parsed_size
from detector.bench.steps.step import Seed, generator
from detector.core.errors import TrueshaftError


@dataclass(frozen=True)
class Scale:
    """Every picture is resized to `size` ("WIDTHxHEIGHT", pixels), whatever its proportions."""

    kind: ClassVar[str] = "scale"
    size: Annotated[str, Field(pattern=r"^\d+x\d+$")]

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The resized clip."""
        size = parsed_size(self.size)
        return clip.drawn(lambda _, picture: resized(picture, size), size=size)


@dataclass(frozen=True)
class Crop:
    """The part `keep` (of width and of height) of each picture is kept, at its own scale.

    `offset_x` and `offset_y` place it: 0 = left or top, 0.5 = middle, 1 = right or bottom.
    """

    kind: ClassVar[str] = "crop"
    keep: Annotated[float, Field(gt=0.05, le=1)] = 0.9
    offset_x: Annotated[float, Field(ge=0, le=1)] = 0.5
    offset_y: Annotated[float, Field(ge=0, le=1)] = 0.5

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The cropped clip, of even width and height."""
        width, height = (int(side * self.keep) // 2 * 2 for side in clip.size)
        left = int((clip.size[0] - width) * self.offset_x)
        top = int((clip.size[1] - height) * self.offset_y)
        return clip.drawn(
            lambda _, picture: picture[top : top + height, left : left + width],
            size=(width, height),
        )


@dataclass(frozen=True)
class Flip:
    """Every picture is mirrored, left to right, or top to bottom with `vertical`."""

    kind: ClassVar[str] = "flip"
    vertical: bool = False

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The mirrored clip."""
        if self.vertical:
            return clip.drawn(lambda _, picture: picture[::-1])
        return clip.drawn(lambda _, picture: picture[:, ::-1])


@dataclass(frozen=True)
class Gamma:
    """Grey level v becomes 255 (v/255)^`value`: above 1 darker, below 1 lighter."""

    kind: ClassVar[str] = "gamma"
    value: Annotated[float, Field(gt=0.1, lt=10)]

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with other mid-tones."""
        table = np.clip(255 * (np.arange(256) / 255) ** self.value, 0, 255)
        levels = np.rint(table).astype(np.uint8)
        return clip.drawn(lambda _, picture: levels[picture])


@dataclass(frozen=True)
class Brightness:
    """`add` grey levels on every picture, changing by `drift_per_min` with time.

    With `start_s` it begins there at once: a brightness jump, as exposure control makes it.
    """

    kind: ClassVar[str] = "brightness"
    add: Annotated[float, Field(ge=-255, le=255)] = 0.0
    drift_per_min: float = 0.0
    start_s: Annotated[float, Field(ge=0)] = 0.0

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The lighter or darker clip."""
        first, _ = clip.span(self.start_s, None, self.kind)

        def draw(k: int, picture: Picture) -> Picture:
            minutes = (clip.times_s[k] - clip.times_s[first]) / 60
            return added(picture, self.add + self.drift_per_min * minutes)

        return clip.drawn(draw, first)


@dataclass(frozen=True)
class Grey:
    """Colour is removed."""

    kind: ClassVar[str] = "grey"

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The grey clip."""
        return clip.drawn(lambda _, picture: grey(picture))


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


@dataclass(frozen=True)
class Fps:
    """Shown at `rate` pictures a second: each instant shows the last picture taken by then.

    A lower rate leaves pictures out, a higher one repeats them.
    """

    kind: ClassVar[str] = "fps"
    rate: Annotated[float, Field(gt=0, le=240)]

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip at a fixed rate."""
        grid_s = np.arange(max(1, int(clip.duration_s * self.rate + 1e-6))) / self.rate
        if not len(grid_s):
            raise TrueshaftError("the clip is too short", f"fps: {self.rate:g}", "raise the rate")
        index = np.searchsorted(clip.times_s, grid_s + 1e-6, side="right") - 1
        return replace(clip.rearranged(index, grid_s), period_s=1.0 / self.rate)


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at (width, height) pixels."""
    shrinks = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=np.uint8)


def added(picture: Picture, grey_levels: float) -> Picture:
    """The picture lighter by `grey_levels`, saturating at 0 and 255."""
    levels = np.clip(np.rint(np.arange(256) + grey_levels), 0, 255).astype(np.uint8)
    return levels[picture]


def grey(picture: Picture) -> Picture:
    """The picture without colour, still with three channels."""
    luminance = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(luminance, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def noisy(
    picture: Picture, sigma: float, random: np.random.Generator, shot: bool = False
) -> Picture:
    """The picture under Gaussian noise of `sigma` grey levels, equal in all channels."""
    noise = random.standard_normal(picture.shape[:2], dtype=np.float32) * np.float32(sigma)
    if shot:
        light = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
        noise *= np.sqrt((light + 4) / 128)
    raised = np.rint(picture + noise[:, :, None]).clip(0, 255)
    return np.asarray(raised, dtype=np.uint8)
