"""replayed_video: what it must see and must not call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detector.bench.encoding import Encoding
from detector.bench.scenes import Settings
from detector.bench.scenes import scene as make_scene
from detector.core.episode import Episode, blind_stretches
from detector.core.observation import Frames
from detector.detectors.replayed_video import ReplayedVideo
from detector.signals.rows import FrameRows
from tests.detectors.footage import Footage, Studio, fits, found, scored

REPLAY = "replay:start=25,seconds=8,from=5"

DISGUISES: dict[str, tuple[tuple[str, ...], Encoding]] = {
    "plain": ((), Encoding(gop=20, crf=23)),
    "a clock on top": (("clock",), Encoding(gop=20, crf=23)),
    "a clock and a text on top": (("clock", "text:place=bottom"), Encoding(gop=20, crf=23)),
    "brightness drift": (("brightness:drift_per_min=40",), Encoding(gop=20, crf=23)),
    "another rate": (("fps:rate=12.5",), Encoding(gop=25, crf=23)),
    "another codec": ((), Encoding(codec="hevc", gop=40, crf=30)),
    "low bit rate": ((), Encoding(gop=50, bitrate_kbps=80)),
}


@pytest.mark.parametrize("scene", ["gallery", "conveyor"])
@pytest.mark.parametrize("how", DISGUISES)
def test_sees_a_replay(scene: str, how: str, studio: Studio) -> None:
    steps, encoding = DISGUISES[how]
    (episode,) = found("replayed_video", studio.shoot(scene, REPLAY, *steps, encoding=encoding))
    assert fits([episode], 25, 33)
    assert other(episode) == pytest.approx((5, 13, 20), abs=1)
    assert episode.evidence is not None and episode.evidence.kind == "replay"


def other(episode: Episode) -> tuple[float, float, float]:
    assert episode.evidence is not None and episode.evidence.other is not None
    shown = episode.evidence.other
    assert shown.stream == episode.stream
    return shown.start, shown.end, shown.lag


@pytest.mark.parametrize(("period", "times"), [(4, 4), (5, 3), (9.5, 2)])
def test_sees_a_loop_with_its_period(period: float, times: int, studio: Studio) -> None:
    loop = f"loop:start=8,period={period},repetitions={times}"
    (episode,) = found("replayed_video", studio.shoot("gallery", loop, "clock"))
    assert fits([episode], 8 + period, 8 + period * (times + 1))
    assert other(episode)[2] == pytest.approx(period, abs=0.05)
    assert episode.evidence is not None and episode.evidence.kind == "loop"
    assert episode.evidence.figures["period_s"] == pytest.approx(period, abs=0.05)
    assert episode.evidence.figures["repetitions"] == pytest.approx(times, abs=0.5)


def test_sees_a_loop_until_the_end(studio: Studio) -> None:
    (episode,) = found("replayed_video", studio.shoot("conveyor", "loop:start=20,period=4"))
    assert fits([episode], 24, 40)


def test_stills_pair_matching_instants(studio: Studio) -> None:
    (episode,) = found("replayed_video", studio.shoot("gallery", REPLAY))
    assert episode.evidence is not None
    stills = episode.evidence.stills
    assert [label for label, _, _ in stills] == ["own", "other"] * 3
    for (_, _, own), (_, _, earlier) in zip(stills[::2], stills[1::2], strict=True):
        assert 25 <= own <= 33 and own - earlier == pytest.approx(20, abs=0.1)
    similarity = np.array(episode.evidence.figures["similarity"])
    assert np.nanmedian(similarity) > 0.7


def later(footage: Footage, by_s: float) -> Footage:
    return [replace(block, time=block.time + by_s) for block in footage]


@pytest.mark.parametrize("hours", [0.1, 3.0, 30.0])
def test_sees_a_replay_of_another_file_of_the_camera(hours: float, studio: Studio) -> None:
    yesterday = studio.shoot("gallery,seed=1")
    today = studio.shoot("gallery,seed=1", "trim:start=10,seconds=20", "clock")
    (episode,) = found("replayed_video", [*yesterday, *later(today, hours * 3600)])
    assert fits([episode], hours * 3600, hours * 3600 + 20)
    assert other(episode)[2] == pytest.approx(hours * 3600 - 10, abs=0.5)


NOT_CALLED: dict[str, tuple[str, tuple[str, ...]]] = {
    "a still scene": ("idle_shaft", ()),
    "a still scene under a clock": ("idle_shaft", ("clock",)),
    "a spinner": ("idle_shaft", ("spinner:per_s=8",)),
    "a traffic light": ("traffic_light,seconds=90,passers_per_min=4", ()),
    "a traffic light, another day": ("traffic_light,seconds=90,passers_per_min=4,seed=1", ()),
    "a hoist, a third day": ("hoist,seconds=90,passers_per_min=6,seed=2", ()),
    "a conveyor": ("conveyor,seconds=60", ()),
    "a gallery": ("gallery,seconds=60", ()),
    "a held picture": ("gallery", ("hold:start=15,seconds=8",)),
    "a missing stretch": ("gallery", ("gap:start=12,seconds=15",)),
}


@pytest.mark.parametrize("what", NOT_CALLED)
def test_must_not_call(what: str, studio: Studio) -> None:
    scene, steps = NOT_CALLED[what]
    assert found("replayed_video", studio.shoot(scene, *steps)) == []


def test_blind_where_nothing_moves() -> None:
    quiet = Frames(
        stream="shaft",
        time=np.arange(300) / 5,
        seconds=np.full(300, 0.2, dtype=np.float32),
        pictures=np.full(300, 5, dtype=np.int32),
        motion=np.zeros((300, 9, 16), dtype=np.int8),
        stir=np.zeros((300, 9, 16), dtype=np.uint8),
        coded=np.zeros(300, dtype=np.int32),
    )
    (scores,) = scored("replayed_video", [quiet])
    assert np.isnan(scores.value).all()
    (reason,) = blind_stretches(scores)
    assert "nothing moves" in reason


REAL = ["vtest.avi", "highway.avi", "motorway_osd.avi"]


@pytest.mark.parametrize("name", REAL)
def test_real_footage_replayed_and_live(
    name: str, video: Callable[[str], Path], studio: Studio
) -> None:
    part = ("trim:start=0,seconds=27", "scale:size=320x240")
    replay = (*part, "replay:start=18,seconds=7,from=4", "clock")
    assert found("replayed_video", studio.shoot(video(name), *part)) == []
    assert fits(found("replayed_video", studio.shoot(video(name), *replay)), 18, 25)


def test_of_a_picture_a_second_each_counts_once() -> None:
    """A cage that runs as it ran before is told from a replay by many pictures, not by a few."""
    shown = make_scene("hoist", Settings(seconds=60.0, fps=1.0, size="320x180"))
    rows = FrameRows("hoist")
    for k in range(60):
        rows.add(float(k), shown.picture(k).mean(axis=2).astype(np.uint8), 9000)
    detector = ReplayedVideo()
    for block in rows.blocks(0):
        detector.update(block)
    (told,) = detector.finish()
    assert np.nanmax(told.value) == 0.0
