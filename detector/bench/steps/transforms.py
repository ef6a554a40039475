"""Steps that change the shape and colour of every picture, as a copy in disguise: no events."""

from typing import Annotated, ClassVar

import cv2
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Picture
from detector.bench.encoding import parsed_size
from detector.bench.steps.step import Seed


@dataclass(frozen=True)
class Scale:
    """Every picture is resized to `size` ("WIDTHxHEIGHT", pixels), whatever its proportions."""

    kind: ClassVar[str] = "scale"
    size: Annotated[str, Field(pattern=r"^\d+x\d+$")]

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
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

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
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

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The mirrored clip."""
        if self.vertical:
            return clip.drawn(lambda _, picture: picture[::-1])
        return clip.drawn(lambda _, picture: picture[:, ::-1])


@dataclass(frozen=True)
class Grey:
    """Colour is removed."""

    kind: ClassVar[str] = "grey"

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The grey clip."""
        return clip.drawn(lambda _, picture: grey(picture))


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture at (width, height) pixels."""
    shrinks = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=np.uint8)


def grey(picture: Picture) -> Picture:
    """The picture without colour, still with three channels."""
    luminance = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(luminance, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
