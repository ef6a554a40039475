"""Pictures one by one have the features of a recording of them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import cv2
import numpy as np
import pytest

from detector.core.observation import Frames, Views, join
from detector.edge.payloads import BadPayload, Shot
from detector.edge.pictures import Camera, Cameras, luma_of
from detector.signals.rows import FrameRows, ViewRows
from tests.edge.payloads.making import NOW, claiming, jpeg


def shot(time: float, seed: int = 0, width: int = 96, height: int = 72) -> Shot:
    return Shot("7", "shaft", NOW + time, jpeg(width, height, seed), width, height)


def rows(camera: Camera, shots: list[Shot]) -> tuple[list[Frames], list[Views]]:
    blocks = [block for one in shots for block in camera.add(one)]
    frames = [b for b in blocks if isinstance(b, Frames)]
    return frames, [b for b in blocks if isinstance(b, Views)]


def same(one: Any, other: Any) -> None:
    for field in fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))


@pytest.mark.parametrize("rate", [0.5, 1, 2, 4, 10])
def test_rows_are_those_of_a_recording(rate: float) -> None:
    shots = [shot(n / rate, seed=n) for n in range(12)]
    frames, views = rows(Camera("shaft"), shots)
    made_frames, made_views = FrameRows("shaft"), ViewRows("shaft")
    for one in shots:
        made_frames.add(one.time, luma_of(one), len(one.jpeg))
        made_views.add(one.time, luma_of(one), key=True)
    (expected_views,) = made_views.blocks(0)
    (expected,) = made_frames.blocks(0)
    same(join(views), expected_views)
    same(join(frames), expected.rows(slice(0, len(join(frames)))))
    assert len(expected) - len(join(frames)) == (0 if rate < 2.5 else 1)


def test_a_picture_sent_again_has_no_rows() -> None:
    camera = Camera("shaft")
    rows(camera, [shot(0), shot(1)])
    assert rows(camera, [shot(1)]) == ([], [])
    frames, views = rows(camera, [shot(2)])
    assert frames[0].seconds.tolist() == views[0].seconds.tolist() == [1]


def test_another_picture_at_the_same_time_is_told() -> None:
    camera = Camera("shaft")
    rows(camera, [shot(0), shot(1.5), shot(3)])
    assert camera.add(shot(3, seed=5)) == []  # its clock may tell whole seconds only
    rows(camera, [shot(4.5)])
    with pytest.raises(BadPayload, match="clock"):
        camera.add(shot(4.5, seed=5))
    assert len(camera.add(shot(6))) == 2


def test_all_begins_anew_where_time_runs_backward() -> None:
    camera = Camera("shaft")
    rows(camera, [shot(100), shot(101), shot(101.1), shot(101.3)])
    frames, views = rows(camera, [shot(50), shot(51, seed=1), shot(52)])
    assert np.concatenate([b.seconds for b in views]).tolist() == [0, 1, 1]
    assert [round(t - NOW, 1) for t in join(frames).time] == [50, 51, 52, 101.3]


def test_a_step_has_one_row() -> None:
    camera = Camera("shaft")
    frames, _ = rows(camera, [shot(0), shot(1), shot(1.1), shot(2), shot(2.05)])
    assert [round(t - NOW, 2) for t in join(frames).time] == [0, 1, 2]


def test_wide_pictures_are_halved() -> None:
    sizes = {(960, 540): (540, 960), (1280, 720): (360, 640), (1920, 1080): (540, 960)}
    for (width, height), shape in sizes.items():
        assert luma_of(shot(0, width=width, height=height)).shape == shape
    one = shot(0, width=2560, height=1440)
    assert luma_of(one).shape == (360, 640)
    ((_, _), (mine, views)) = Cameras().add(one) * 2
    assert mine == "7"
    assert isinstance(views, Views)
    assert views.size.tolist() == [[640, 360]]


@pytest.mark.parametrize("size", [300, 1000])
def test_what_is_cut_off_is_refused(size: int) -> None:
    picture = jpeg(640, 480)
    with pytest.raises(BadPayload, match="cut off"):
        luma_of(Shot("7", "c", NOW, picture[: len(picture) // 2] + bytes(size), 640, 480))


def test_what_cannot_be_decoded_is_refused() -> None:
    for picture in (b"\xff\xd9", jpeg()[:150] + b"\xff\xd9", claiming(jpeg(), 60_000, 60_000)):
        with pytest.raises(BadPayload, match="picture"):
            luma_of(Shot("7", "c", NOW, picture, 96, 72))


def test_the_cameras_that_came_last_are_known() -> None:
    cameras = Cameras(most=2)
    for name in "abcab":
        for time in (0, 1):
            cameras.add(Shot("7", name, NOW + time, jpeg(), 96, 72))
    seconds = [
        views.seconds[0] for _, views in cameras.add(Shot("7", "b", NOW + 2, jpeg(), 96, 72))
    ]
    assert seconds == [1, 1]
    gone = cameras.add(Shot("7", "c", NOW + 3, jpeg(), 96, 72))
    assert [float(views.seconds[0]) for _, views in gone] == [0]


def test_colour_is_its_luma() -> None:
    colour = np.zeros((64, 64, 3), np.uint8)
    colour[..., 1] = 200
    done, coded = cv2.imencode(".jpg", colour)
    assert done
    assert abs(float(luma_of(Shot("7", "c", NOW, coded.tobytes(), 64, 64)).mean()) - 117) < 2


@pytest.mark.parametrize("threads", [1, 2])
def test_cameras_side_by_side_are_as_one_after_another(threads: int) -> None:
    shots = [
        Shot("7", name, NOW + time, jpeg(seed=time), 96, 72) for time in range(4) for name in "abc"
    ]
    bad = Shot("7", "b", NOW + 9, b"", 96, 72)
    alone, together = Cameras(), Cameras(threads=threads)
    for half in (shots[:5], shots[5:]):
        *found, refused = together.add_all([*half, bad])
        assert isinstance(refused, BadPayload)
        for one, rows in zip(half, found, strict=True):
            assert not isinstance(rows, BadPayload)
            for (_, mine), (_, theirs) in zip(alone.add(one), rows, strict=True):
                same(mine, theirs)


def test_a_batch_that_is_tried_again_gives_the_same_rows() -> None:
    cameras = Cameras()
    shots = [shot(time, seed=time) for time in range(3)]
    first = cameras.add_all(shots)
    for again, rows in zip(cameras.add_all(shots), first, strict=True):
        assert again is rows
        assert len(rows) == 1 + (rows is not first[0])  # type: ignore[arg-type]
    (new,) = cameras.add_all([shot(3, seed=3)])
    assert not isinstance(new, BadPayload)
    assert [float(block.seconds[0]) for _, block in new] == [1, 1]
    assert [len(rows) for rows in cameras.add_all(shots)] == [1, 2, 2]  # type: ignore[arg-type]
