"""Steps that draw on top of every picture: clock, text, logo, a spinner. No events."""

from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Picture, grey_levels
from detector.bench.steps.step import Seed, generator

Place = Literal["top-left", "top-right", "bottom-left", "bottom-right", "top", "bottom", "centre"]
Height = Annotated[float, Field(gt=0.01, le=0.5)]
_MARGIN = 0.02


@dataclass(frozen=True)
class Text:
    """`text` in white with a dark edge at `place`; `height` of the letters / picture height."""

    kind: ClassVar[str] = "text"
    text: str = "CAM 03 MAIN SHAFT"
    place: Place = "bottom-left"
    height: Height = 0.05

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the text."""
        return clip.drawn(lambda _, p: lettered(p, self.text, self.place, self.height))


@dataclass(frozen=True)
class Clock:
    """A burnt-in clock that ticks with the clip's time, whatever the picture below it does.

    `from_clock` is what it shows at the first picture, "HH:MM:SS"; with `date` ("YYYY-MM-DD") a
    date stands before it. Applied after a hold it ticks over the held picture.
    """

    kind: ClassVar[str] = "clock"
    from_clock: Annotated[str, Field(pattern=r"^\d\d:[0-5]\d:[0-5]\d$")] = "08:00:00"
    date: str = ""
    place: Place = "top-left"
    height: Height = 0.05

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the clock."""
        hours, minutes, seconds = (int(part) for part in self.from_clock.split(":"))
        start = hours * 3600 + minutes * 60 + seconds

        def draw(k: int, picture: Picture) -> Picture:
            shown = clock_text(start + float(clip.times_s[k]))
            return lettered(picture, f"{self.date} {shown}".strip(), self.place, self.height)

        return clip.drawn(draw)


@dataclass(frozen=True)
class Spinner:
    """A small disc with a turning hand: a region that updates itself `per_s` times a second."""

    kind: ClassVar[str] = "spinner"
    place: Place = "top-right"
    height: Height = 0.06
    per_s: Annotated[float, Field(gt=0, le=60)] = 8.0

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the spinner."""

        def draw(k: int, picture: Picture) -> Picture:
            side = max(8, int(self.height * picture.shape[0]))
            left, top = placed(picture, side, side, self.place)
            centre = (left + side // 2, top + side // 2)
            angle = 2 * np.pi * int(clip.times_s[k] * self.per_s) / 12
            reach = side * 0.42
            tip = (int(centre[0] + reach * np.cos(angle)), int(centre[1] + reach * np.sin(angle)))
            drawn = picture.copy()
            cv2.circle(drawn, centre, side // 2, (30, 30, 30), -1, cv2.LINE_AA)
            cv2.line(drawn, centre, tip, (240, 240, 240), max(1, side // 10), cv2.LINE_AA)
            return drawn

        return clip.drawn(draw)


@dataclass(frozen=True)
class Logo:
    """A coloured badge made from the seed; `height` / picture height, blended by `opacity`."""

    kind: ClassVar[str] = "logo"
    place: Place = "bottom-right"
    height: Height = 0.12
    opacity: Annotated[float, Field(gt=0, le=1)] = 0.9

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the badge."""
        side = max(8, int(self.height * clip.size[1]))
        badge, mask = _badge(side, generator(seed))
        weight = mask[:, :, None] * np.float32(self.opacity)

        def draw(_: int, picture: Picture) -> Picture:
            left, top = placed(picture, badge.shape[1], badge.shape[0], self.place)
            drawn = picture.copy()
            below = drawn[top : top + badge.shape[0], left : left + badge.shape[1]]
            below[:] = grey_levels(below * (1 - weight) + badge * weight)
            return drawn

        return clip.drawn(draw)


def clock_text(seconds: float) -> str:
    """HH:MM:SS of seconds after midnight, going round at 24 h."""
    whole = int(seconds + 1e-6) % 86400
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def lettered(picture: Picture, text: str, place: Place, height: float) -> Picture:
    """A copy of the picture with white, dark-edged letters of `height` x the picture's height."""
    font, pixels = cv2.FONT_HERSHEY_SIMPLEX, max(6.0, height * picture.shape[0])
    scale = pixels / 22.0
    thick = max(1, round(pixels / 12))
    (width, tall), base = cv2.getTextSize(text, font, scale, thick)
    left, top = placed(picture, width, tall + base, place)
    drawn = picture.copy()
    for colour, extra in (((0, 0, 0), 2), ((255, 255, 255), 0)):
        cv2.putText(
            drawn, text, (left, top + tall), font, scale, colour, thick + extra, cv2.LINE_AA
        )
    return drawn


def placed(picture: Picture, width: int, height: int, place: Place) -> tuple[int, int]:
    """Left and top in pixels of a box of `width` x `height` at `place`, inside the picture."""
    tall, wide = picture.shape[:2]
    margin = int(_MARGIN * tall)
    vertical, _, horizontal = place.partition("-")
    left = {"left": margin, "right": wide - width - margin}.get(horizontal, (wide - width) // 2)
    top = {"top": margin, "bottom": tall - height - margin}.get(vertical, (tall - height) // 2)
    return max(0, left), max(0, top)


def _badge(side: int, random: np.random.Generator) -> tuple[Picture, NDArray[np.float32]]:
    colours = random.integers(40, 256, (3, 3))
    badge = np.full((side, side, 3), colours[0], dtype=np.uint8)
    centre = (side // 2, side // 2)
    ring, ink = tuple(map(int, colours[1])), tuple(map(int, colours[2]))
    cv2.circle(badge, centre, int(side * 0.4), ring, max(1, side // 8), cv2.LINE_AA)
    corners = (random.uniform(0.25, 0.75, (3, 2)) * side).astype(np.int32)
    cv2.fillPoly(badge, [corners], ink, cv2.LINE_AA)
    mask = np.zeros((side, side), dtype=np.uint8)
    cv2.circle(mask, centre, side // 2, 255, -1, cv2.LINE_AA)
    return badge, mask.astype(np.float32) / np.float32(255)
