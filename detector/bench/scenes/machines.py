"""Scenes of machines: an idle shaft, a hoist at work, a conveyor belt, a traffic light."""

import cv2
import numpy as np

from detector.bench.clip import FloatArray, Picture
from detector.bench.encoding import parsed_size
from detector.bench.scenes.painting import (
    Colour,
    Passage,
    disc,
    passages,
    person,
    polygon,
    rough,
    stroke,
    tinted,
)
from detector.bench.scenes.settings import Painter, Settings

_CYCLE_S = 24.0
_JITTER_S = 0.5
_LIGHT_S = 20.0
_BELT_S = 7.0
_LUMPS_PER_S = 16


def idle_shaft(settings: Settings) -> Painter:
    """The head of a shaft where nothing moves: only the sensor's noise is alive."""
    place = _shaft(settings)
    return lambda _time_s: place.copy()


def hoist(settings: Settings) -> Painter:
    """A cage that goes up and down about every 24 s, no two cycles quite alike, and passers-by."""
    place, (wide, tall) = _shaft(settings), parsed_size(settings.size)
    starts_s = hoist_starts(settings)
    stops = settings.random(2).normal(0, 0.006, (len(starts_s), 2))
    passers = passages(settings.random(3), settings.until_s, settings.passers_per_min, 9.0)

    def paint(time_s: float) -> Picture:
        picture = place.copy()
        height = _cage_height(time_s, starts_s, stops)
        _draw_cage(picture, height)
        _draw_passers(picture, passers, time_s, (wide, tall))
        return picture

    return paint


def hoist_starts(settings: Settings) -> FloatArray:
    """When the cycles of :func:`hoist` begin, s of the scene's own time."""
    count = int(settings.until_s / (_CYCLE_S - 3 * _JITTER_S)) + 2
    cycles = settings.random(1).normal(_CYCLE_S, _JITTER_S, count)
    return np.asarray(np.cumsum(cycles) - _CYCLE_S, dtype=np.float64)


def conveyor(settings: Settings) -> Painter:
    """A belt carrying lumps of coal that never repeat, on rollers that turn strictly evenly."""
    wide, tall = parsed_size(settings.size)
    place = tinted(rough((wide, tall), settings.random_place(1), 8), (60, 64, 66))
    top, low = 0.45 * tall, 0.72 * tall
    speed = wide / _BELT_S
    count = int((settings.until_s + 3 * _BELT_S) * _LUMPS_PER_S)
    later_s = settings.random(1).exponential(1 / _LUMPS_PER_S, count)
    at = (np.cumsum(later_s) - 2 * _BELT_S) * speed
    across, shade = settings.random(2).uniform((0.12, 14), (0.88, 60), (count, 2)).T
    radius = settings.random(3).gamma(3, 0.007, count) * tall

    def paint(time_s: float) -> Picture:
        picture = place.copy()
        polygon(picture, [(0, top), (wide, top), (wide, low), (0, low)], (34, 34, 36))
        moved = time_s * speed
        splice = moved % (wide * 3) - wide
        stroke(picture, (splice, top), (splice + 0.05 * wide, low), wide * 0.006, (70, 70, 74))
        seen = np.flatnonzero((at > moved - 1.2 * wide) & (at < moved + 0.2 * wide))
        for k in seen:
            x, y = moved - at[k], top + across[k] * (low - top)
            grey = int(shade[k])
            disc(picture, (x + 0.3 * radius[k], y + 0.4 * radius[k]), radius[k], (8, 8, 8))
            disc(picture, (x, y), radius[k], (grey, grey, grey + 2))
        _draw_rollers(picture, low, moved)
        return picture

    return paint


def traffic_light(settings: Settings) -> Painter:
    """A light that changes every 20 s to the instant, cars that come as they please."""
    wide, tall = parsed_size(settings.size)
    place = tinted(rough((wide, tall), settings.random_place(1), 10), (120, 128, 126))
    road: list[tuple[float, float]] = [(0, 0.55 * tall), (wide, 0.55 * tall), (wide, 0.9 * tall)]
    polygon(place, [*road, (0, 0.9 * tall)], (74, 72, 72))
    for k in range(9):
        x = (k + 0.2) * wide / 9
        stroke(place, (x, 0.725 * tall), (x + wide * 0.05, 0.725 * tall), tall * 0.01, (190,) * 3)
    stroke(place, (0.7 * wide, 0.2 * tall), (0.7 * wide, 0.6 * tall), wide * 0.01, (50, 50, 50))
    cars = passages(settings.random(1), settings.until_s, 4 * settings.passers_per_min, 5.0)
    cars = tuple(car for car in cars if car.start_s % _LIGHT_S < 0.35 * _LIGHT_S)

    def paint(time_s: float) -> Picture:
        picture = place.copy()
        for car in cars:
            _draw_car(picture, car, time_s)
        phase = time_s % _LIGHT_S / _LIGHT_S
        lit = 2 if phase < 0.45 else 1 if phase < 0.55 else 0 if phase < 0.95 else 1
        colours: tuple[Colour, ...] = ((40, 40, 235), (40, 200, 240), (90, 220, 60))
        for lamp, colour in enumerate(colours):
            shown: Colour = colour if lamp == lit else (30, 30, 30)
            disc(picture, (0.7 * wide, (0.12 + 0.08 * lamp) * tall), 0.033 * tall, shown)
        return picture

    return paint


