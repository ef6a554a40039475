"""duplicated_video: what it must see and must not call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from detector.bench.encoding import Encoding
from detector.core.episode import Episode
from detector.edge.video import Extraction, extract
from tests.detectors.footage import Footage, Studio, fits, found, scored

COPY = Encoding(gop=25, crf=26)

TRANSFORMS: dict[str, tuple[str, ...]] = {
    "re-encoded": (),
    "scaled": ("scale:size=240x136",),
    "squeezed": ("scale:size=240x180",),
    "cropped to 90 %": ("crop:keep=0.9",),
    "cropped to 95 %": ("crop:keep=0.95",),
    "cropped to a corner": ("crop:keep=0.9,offset_x=1,offset_y=0",),
    "mirrored": ("flip",),
    "mirrored and cropped": ("flip", "crop:keep=0.9"),
    "darker": ("gamma:value=1.6",),
    "lighter": ("gamma:value=0.6",),
    "grey": ("grey",),
    "a logo": ("logo:place=bottom-right",),
    "another text": ("text:text=CAM 7,place=top",),
    "another clock": ("clock:from_clock=03:12:00",),
    "a lower rate": ("fps:rate=6",),
    "a higher rate": ("fps:rate=25",),
    "nearly everything": ("crop:keep=0.92", "gamma:value=0.7", "grey", "clock", "fps:rate=12.5"),
}


@pytest.mark.parametrize("how", TRANSFORMS)
def test_sees_a_copy(how: str, studio: Studio) -> None:
    original = studio.shoot("gallery", stream="a")
    copy = studio.shoot("gallery", *TRANSFORMS[how], encoding=COPY, stream="b")
    (episode,) = found("duplicated_video", [*original, *copy])
    assert episode.stream == "b"
    assert fits([episode], 0, 40)
    assert other(episode) == pytest.approx((0, 40, 0), abs=1)
    assert episode.evidence is not None
    mirrored = "flip" in TRANSFORMS[how]
    assert episode.evidence.kind == ("mirrored copy" if mirrored else "copy")
    assert episode.evidence.figures["flipped"] is mirrored
    assert "misconfigured channel" in episode.evidence.figures["benign"]


def other(episode: Episode, stream: str = "a") -> tuple[float, float, float]:
    assert episode.evidence is not None and episode.evidence.other is not None
    shown = episode.evidence.other
    assert shown.stream == stream
    return shown.start, shown.end, shown.lag


@pytest.mark.parametrize(
    "encoding", [Encoding(codec="hevc", crf=32, gop=60), Encoding(codec="mjpeg")]
)
def test_sees_it_through_another_codec(encoding: Encoding, studio: Studio) -> None:
    suffix = ".avi" if encoding.codec == "mjpeg" else ".mp4"
    copy = studio.shoot("hoist", encoding=encoding, suffix=suffix, stream="b")
    assert fits(found("duplicated_video", [*studio.shoot("hoist", stream="a"), *copy]), 0, 40)


@pytest.mark.parametrize(("start", "seconds"), [(12, 20), (0, 10), (30.3, 9.7)])
def test_sees_what_is_shared_in_part_with_the_lag(
    start: float, seconds: float, studio: Studio
) -> None:
    original = studio.shoot("conveyor", stream="a")
    part = f"trim:start={start},seconds={seconds}"
    copy = studio.shoot("conveyor", part, encoding=COPY, stream="b")
    (episode,) = found("duplicated_video", [*original, *copy])
    assert fits([episode], 0, seconds)
    assert other(episode) == pytest.approx((start, start + seconds, -start), abs=1)


@pytest.mark.parametrize("lag", [-600.0, 7.0, 600.0])
def test_sees_a_copy_that_runs_early_or_late(lag: float, studio: Studio) -> None:
    original = studio.shoot("gallery", stream="a")
    copy = moved(studio.shoot("gallery", "clock", encoding=COPY, stream="b"), 1000 + lag)
    (episode,) = found("duplicated_video", [*moved(original, 1000), *copy])
    assert fits([episode], 1000 + lag, 1040 + lag)
    assert other(episode) == pytest.approx((1000, 1040, lag), abs=1)


def moved(footage: Footage, by_s: float) -> Footage:
    return [replace(block, time=block.time + by_s) for block in footage]


def test_a_copy_amid_something_else(studio: Studio) -> None:
    """The second camera shows its own place, the first one's for 12 s, and its own again."""
    taken = studio.record("gallery", "trim:start=5,seconds=12")
    own = studio.record("gallery,seed=5,layout=2", "trim:start=20,seconds=15")
    steps = (f"join:path={taken}", f"join:path={own}")
    mixed = studio.shoot("gallery,seed=5,layout=2", "trim:start=0,seconds=15", *steps, stream="b")
    (episode,) = found("duplicated_video", [*studio.shoot("gallery", stream="a"), *mixed])
    assert fits([episode], 15, 27)
    assert other(episode) == pytest.approx((5, 17, 10), abs=1)


