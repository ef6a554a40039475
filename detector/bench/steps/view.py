"""Steps that move the camera.

Every move crops the picture from the larger one before and after, so that what comes into view is
real and no border betrays the cut; the recording gets that much smaller throughout.
"""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Event, FloatArray, Picture
from detector.bench.footage import read_footage
from detector.bench.steps.cuts import matched
from detector.bench.steps.lens import ramp
from detector.bench.steps.step import Length, Seconds, Seed
from detector.bench.timeline import inserted, kept

_DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(frozen=True)
class Shift:
    """The camera turns aside: the view moves by `amount` of its width (of its height: up, down).

    From `start_s`, gliding for `ramp_s`, for `seconds` or to the end. Event: moved_camera.
    """

    kind: ClassVar[str] = "shift"
    start_s: Seconds
    seconds: Length | None = None
    amount: Annotated[float, Field(gt=0, le=0.6)] = 0.2
    direction: Literal["left", "right", "up", "down"] = "right"
    ramp_s: Seconds = 0.3

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the view shifted."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        across, along = _DIRECTIONS[self.direction]
        wide, tall = clip.size
        width = _even(wide / (1 + self.amount)) if across else _even(wide)
        height = _even(tall / (1 + self.amount)) if along else _even(tall)
        path = _path(clip, first, last, self.ramp_s)
        left = np.rint((wide - width) * (path if across > 0 else (1 - path) * abs(across)))
        top = np.rint((tall - height) * (path if along > 0 else (1 - path) * abs(along)))

        def draw(k: int, picture: Picture) -> Picture:
            x, y = int(left[k]), int(top[k])
            return picture[y : y + height, x : x + width]

        shifted = clip.drawn(draw, size=(width, height))
        return _moved(shifted, self.kind, first, last, self.amount)


@dataclass(frozen=True)
class Rotate:
    """The camera tilts by `degrees`, counter-clockwise if positive. Event: moved_camera."""

    kind: ClassVar[str] = "rotate"
    start_s: Seconds
    seconds: Length | None = None
    degrees: Annotated[float, Field(ge=-45, le=45)] = 8.0
    ramp_s: Seconds = 0.3

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the view tilted."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        wide, tall = clip.size
        turn = np.deg2rad(abs(self.degrees))
        keep = 1 / (np.cos(turn) + max(wide / tall, tall / wide) * np.sin(turn))
        size = (_even(wide * keep), _even(tall * keep))
        path = _path(clip, first, last, self.ramp_s)

        def draw(k: int, picture: Picture) -> Picture:
            return _seen(picture, size, self.degrees * float(path[k]), 1.0)

        return _moved(clip.drawn(draw, size=size), self.kind, first, last, self.degrees)


@dataclass(frozen=True)
class Zoom:
    """The camera zooms: the view becomes `factor` times as large (below 1: it widens).

    Event: moved_camera.
    """

    kind: ClassVar[str] = "zoom"
    start_s: Seconds
    seconds: Length | None = None
    factor: Annotated[float, Field(ge=0.4, le=2.5)] = 1.3
    ramp_s: Seconds = 0.3

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the view zoomed; pictures are never enlarged beyond their pixels."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        most = max(self.factor, 1 / self.factor)
        size = (_even(clip.size[0] / most), _even(clip.size[1] / most))
        near = _path(clip, first, last, self.ramp_s)
        near = near if self.factor > 1 else 1 - near

        def draw(k: int, picture: Picture) -> Picture:
            return _seen(picture, size, 0.0, 1 / (1 + (most - 1) * (1 - float(near[k]))))

        return _moved(clip.drawn(draw, size=size), self.kind, first, last, self.factor)


@dataclass(frozen=True)
class Elsewhere:
    """From `start_s` on the camera is at another place: it shows the recording `path` instead.

    Takes as long as that recording from `from_s` on, at most `seconds`, and overwrites the clip.
    Event: moved_camera.
    """

    kind: ClassVar[str] = "elsewhere"
    start_s: Seconds
    path: Path
    from_s: Seconds = 0.0
    seconds: Length | None = None

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the other place."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        wanted_s = clip.instant(last) - clip.instant(first)
        other = matched(read_footage(self.path), clip)
        other = kept(other, *other.span(self.from_s, wanted_s, self.kind))
        start_s, end_s = clip.instant(first), clip.instant(first) + other.duration_s
        rest, before = clip.index_at(end_s), kept(clip, 0, first) if first else None
        changed = other if before is None else inserted(before, first, other)
        if rest < len(clip):
            changed = inserted(changed, len(changed), kept(clip, rest, len(clip)))
        return changed.marked(Event("moved_camera", self.kind, start_s, end_s))


def _even(side: float) -> int:
    return int(side) // 2 * 2


def _path(clip: Clip, first: int, last: int, ramp_s: float) -> FloatArray:
    """For every picture how far the view has gone: 0 outside [first, last), 1 after the ramp."""
    path = ramp(clip, first, ramp_s)
    path[last:] = 0.0
    return path


def _moved(clip: Clip, kind: str, first: int, last: int, amount: float) -> Clip:
    start_s, end_s = clip.instant(first), clip.instant(last)
    return clip.marked(Event("moved_camera", kind, start_s, end_s, None, {"amount": amount}))


def _seen(picture: Picture, size: tuple[int, int], degrees: float, scale: float) -> Picture:
    """The middle of the picture at (width, height) pixels, turned and scaled about its centre."""
    tall, wide = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(((wide - 1) / 2, (tall - 1) / 2), degrees, scale)
    matrix[:, 2] += ((size[0] - wide) / 2, (size[1] - tall) / 2)
    if scale < 1:
        blur = 0.5 * (1 / scale - 1)
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.1, blur)), dtype=np.uint8)
    seen = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(seen, dtype=np.uint8)
