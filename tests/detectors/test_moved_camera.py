"""moved_camera: views that changed, and views that only seem to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from detector.core.episode import blind_stretches
from detector.detectors.moved_camera import NOTHING, MovedCamera
from detector.pipeline import joined
from tests.detectors.footage import Studio, found, judged, scored

NAME = "moved_camera"
SCENE = "gallery,seconds=36,fps=5"

MOVES = {
    "aside": ("shift:start=18,seconds=12,amount=0.2", "shifted"),
    "a little aside": ("shift:start=18,seconds=12,amount=0.04,direction=up", "shifted"),
    "slowly aside": ("shift:start=18,seconds=12,amount=0.1,ramp=2", "shifted"),
    "tilted": ("rotate:start=18,seconds=12,degrees=8", "turned"),
    "a little tilted": ("rotate:start=18,seconds=12,degrees=-4", "turned"),
    "nearer": ("zoom:start=18,seconds=12,factor=1.3", "zoomed"),
    "wider": ("zoom:start=18,seconds=12,factor=0.85", "zoomed"),
}


@pytest.mark.parametrize("case", MOVES)
def test_how_and_since_when(case: str, studio: Studio) -> None:
    step, kind = MOVES[case]
    (episode,) = found(NAME, studio.shoot(SCENE, step))
    assert episode.start == pytest.approx(18.0, abs=2.6 if "slowly" in case else 1.0)
    assert episode.end == pytest.approx(30.0, abs=1.0)
    evidence = episode.evidence
    assert evidence is not None and evidence.kind == kind
    assert [label for label, _, _ in evidence.stills] == ["before", "during", "after"]


def test_figures_say_how_far(studio: Studio) -> None:
    (shifted,) = found(NAME, studio.shoot(SCENE, "shift:start=18,amount=0.2"))
    assert shifted.until_end and shifted.evidence is not None
    assert shifted.evidence.figures["shift_right_percent"] == pytest.approx(-20, abs=1)
    assert shifted.evidence.figures["rotation_degrees"] == pytest.approx(0, abs=0.5)
    (turned,) = found(NAME, studio.shoot(SCENE, "rotate:start=18,seconds=12,degrees=8"))
    assert turned.evidence is not None
    assert turned.evidence.figures["rotation_degrees"] == pytest.approx(-8, abs=0.5)
    (nearer,) = found(NAME, studio.shoot(SCENE, "zoom:start=18,seconds=12,factor=1.3"))
    assert nearer.evidence is not None
    assert nearer.evidence.figures["zoom_factor"] == pytest.approx(1.3, abs=0.03)


def test_another_place(studio: Studio) -> None:
    place = studio.record("conveyor,seconds=12,fps=5")
    (episode,) = found(NAME, studio.shoot(SCENE, f"elsewhere:start=18,path={place},seconds=9"))
    assert episode.evidence is not None and episode.evidence.kind == "other view"
    assert episode.start == pytest.approx(18, abs=1)
    assert episode.end == pytest.approx(27, abs=1)


IN_PLACE = {
    "a jolt": "shift:start=18,seconds=2,amount=0.1",
    "a truck": "truck:start=8,seconds=5",
    "a truck that stops": "truck:start=8,seconds=5,stop=3",
    "a truck that stops long": "truck:start=8,seconds=7,stop=12",
    "night falling": "night:start=8,seconds=20,level=0.15",
    "light switched down": "night:start=15,seconds=1,level=0.3",
    "brightness jump": "brightness:add=50,start=20",
    "covered": "cover:start=15,seconds=9",
    "half covered": "cover:start=15,seconds=9,share=0.7,look=hand",
    "out of focus": "defocus:start=15,seconds=9",
    "strong noise": "noise:sigma=8",
}


@pytest.mark.parametrize("case", IN_PLACE)
def test_quiet_where_the_camera_stays(case: str, studio: Studio) -> None:
    assert found(NAME, studio.shoot(SCENE, IN_PLACE[case])) == []


def test_blind_while_the_picture_says_nothing(studio: Studio) -> None:
    scores = scored(NAME, studio.shoot(SCENE, "black:start=15,seconds=8"))
    assert judged(scores) == []
    assert blind_stretches(scores[0]) == {NOTHING: pytest.approx(8, abs=1.5)}


def test_a_move_outlasts_a_black_stretch(studio: Studio) -> None:
    steps = ("shift:start=12,seconds=24", "black:start=18,seconds=6")
    episodes = found(NAME, studio.shoot(SCENE, *steps))
    assert episodes[0].start == pytest.approx(12, abs=1)
    assert episodes[-1].end == pytest.approx(36, abs=1)


def test_seen_live_as_well(studio: Studio) -> None:
    made = MovedCamera()
    footage = studio.shoot(SCENE, "shift:start=18,amount=0.2")
    scores = [*(s for block in footage for s in made.update(block)), *made.finish()]
    (episode,) = judged(joined(scores))
    assert episode.start == pytest.approx(18, abs=1)


@pytest.mark.parametrize("name", ["bikes.mp4", "carphone.mp4"])
def test_film_and_hand_held_cameras_are_not_judged(
    name: str, studio: Studio, video: Callable[[str], Path]
) -> None:
    assert found(NAME, studio.shoot(video(name))) == []


def test_a_real_camera(studio: Studio, video: Callable[[str], Path]) -> None:
    source, steps = video("autostrade_foreste.mp4"), ("fps:rate=6",)
    assert found(NAME, studio.shoot(source, *steps)) == []
    (episode,) = found(NAME, studio.shoot(source, *steps, "shift:start=6,amount=0.05"))
    assert episode.start == pytest.approx(6, abs=1) and episode.until_end


def test_what_drives_in_and_stays_is_another_view_in_the_end(studio: Studio) -> None:
    long = "gallery,seconds=100,fps=3"
    (episode,) = found(NAME, studio.shoot(long, "truck:start=10,seconds=7,stop=75,fill=0.95"))
    assert episode.evidence is not None and episode.evidence.kind == "other view"
    assert episode.start == pytest.approx(14, abs=2.5)
    assert episode.end == pytest.approx(90, abs=3)
