"""What scenes are painted with: rough surfaces, people, who walks by when."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.bench.clip import Picture, grey_levels

Point = tuple[float, float]
Colour = tuple[int, int, int]
_SUBPIXEL = 4


@dataclass(frozen=True)
class Look:
    """How one person looks: colours as blue, green, red; height in metres; steps a second."""

    coat: Colour
    helmet: Colour
    height_m: float
    steps_per_s: float


@dataclass(frozen=True)
class Passage:
    """One person, or vehicle, on the way: enters at `start_s`, needs `seconds` to the other side.

    `lane` (0 to 1) is where across the way, `backward` which way it goes.
    """

    start_s: float
    seconds: float
    lane: float
    backward: bool
    look: Look

    def progress(self, time_s: float) -> float | None:
        """How far along at `time_s`, 0 to 1 in the way's own direction; None if not there."""
        share = (time_s - self.start_s) / self.seconds
        if not 0 <= share <= 1:
            return None
        return 1 - share if self.backward else share


def passages(
    random: np.random.Generator, until_s: float, per_min: float, seconds: float
) -> tuple[Passage, ...]:
    """Independent passages, `per_min` a minute on average, each taking about `seconds`."""
    found: list[Passage] = []
    time_s = -seconds
    while per_min > 0 and (time_s := time_s + float(random.exponential(60 / per_min))) < until_s:
        took_s = seconds * float(random.uniform(0.75, 1.4))
        lane, backward = float(random.random()), bool(random.random() < 0.5)
        found.append(Passage(time_s, took_s, lane, backward, _look(random)))
    return tuple(found)


def rough(
    size: tuple[int, int], random: np.random.Generator, depth: float = 12.0, grain: int = 5
) -> NDArray[np.float32]:
    """A rough surface: float32 (height, width) around 0, standard deviation about `depth`."""
    wide, tall = size
    surface = np.zeros((tall, wide), dtype=np.float32)
    for octave in range(grain):
        cells = (max(2, tall * 2**octave // 90), max(2, wide * 2**octave // 90))
        coarse = random.standard_normal(cells).astype(np.float32)
        surface += cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC) / (octave + 1)
    return np.asarray(surface * (depth / max(1e-6, float(surface.std()))), dtype=np.float32)


def tinted(surface: NDArray[np.float32], colour: Colour) -> Picture:
    """A surface (height, width) of differences around the colour, as a picture."""
    share = np.array(colour, dtype=np.float32) / max(1, *colour)
    return grey_levels(np.array(colour, dtype=np.float32) + surface[:, :, None] * share)


def polygon(picture: Picture, corners: list[Point], colour: Colour) -> None:
    """Fills a polygon in place; corners in pixels, to a sixteenth of one."""
    points = np.rint(np.array(corners) * 2**_SUBPIXEL).astype(np.int32)
    cv2.fillPoly(picture, [points], colour, cv2.LINE_AA, _SUBPIXEL)


def disc(picture: Picture, centre: Point, radius: float, colour: Colour) -> None:
    """Fills a disc in place; centre and radius in pixels, to a sixteenth of one."""
    fine = 2**_SUBPIXEL
    at = (round(centre[0] * fine), round(centre[1] * fine))
    cv2.circle(picture, at, max(1, round(radius * fine)), colour, -1, cv2.LINE_AA, _SUBPIXEL)


def stroke(picture: Picture, start: Point, end: Point, width: float, colour: Colour) -> None:
    """A line of `width` pixels in place, to a sixteenth of one."""
    away = np.subtract(end, start)
    length = float(np.hypot(*away)) or 1.0
    x, y = -away[1] / length * width / 2, away[0] / length * width / 2
    corners = [(start[0] + x, start[1] + y), (end[0] + x, end[1] + y)]
    polygon(picture, [*corners, (end[0] - x, end[1] - y), (start[0] - x, start[1] - y)], colour)


def person(
    picture: Picture, foot: Point, height: float, look: Look, time_s: float, light: float = 1.0
) -> None:
    """A walking person in place: feet at `foot`, `height` pixels tall, under `light` (1 = full)."""
    coat, helmet = dimmed(look.coat, light), dimmed(look.helmet, light)
    x, y = foot
    swing = float(np.sin(2 * np.pi * look.steps_per_s / 2 * time_s)) * height * 0.16
    hip, neck = (x, y - height * 0.48), (x, y - height * 0.82)
    for side, shade in ((swing, 0.6), (-swing, 0.45)):
        stroke(picture, hip, (x + side, y), height * 0.09, dimmed(look.coat, light * shade))
    stroke(picture, hip, neck, height * 0.24, coat)
    for side in (swing, -swing):
        hand = (x + side * 0.8, y - height * 0.45)
        stroke(picture, (x, y - height * 0.78), hand, height * 0.07, dimmed(look.coat, light * 0.8))
    band = y - height * 0.62
    left, right = (x - height * 0.12, band), (x + height * 0.12, band)
    stroke(picture, left, right, height * 0.035, dimmed((190, 225, 225), light))
    disc(picture, (x, y - height * 0.89), height * 0.075, dimmed((110, 140, 190), light))
    disc(picture, (x, y - height * 0.94), height * 0.07, helmet)


def dimmed(colour: Colour, light: float) -> Colour:
    """The colour under `light` (1 = full)."""
    blue, green, red = (min(255, int(part * light)) for part in colour)
    return blue, green, red


def _look(random: np.random.Generator) -> Look:
    coats: tuple[Colour, ...] = ((150, 80, 30), (40, 90, 200), (60, 60, 66), (40, 150, 200))
    helmets: tuple[Colour, ...] = ((30, 200, 230), (230, 230, 230), (40, 60, 210), (200, 120, 30))
    return Look(
        coats[int(random.integers(len(coats)))],
        helmets[int(random.integers(len(helmets)))],
        float(random.normal(1.74, 0.07)),
        float(random.uniform(1.5, 2.1)),
    )
