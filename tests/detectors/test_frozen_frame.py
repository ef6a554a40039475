"""frozen_frame: what it must see, must not call, and cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detector.bench.encoding import Encoding
from detector.core.episode import blind_stretches
from detector.core.observation import Frames, Views
from detector.detectors.frozen_frame import FrozenFrame, FrozenFrameParameters
from detector.pipeline import joined
from tests.detectors.footage import Footage, Studio, fits, found, judged, scored

HOLD = "hold:start=15,seconds=8"
CLOCK = "clock:place=top-left"

SEEN = {
    "plain": (HOLD,),
    "under a ticking clock": (HOLD, CLOCK),
    "under a clock and a spinner": (HOLD, CLOCK, "spinner:place=bottom-right"),
    "under a clock with a date": (HOLD, "clock:place=top-left,date=2026-01-02"),
}


@pytest.mark.parametrize("scene", ["gallery", "hoist", "conveyor"])
@pytest.mark.parametrize("how", SEEN)
def test_sees_a_held_picture(scene: str, how: str, studio: Studio) -> None:
    assert fits(found("frozen_frame", studio.shoot(scene, *SEEN[how])), 15, 23)


ENCODINGS = {
    "h264, no b-frames": (Encoding(gop=25, bframes=0, crf=28), ".mp4"),
    "h264, 100 kbit/s": (Encoding(gop=50, bitrate_kbps=100), ".mp4"),
    "hevc": (Encoding(codec="hevc", gop=40), ".mp4"),
    "mpeg4": (Encoding(codec="mpeg4", gop=12, quantizer=6), ".avi"),
    "mpeg2": (Encoding(codec="mpeg2video", gop=15, quantizer=6, fps=25), ".ts"),
    "mjpeg": (Encoding(codec="mjpeg"), ".avi"),
    "vp8": (Encoding(codec="vp8", gop=30), ".mkv"),
}


@pytest.mark.parametrize("how", ENCODINGS)
def test_sees_it_through_any_encoder(how: str, studio: Studio) -> None:
    encoding, suffix = ENCODINGS[how]
    footage = studio.shoot("hoist", HOLD, encoding=encoding, suffix=suffix)
    assert fits(found("frozen_frame", footage), 15, 23)


@pytest.mark.parametrize(
    ("hold", "start", "end"),
    [
        ("hold:start=0,seconds=6", 0, 6),
        ("hold:start=3,seconds=5", 3, 8),
        ("hold:start=21.4,seconds=5", 21.4, 26.4),
        ("hold:start=10,seconds=25", 10, 35),
        ("hold:start=20,seconds=7,insert=true", 20, 27),
    ],
)
def test_sees_it_anywhere(hold: str, start: float, end: float, studio: Studio) -> None:
    assert fits(found("frozen_frame", studio.shoot("hoist", hold)), start, end)


def test_sees_it_until_the_end(studio: Studio) -> None:
    (episode,) = found("frozen_frame", studio.shoot("gallery", "hold:start=30", CLOCK))
    assert episode.start == pytest.approx(30, abs=1)
    assert episode.end == pytest.approx(39.9, abs=0.3)
    assert episode.until_end


def _read_coarsely(footage: Footage, *windows: tuple[float, float]) -> Footage:
    """What is left where all was decoded in these stretches only, and elsewhere key frames."""
    kept: Footage = []
    for block in footage:
        time = block.time
        if isinstance(block, Frames):
            inside = np.zeros(len(time), dtype=bool)
            for start, end in windows:
                inside |= (time >= start) & (time < end)
            kept.append(block.rows(inside))
        else:
            kept.append(block.rows(block.key))
    return kept


def test_key_frames_tell_that_a_hold_goes_on(studio: Studio) -> None:
    footage = studio.shoot("hoist", "hold:start=10,seconds=25")
    coarse = _read_coarsely(footage, (7, 13), (33, 38))
    assert fits(found("frozen_frame", coarse), 10, 35)


def test_key_frames_alone_do_not_tell_a_hold(studio: Studio) -> None:
    footage = studio.shoot("hoist", "hold:start=10,seconds=25")
    coarse = _read_coarsely(footage, (2, 6))
    assert not found("frozen_frame", coarse)
    (score,) = joined(scored("frozen_frame", coarse))
    assert sum(blind_stretches(score).values()) > 15


def test_a_hold_does_not_go_on_over_live_key_frames(studio: Studio) -> None:
    footage = studio.shoot("hoist", "hold:start=10,seconds=6", "hold:start=28,seconds=6")
    coarse = _read_coarsely(footage, (7, 13), (26, 36))
    first, second = found("frozen_frame", coarse)
    assert first.end <= 17 and second.start >= 27


def test_two_holds_are_two(studio: Studio) -> None:
    steps = ("hold:start=8,seconds=6", "hold:start=24,seconds=6")
    first, second = found("frozen_frame", studio.shoot("conveyor", *steps))
    assert fits([first], 8, 14) and fits([second], 24, 30)


def test_evidence_shows_before_during_and_after(studio: Studio) -> None:
    (episode,) = found("frozen_frame", studio.shoot("gallery", HOLD))
    assert episode.peak == pytest.approx(8, abs=1)
    assert episode.evidence is not None and episode.evidence.kind == "held"
    labels, streams, times = zip(*episode.evidence.stills, strict=True)
    assert labels == ("before", "during", "after") and set(streams) == {"shaft"}
    assert times[0] < 15 <= times[1] <= 23 < times[2]


NOT_CALLED = {
    "a still but live scene": ("idle_shaft", (), Encoding(gop=20, crf=23)),
    "a still scene, little noise": ("idle_shaft,sigma=1", (), Encoding(gop=20, crf=20)),
    "a still scene, low bit rate": ("idle_shaft", (), Encoding(gop=30, bitrate_kbps=60)),
    "a still scene under a clock": ("idle_shaft", (CLOCK,), Encoding(gop=20, crf=23)),
    "natural repeats in runs of 3": ("gallery", ("repeat:share=0.3",), Encoding(gop=20)),
    "single pictures missing": ("gallery", ("drop:share=0.2",), Encoding(gop=20)),
    "5 pictures a second": ("hoist", ("fps:rate=5",), Encoding(gop=10)),
    "2 pictures a second": ("hoist", ("fps:rate=2",), Encoding(gop=10)),
    "1 picture a second": ("gallery", ("fps:rate=1",), Encoding(gop=10)),
    "rarely anybody": ("gallery,passers_per_min=2,seconds=60", (), Encoding(gop=20)),
    "rarely anybody, low bit rate": (
        "gallery,passers_per_min=2,seconds=60",
        (),
        Encoding(gop=30, bitrate_kbps=60),
    ),
    "nightfall": ("gallery", ("night:start=8,seconds=10,level=0.1",), Encoding(gop=20)),
    "darkness": ("gallery", ("night:start=0,seconds=1,level=0.05",), Encoding(gop=20)),
    "a jump of brightness": ("gallery", ("brightness:add=60,start=20",), Encoding(gop=20)),
    "a loop": ("gallery", ("loop:start=10,period=5,repetitions=3",), Encoding(gop=20)),
    "a missing stretch": ("gallery", ("gap:start=12,seconds=15",), Encoding(gop=20)),
}


@pytest.mark.parametrize("what", NOT_CALLED)
def test_must_not_call(what: str, studio: Studio) -> None:
    scene, steps, encoding = NOT_CALLED[what]
    assert found("frozen_frame", studio.shoot(scene, *steps, encoding=encoding)) == []


def test_blind_where_the_encoder_left_no_noise(studio: Studio) -> None:
    """A still, noiseless scene with nothing live to compare with: nothing can be told."""
    encoding = Encoding(gop=400, crf=40)
    scores = scored("frozen_frame", studio.shoot("idle_shaft,sigma=1", encoding=encoding))
    assert judged(scores) == []
    (reasons,) = [blind_stretches(s) for s in scores]
    assert sum(reasons.values()) > 20
    assert any("noise" in reason for reason in reasons)


def still(seconds: float) -> Footage:
    """Features of a picture of which not a bit changes, a key frame every 2 s."""
    count = int(seconds * 5)
    frames = Frames(
        stream="shaft",
        time=np.arange(count) / 5 + 0.16,
        seconds=np.full(count, 0.2, dtype=np.float32),
        pictures=np.full(count, 5, dtype=np.int32),
        motion=np.zeros((count, 9, 16), dtype=np.int8),
        stir=np.zeros((count, 9, 16), dtype=np.uint8),
        coded=np.full(count, 100, dtype=np.int32),
    )
    return [frames]


def test_nothing_at_all_for_long_is_an_episode_of_its_own_kind() -> None:
    (episode,) = found("frozen_frame", still(1260))
    assert episode.evidence is not None and episode.evidence.kind == "no change"
    assert episode.end - episode.start > 1200
    assert found("frozen_frame", still(1140)) == []


def test_how_long_is_a_parameter() -> None:
    detector = FrozenFrame(FrozenFrameParameters(unchanged_s=30.0))
    for block in still(60):
        detector.update(block)
    (scores,) = joined(detector.finish())
    assert np.nanmax(scores.value) == pytest.approx(60, abs=1)


def test_key_frames_alone_are_judged_live_or_blind_never_held(studio: Studio) -> None:
    for steps in ((), (HOLD,)):
        views = [o for o in studio.shoot("gallery", *steps) if isinstance(o, Views)]
        (scores,) = scored("frozen_frame", views)
        assert judged([scores]) == []
        assert np.sum(scores.why < 0) >= 8


REAL = ["vtest.avi", "highway.avi", "motorway_osd.avi", "autostrade_foreste.mp4"]


@pytest.mark.parametrize("name", REAL)
def test_real_footage_held_and_live(
    name: str, video: Callable[[str], Path], studio: Studio
) -> None:
    part = ("trim:start=0,seconds=15", "scale:size=320x240")
    hold = (*part, "hold:start=5,seconds=6", CLOCK)
    assert found("frozen_frame", studio.shoot(video(name), *part)) == []
    assert fits(found("frozen_frame", studio.shoot(video(name), *hold)), 5, 11)


@pytest.mark.parametrize("name", ["one-by-one-person-detection.mp4", "bottle-detection.mp4"])
def test_real_stillness_is_no_freeze(
    name: str, video: Callable[[str], Path], studio: Studio
) -> None:
    footage = studio.shoot(video(name), "trim:start=0,seconds=30", "scale:size=384x216")
    assert found("frozen_frame", footage) == []
