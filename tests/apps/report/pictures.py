"""Painted stills of mine cameras, deterministic, for reports that look like real ones."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
SIZE = (480, 270)


def _ground(dark: int, light: int, seed: int) -> NDArray[np.float32]:
    width, height = SIZE
    slope = np.linspace(light, dark, height, dtype=np.float32)[:, None, None]
    noise = np.random.default_rng(seed).normal(0, 4, (height, width, 1)).astype(np.float32)
    return np.repeat(slope, width, 1) + noise + np.array([6, 0, -6], np.float32)


def shaft(at_s: float, seed: int) -> U8:
    """A headframe at dusk with a cage that goes up and down, and a person who walks."""
    canvas = np.clip(_ground(46, 150, seed), 0, 255).astype(np.uint8)
    cv2.rectangle(canvas, (0, 200), (480, 270), (58, 66, 72), -1)
    for x in (190, 290):
        cv2.line(canvas, (x, 210), (240, 40), (32, 34, 38), 7, cv2.LINE_AA)
    for y in (80, 120, 160):
        half = int((y - 40) * 0.29)
        cv2.line(canvas, (240 - half, y), (240 + half, y), (40, 42, 46), 4, cv2.LINE_AA)
    cv2.circle(canvas, (240, 46), 20, (25, 27, 30), 4, cv2.LINE_AA)
    cage = int(150 + 45 * np.sin(at_s / 5))
    cv2.rectangle(canvas, (226, cage), (254, cage + 38), (30, 96, 150), -1)
    walker = int(40 + (at_s * 9) % 400)
    cv2.circle(canvas, (walker, 212), 5, (40, 120, 220), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (walker - 5, 217), (walker + 5, 240), (34, 40, 52), -1)
    cv2.rectangle(canvas, (20, 150), (110, 205), (78, 84, 92), -1)
    cv2.rectangle(canvas, (40, 170), (60, 190), (140, 210, 235), -1)
    return canvas


def belt(at_s: float, seed: int) -> U8:
    """A conveyor in a gallery with lumps of coal that travel along it."""
    canvas = np.clip(_ground(28, 70, seed), 0, 255).astype(np.uint8)
    cv2.fillPoly(canvas, [np.array([[60, 270], [420, 270], [270, 90], [215, 90]])], (52, 56, 58))
    cv2.fillPoly(canvas, [np.array([[130, 270], [350, 270], [256, 92], [229, 92]])], (24, 25, 27))
    for i in range(14):
        depth = ((i / 14 + at_s / 9) % 1.0) ** 2
        centre = (int(242 + (i % 3 - 1) * 50 * depth), int(95 + 175 * depth))
        cv2.circle(canvas, centre, int(3 + 16 * depth), (12, 12, 14), -1, cv2.LINE_AA)
    for x, y, size in ((240, 70, 5), (205, 55, 8), (150, 36, 13), (70, 20, 20)):
        cv2.circle(canvas, (x, y), size, (170, 225, 245), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(canvas, (3, 3), 0).astype(np.uint8)


def stamp(canvas: U8, text: str) -> U8:
    """Burn a clock into the picture."""
    place, font = (10, 24), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(canvas, text, place, font, 0.55, (0, 0, 0), 4, cv2.LINE_AA)
    cv2.putText(canvas, text, place, font, 0.55, (245, 245, 245), 1, cv2.LINE_AA)
    return canvas


def paint(scene: str, at_s: float, look: str = "") -> U8:
    """A picture of ``scene`` ("shaft" or "belt") at ``at_s``, spoilt as ``look`` says."""
    seed = int(at_s * 10) % 1000
    canvas = shaft(at_s, seed) if scene == "shaft" else belt(at_s, seed)
    if look == "black":
        canvas = (canvas // 40).astype(np.uint8)
    elif look == "covered":
        cv2.rectangle(canvas, (0, 0), (440, 270), (44, 50, 62), -1)
        canvas = cv2.GaussianBlur(canvas, (31, 31), 0).astype(np.uint8)
    elif look == "defocused":
        canvas = cv2.GaussianBlur(canvas, (41, 41), 0).astype(np.uint8)
    elif look == "over_exposed":
        canvas = np.clip(canvas.astype(np.int16) + 200, 0, 255).astype(np.uint8)
    elif look == "flipped":
        canvas = np.ascontiguousarray(canvas[:, ::-1])
    elif look == "moved":
        canvas = np.roll(canvas, (60, 150), (0, 1))
    return stamp(canvas, f"2026-01-02 14:{int(at_s) // 60:02}:{int(at_s) % 60:02}")


def write(folder: Path, name: str, picture: U8) -> str:
    """Write a still into ``folder/evidence``; its path in the report."""
    file = folder / "evidence" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert done
    file.write_bytes(coded.tobytes())
    return f"evidence/{name}"
