"""Scenes in depth: a mine gallery that people walk through, seen from either end."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.bench.clip import FloatArray, Picture, grey_levels
from detector.bench.encoding import parsed_size
from detector.bench.scenes.painting import Passage, passages, person, rough
from detector.bench.scenes.settings import Painter, Settings

_HALF_WIDTH_M, _HEIGHT_M, _LENGTH_M = 2.6, 3.0, 30.0
_TEXELS_PER_M = 48


@dataclass(frozen=True)
class _Camera:
    """A pinhole at (x, y up, z along) metres, turned by `yaw` and `pitch` (radians)."""

    at: tuple[float, float, float]
    yaw: float
    pitch: float
    size: tuple[int, int]

    @property
    def focal_px(self) -> float:
        return 0.75 * self.size[0]

    def axes(self) -> FloatArray:
        """Rows: the camera's right, down and forward in the world."""
        forward = np.array([np.sin(self.yaw), 0.0, np.cos(self.yaw)])
        right = np.array([np.cos(self.yaw), 0.0, -np.sin(self.yaw)])
        tilted = forward * np.cos(self.pitch) + np.array([0.0, np.sin(self.pitch), 0.0])
        return np.stack([right, -np.cross(tilted, right), tilted])

    def seen(self, point: tuple[float, float, float]) -> tuple[float, float, float]:
        """Pixel x, pixel y and depth (metres) of a point of the world."""
        x, y, depth = self.axes() @ (np.array(point) - np.array(self.at))
        scale = self.focal_px / max(depth, 1e-3)
        wide, tall = self.size
        return wide / 2 + float(x) * scale, tall / 2 + float(y) * scale, float(depth)


def gallery(settings: Settings) -> Painter:
    """A gallery with people walking along it; `view` 0 and 1 look at it from opposite ends."""
    size = parsed_size(settings.size)
    cameras = (
        _Camera((-1.6, 2.5, 0.0), 0.10, -0.16, size),
        _Camera((1.9, 2.3, _LENGTH_M * 0.8), np.pi + 0.14, -0.2, size),
    )
    camera = cameras[settings.view]
    place = _place(camera, settings)
    people = passages(settings.random(1), settings.until_s, settings.passers_per_min, 22.0)

    def paint(time_s: float) -> Picture:
        picture = place.copy()
        there = [_standing(one, time_s, camera) for one in people]
        for depth, one, (x, y, z) in sorted((s for s in there if s), key=lambda s: -s[0]):
            foot_x, foot_y, _ = camera.seen((x, y, z))
            height = camera.focal_px * one.look.height_m / depth
            person(picture, (foot_x, foot_y), height, one.look, time_s, _light(np.array(z)).item())
        return picture

    return paint


def _standing(
    one: Passage, time_s: float, camera: _Camera
) -> tuple[float, Passage, tuple[float, float, float]] | None:
    """Depth, person, and where on the floor; None if not there or behind the camera."""
    along = one.progress(time_s)
    if along is None:
        return None
    point = ((one.lane - 0.5) * 1.4 * _HALF_WIDTH_M, 0.0, along * _LENGTH_M)
    depth = camera.seen(point)[2]
    return (depth, one, point) if depth > 1.5 else None


def _light(along_m: FloatArray) -> FloatArray:
    """Light at a distance along the gallery: lamps every 6 m."""
    return np.asarray(0.45 + 0.55 * np.cos(np.pi * (along_m / 6 - 0.5)) ** 2, dtype=np.float64)


def _place(camera: _Camera, settings: Settings) -> Picture:
    """The empty gallery: for every pixel the surface its ray meets, textured and lit."""
    wide, tall = camera.size
    columns, rows = np.meshgrid(np.arange(wide) + 0.5, np.arange(tall) + 0.5)
    flat = np.stack([columns - wide / 2, rows - tall / 2, np.full_like(rows, camera.focal_px)], -1)
    rays = flat @ camera.axes()
    rays = np.where(np.abs(rays) < 1e-9, 1e-9, rays)
    low, high = (-_HALF_WIDTH_M, 0.0, -2.0), (_HALF_WIDTH_M, _HEIGHT_M, _LENGTH_M)
    walls = np.where(rays > 0, np.array(high), np.array(low))
    distances = (walls - np.array(camera.at)) / rays
    which = np.argmin(distances, axis=-1)
    hit = np.array(camera.at) + rays * np.min(distances, axis=-1)[..., None]
    colour = np.zeros((tall, wide, 3))
    for surface, inside in enumerate(_surfaces(which, hit)):
        picture = _texture(settings, surface)
        across = hit[..., 2] if surface < 4 else hit[..., 0]
        along = hit[..., 1] if surface in (0, 1, 4) else hit[..., 0]
        sampled = cv2.remap(
            picture,
            (across * _TEXELS_PER_M).astype(np.float32),
            ((along + _HALF_WIDTH_M) * _TEXELS_PER_M).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        colour[inside] = sampled[inside]
    return grey_levels(colour * _light(hit[..., 2])[..., None])


def _surfaces(which: NDArray[np.intp], hit: FloatArray) -> tuple[NDArray[np.bool_], ...]:
    """Where the left wall, right wall, floor, roof and the ends are seen."""
    left, low = hit[..., 0] < 0, hit[..., 1] < _HEIGHT_M / 2
    wall, level = which == 0, which == 1
    return wall & left, wall & ~left, level & low, level & ~low, which == 2


def _texture(settings: Settings, surface: int) -> Picture:
    """Left wall, right wall, floor, roof or end: rock, props every 2 m, rails, lamps, boards."""
    random = settings.random_place(surface + 10)
    size = (int(_LENGTH_M * _TEXELS_PER_M), int((_HALF_WIDTH_M + _HEIGHT_M) * _TEXELS_PER_M))
    base = np.array(
        ((92, 100, 106), (88, 98, 104), (66, 70, 74), (58, 62, 66), (30, 31, 33))[surface]
    )
    picture = grey_levels(base + rough(size, random, 14, 6)[:, :, None])
    metre = _TEXELS_PER_M
    if surface in (0, 1, 3):
        for x in range(0, size[0], 2 * metre):
            cv2.rectangle(picture, (x, 0), (x + metre // 6, size[1]), (40, 52, 62), -1)
    if surface == 2:
        for x in range(0, size[0], metre // 2):
            top = int((_HALF_WIDTH_M - 0.8) * metre)
            cv2.rectangle(
                picture, (x, top), (x + metre // 8, top + int(1.6 * metre)), (38, 44, 50), -1
            )
        for rail in (-0.6, 0.6):
            y = int((_HALF_WIDTH_M + rail) * metre)
            cv2.rectangle(picture, (0, y), (size[0], y + 4), (140, 144, 148), -1)
    if surface == 3:
        for x in range(3 * metre, size[0], 6 * metre):
            cv2.circle(picture, (x, int(_HALF_WIDTH_M * metre)), metre // 5, (235, 245, 250), -1)
    if surface < 2:
        for _ in range(5):
            x, y = int(random.integers(size[0])), int((_HALF_WIDTH_M + 1.3) * metre)
            ink = tuple(int(part) for part in random.integers(60, 240, 3))
            cv2.rectangle(picture, (x, y), (x + metre, y + metre // 2), ink, -1)
    return picture