def _shaft(settings: Settings) -> Picture:
    """The shaft's head: a hall, a frame with guide rails, a wheel above, gates, a lamp."""
    wide, tall = parsed_size(settings.size)
    random = settings.random_place(1)
    place = tinted(rough((wide, tall), random, 9), (70, 78, 84))
    floor = tinted(rough((wide, tall - int(0.8 * tall)), random, 10), (52, 56, 60))
    place[int(0.8 * tall) :] = floor
    tint = int(random.integers(0, 60))
    for x in (0.38, 0.62):
        stroke(place, (x * wide, 0), (x * wide, 0.8 * tall), 0.018 * wide, (40, 60 + tint, 90))
    inside = [(0.4 * wide, 0), (0.6 * wide, 0), (0.6 * wide, 0.8 * tall), (0.4 * wide, 0.8 * tall)]
    polygon(place, list(inside), (20, 20, 22))
    for k in range(6):
        y = (0.06 + 0.13 * k) * tall
        stroke(place, (0.39 * wide, y), (0.61 * wide, y), 0.006 * tall, (60, 70, 80))
    for k in range(4):
        x, y = float(random.uniform(0.03, 0.3)) + 0.6 * (k % 2), float(random.uniform(0.5, 0.7))
        box = [(x, y), (x + 0.07, y), (x + 0.07, 0.8), (x, 0.8)]
        polygon(place, [(a * wide, b * tall) for a, b in box], (50 + 20 * k, 80, 60 + tint))
    disc(place, (0.2 * wide, 0.15 * tall), 0.03 * tall, (225, 240, 245))
    glow = cv2.GaussianBlur(place, (0, 0), tall / 12)
    return np.asarray(cv2.addWeighted(place, 0.85, glow, 0.3, 0), dtype=np.uint8)


def _cage_height(time_s: float, starts_s: FloatArray, stops: FloatArray) -> float:
    """How high the cage is at `time_s`: 0 down, 1 up; waits at both ends, never quite the same."""
    k = max(0, int(np.searchsorted(starts_s, time_s, side="right")) - 1)
    share = (time_s - starts_s[k]) / (starts_s[k + 1] - starts_s[k])
    low, high = float(stops[k, 0]), 1 + float(stops[k, 1])
    after = float(stops[k + 1, 0])
    if share < 0.5:
        return low + (high - low) * _eased((share - 0.2) / 0.3)
    return high + (after - high) * _eased((share - 0.7) / 0.3)


def _eased(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _draw_cage(picture: Picture, height: float) -> None:
    tall, wide = picture.shape[:2]
    low = (0.79 - 0.42 * height) * tall
    top = low - 0.27 * tall
    stroke(picture, (0.5 * wide, 0), (0.5 * wide, top), 0.006 * wide, (120, 120, 125))
    left, right = 0.41 * wide, 0.59 * wide
    polygon(picture, [(left, top), (right, top), (right, low), (left, low)], (40, 120, 170))
    for k in range(1, 6):
        x = left + (right - left) * k / 6
        stroke(picture, (x, top + 0.03 * tall), (x, low - 0.02 * tall), 0.006 * wide, (20, 50, 70))
    centre, reach = (0.5 * wide, 0.07 * tall), 0.06 * tall
    disc(picture, centre, reach, (70, 70, 78))
    for spoke in range(3):
        angle = height * 9 + spoke * np.pi / 3
        x, y = reach * np.cos(angle), reach * np.sin(angle)
        start, end = (centre[0] - x, centre[1] - y), (centre[0] + x, centre[1] + y)
        stroke(picture, start, end, 0.012 * tall, (150, 150, 155))


def _draw_passers(
    picture: Picture, passers: tuple[Passage, ...], time_s: float, size: tuple[int, int]
) -> None:
    for passer in sorted(passers, key=lambda one: one.lane):
        along = passer.progress(time_s)
        if along is not None:
            foot = ((-0.08 + 1.16 * along) * size[0], (0.86 + 0.1 * passer.lane) * size[1])
            height = (0.3 + 0.06 * passer.lane) * size[1] * passer.look.height_m / 1.74
            person(picture, foot, height, passer.look, time_s)


def _draw_rollers(picture: Picture, low: float, moved: float) -> None:
    tall, wide = picture.shape[:2]
    radius = 0.035 * tall
    for k in range(8):
        centre = ((k + 0.5) * wide / 8, low + radius)
        disc(picture, centre, radius, (96, 96, 100))
        angle = moved / radius
        spot = (centre[0] + 0.6 * radius * np.cos(angle), centre[1] + 0.6 * radius * np.sin(angle))
        disc(picture, spot, 0.25 * radius, (30, 30, 32))


def _draw_car(picture: Picture, car: Passage, time_s: float) -> None:
    along = car.progress(time_s)
    if along is None:
        return
    tall, wide = picture.shape[:2]
    x, y = (-0.2 + 1.4 * along) * wide, (0.82 if car.backward else 0.66) * tall
    length, height = (0.13 + 0.05 * car.lane) * wide, 0.09 * tall
    polygon(
        picture, [(x, y), (x + length, y), (x + length, y - height), (x, y - height)], car.look.coat
    )
    roof = [(x + 0.2 * length, y - height), (x + 0.8 * length, y - height)]
    roof += [(x + 0.7 * length, y - 1.7 * height), (x + 0.3 * length, y - 1.7 * height)]
    polygon(picture, roof, car.look.helmet)
    for wheel in (0.22, 0.78):
        disc(picture, (x + wheel * length, y), 0.3 * height, (25, 25, 25))
