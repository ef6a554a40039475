"""The demo's camera is live, held, and live again; the service tells."""

from __future__ import annotations

from itertools import islice

from detector.apps.demo_camera import CAMERA, HELD_S, LIVE_S, pictures
from detector.core.observation import Frames, Views
from detector.detectors.frozen_frame import FrozenFrame
from detector.edge.payloads import Shot
from detector.edge.pictures import Camera


def test_its_pictures_are_held_for_a_while_and_found() -> None:
    shown = list(islice(pictures(), LIVE_S + HELD_S + 30))
    assert len(set(shown)) == len(shown) - HELD_S
    camera, detector = Camera(CAMERA), FrozenFrame()
    for k, picture in enumerate(shown):
        for block in camera.add(Shot("1", CAMERA, 1_800_000_000.0 + k, picture, 320, 180)):
            assert isinstance(block, Frames | Views)
            detector.update(block)
    (scores,) = detector.finish()
    frozen = scores.time[scores.value >= 4.0] - 1_800_000_000.0
    assert LIVE_S + 2 <= frozen.min() <= LIVE_S + 6
    assert frozen.max() == LIVE_S + HELD_S - 1
