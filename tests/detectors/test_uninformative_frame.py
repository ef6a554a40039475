"""uninformative_frame: pictures that say nothing, and pictures that only look so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detector.bench.encoding import Encoding
from detector.core.episode import blind_stretches
from detector.core.observation import Views
from detector.detectors.uninformative_frame import NO_REFERENCE, RESTLESS, UninformativeFrame
from detector.pipeline import joined
from tests.detectors.footage import Footage, Studio, found, judged, scored

NAME = "uninformative_frame"
SCENE = "gallery,seconds=36,fps=5"

TELLTALE = {
    "black": ("black:start=15,seconds=8", "black"),
    "black under noise": ("black:start=15,seconds=8,level=20,sigma=4", "black"),
    "flooded": ("overexpose:start=15,seconds=8", "over-exposed"),
    "cloth": ("cover:start=15,seconds=8", "covered"),
    "hand before most of it": ("cover:start=15,seconds=8,look=hand,share=0.75", "covered"),
    "paper": ("cover:start=15,seconds=8,look=paper,side=top", "covered"),
    "out of focus": ("defocus:start=15,seconds=8", "defocused"),
    "a little out of focus": ("defocus:start=15,seconds=8,blur_px=5", "defocused"),
    "blue slate": ("slate:start=15,seconds=8", "no signal"),
    "black slate": ("slate:start=15,seconds=8,look=black", "no signal"),
    "colour bars": ("slate:start=15,seconds=8,look=bars", "no signal"),
}


@pytest.mark.parametrize("case", TELLTALE)
def test_which_and_since_when(case: str, studio: Studio) -> None:
    step, kind = TELLTALE[case]
    (episode,) = found(NAME, studio.shoot(SCENE, step))
    assert episode.start == pytest.approx(15.0, abs=1.0)
    assert episode.end == pytest.approx(23.0, abs=1.0)
    assert not episode.until_end
    evidence = episode.evidence
    assert evidence is not None and evidence.kind == kind
    assert [label for label, _, _ in evidence.stills] == ["before", "during", "after"]
    before, during, after = (time for _, _, time in evidence.stills)
    assert before <= 15.0 < during < 23.0 <= after


@pytest.mark.parametrize("step", ["cover:start=25", "defocus:start=25", "black:start=25"])
def test_until_the_end(step: str, studio: Studio) -> None:
    (episode,) = found(NAME, studio.shoot(SCENE, step))
    assert episode.start == pytest.approx(25.0, abs=1.0)
    assert episode.until_end


@pytest.mark.parametrize(
    "step", ["black:start=0,seconds=8", "overexpose:start=0,seconds=8", "slate:start=0,seconds=8"]
)
def test_from_the_first_picture_without_having_learned(step: str, studio: Studio) -> None:
    (episode,) = judged(live(studio.shoot(SCENE, step)))
    assert episode.start <= 0.5
    assert episode.end == pytest.approx(8.0, abs=1.0)


def test_a_recording_that_begins_covered_shows_it_once_learned(studio: Studio) -> None:
    footage = studio.shoot(SCENE, "cover:start=0,seconds=8")
    (episode,) = found(NAME, footage)
    assert episode.start < 1.6 and episode.end == pytest.approx(8.0, abs=1.0)
    assert all(e.start > 7 for e in judged(live(footage)))


NOTHING_WRONG = {
    "night falling": "night:start=8,seconds=20,level=0.15",
    "light switched down": "night:start=15,seconds=1,level=0.3",
    "brightness jump down": "brightness:add=-50,start=20",
    "brightness jump up": "brightness:add=50,start=20",
    "a truck that stops": "truck:start=8,seconds=6,stop=8",
    "a third of it hidden": "cover:start=15,seconds=8,share=0.2",
    "strong noise": "noise:sigma=8",
    "dark all along": "gamma:value=3",
}


@pytest.mark.parametrize("case", NOTHING_WRONG)
def test_quiet_where_the_picture_says_enough(case: str, studio: Studio) -> None:
    assert found(NAME, studio.shoot(SCENE, NOTHING_WRONG[case])) == []


def test_quiet_under_heavy_compression(studio: Studio) -> None:
    assert found(NAME, studio.shoot(SCENE, encoding=Encoding(bitrate_kbps=40))) == []


def test_blind_until_a_view_is_known(studio: Studio) -> None:
    scores = joined(live(studio.shoot(SCENE)))
    why = blind_stretches(scores[0])
    assert set(why) == {NO_REFERENCE} and why[NO_REFERENCE] < 5


def test_cameras_that_never_rest_are_not_judged(
    studio: Studio, video: Callable[[str], Path]
) -> None:
    scores = scored(NAME, studio.shoot(video("bikes.mp4")))
    assert judged(scores) == []
    assert set(blind_stretches(scores[0])) & {RESTLESS, NO_REFERENCE}


@pytest.mark.parametrize("name", ["lane_brightness_jump.avi", "autostrade_salitona.mp4"])
def test_quiet_on_real_footage(name: str, studio: Studio, video: Callable[[str], Path]) -> None:
    assert found(NAME, studio.shoot(video(name), encoding=Encoding(bitrate_kbps=150))) == []


def test_a_hand_before_a_real_lens(studio: Studio, video: Callable[[str], Path]) -> None:
    kinds = {e.evidence.kind for e in found(NAME, studio.shoot(video("tree.avi"))) if e.evidence}
    assert kinds <= {"covered"}


def test_streams_are_kept_apart(studio: Studio) -> None:
    covered = studio.shoot(SCENE, "cover:start=15,seconds=8")
    clean = studio.shoot("hoist", stream="yard")
    assert {e.stream for e in found(NAME, [*covered, *clean])} == {"shaft"}


def test_memory_holds_no_pictures_of_long_streams(studio: Studio) -> None:
    views = [o for o in studio.shoot(SCENE) if isinstance(o, Views)]
    made = UninformativeFrame()
    for turn in range(3):
        for block in views:
            time = block.time + turn * 60.0
            made.learn(type(block)(**{**vars(block), "time": time}))
    looks = vars(made)["_cameras"]["shaft"].__dict__["_looks"].looks
    assert 1 <= len(looks) <= 24
    assert np.isfinite([look.light for look in looks]).all()


def live(footage: Footage) -> list:  # type: ignore[type-arg]
    """Scores without anything learned before."""
    made = UninformativeFrame()
    return joined([*(s for block in footage for s in made.update(block)), *made.finish()])