def test_each_pair_of_three_that_share_is_told(studio: Studio) -> None:
    footage = [
        studio.shoot("gallery", *steps, stream=stream)
        for stream, steps in (("a", ()), ("b", ("grey",)), ("c", ("gamma:value=1.3",)))
    ]
    footage.append(studio.shoot("conveyor", stream="d"))
    episodes = found("duplicated_video", [block for blocks in footage for block in blocks])
    pairs = {
        (e.stream, e.evidence.other.stream) for e in episodes if e.evidence and e.evidence.other
    }
    assert pairs == {("b", "a"), ("c", "a"), ("c", "b")}


def test_the_order_of_cameras_does_not_matter(studio: Studio) -> None:
    a, b = studio.shoot("hoist", stream="a"), studio.shoot("hoist", "crop:keep=0.9", stream="b")
    one, two = found("duplicated_video", [*a, *b]), found("duplicated_video", [*b, *a])
    assert [(e.stream, e.start, e.end) for e in one] == [(e.stream, e.start, e.end) for e in two]


ALIKE: dict[str, tuple[str, str]] = {
    "a gallery seen from both ends": ("gallery", "gallery,view=1"),
    "a gallery seen from both ends, busy": (
        "gallery,passers_per_min=40,seed=3",
        "gallery,passers_per_min=40,seed=3,view=1",
    ),
    "the same gallery another day": ("gallery", "gallery,seed=5"),
    "two conveyors": ("conveyor", "conveyor,layout=2,seed=4"),
    "the same still shaft": ("idle_shaft", "idle_shaft,seed=4"),
    "the same clock on both": ("gallery", "gallery,layout=3,seed=9"),
}


@pytest.mark.parametrize("what", ALIKE)
def test_must_not_call(what: str, studio: Studio) -> None:
    steps = ("clock",) if "clock" in what else ()
    one, two = ALIKE[what]
    footage = [*studio.shoot(one, *steps, stream="a"), *studio.shoot(two, *steps, stream="b")]
    assert found("duplicated_video", footage) == []


def test_one_camera_alone_is_no_duplicate_of_itself(studio: Studio) -> None:
    loop = studio.shoot("gallery", "loop:start=8,period=5,repetitions=3")
    assert found("duplicated_video", loop) == []
    assert len(scored("duplicated_video", loop)) == 1


def whole(path: Path) -> Footage:
    return list(extract(path, path.name, Extraction()))


@pytest.mark.parametrize(
    ("original", "copy"),
    [("highway.avi", "highway_copy.mpg"), ("road_empty.avi", "road_empty_copy.avi")],
)
def test_real_pairs(original: str, copy: str, video: Callable[[str], Path]) -> None:
    footage = [*whole(video(original)), *whole(video(copy))]
    (episode,) = found("duplicated_video", footage)
    assert episode.stream == copy
    assert other(episode, original)[2] == pytest.approx(0, abs=0.5)
    assert episode.end - episode.start > 10


UNRELATED = [
    "vtest.avi",
    "highway.avi",
    "motorway_osd.avi",
    "autostrade_foreste.mp4",
    "autostrade_salitona.mp4",
    "autostrade_tunnelligure.mp4",
    "autostrade_milanoest.mp4",
]


def test_real_motorways_are_alike_and_no_duplicates(
    video: Callable[[str], Path], studio: Studio
) -> None:
    part = ("trim:start=0,seconds=14.5", "scale:size=320x240")
    footage = [studio.shoot(video(name), *part, stream=name) for name in UNRELATED]
    assert len(list(combinations(footage, 2))) == 21
    assert found("duplicated_video", [b for blocks in footage for b in blocks]) == []
