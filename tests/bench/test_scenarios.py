"""The scenario set: complete, fixed, and pooled so that no scene is its own copy."""

from collections import Counter
from itertools import pairwise

import pytest

from detector.bench.attacks import attacks
from detector.bench.making import pooled
from detector.bench.negatives import negatives
from detector.bench.parsing import is_scene, parsed_scene, parsed_step
from detector.bench.scenarios import DETECTORS, SCENES, Recipe, Scenario, placed
from detector.bench.scenes import SCENES as SCENES_OF_KIT
from detector.core.accuracy import overlap_s


def by_scene(sources: set[str]) -> dict[str, set[str]]:
    """Sources of rendered scenes by the scene's name."""
    found: dict[str, set[str]] = {}
    for source in sources:
        found.setdefault(source.removeprefix("scene:").partition(",")[0], set()).add(source)
    return found


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    return [*attacks(), *negatives()]


def test_names_and_recordings_are_unique(scenarios: list[Scenario]) -> None:
    names = Counter(scenario.name for scenario in scenarios)
    targets = Counter(r.target for s in scenarios for r in s.recipes if r.encoding is not None)
    assert max(names.values()) == 1
    assert max(targets.values()) == 1


def test_every_step_and_scene_is_understood(scenarios: list[Scenario]) -> None:
    recipes = [recipe for scenario in scenarios for recipe in scenario.recipes]
    for step in {step for recipe in recipes for step in placed(recipe.steps, "/footage")}:
        parsed_step(step)
    for name, sources in by_scene({r.source for r in recipes if is_scene(r.source)}).items():
        assert name in SCENES_OF_KIT
        assert len(parsed_scene(min(sources))) > 0


def test_every_attack_is_reported_on_and_tuned_on(scenarios: list[Scenario]) -> None:
    attacked = {
        split: {s.attack for s in scenarios if s.split == split} for split in ("tune", "report")
    }
    assert attacked["tune"] == attacked["report"]
    for group in DETECTORS:
        assert sum(s.group == group and s.split == "report" for s in scenarios) >= 10


def test_no_scene_is_in_both_splits(scenarios: list[Scenario]) -> None:
    splits: dict[str, set[str]] = {}
    for scenario in scenarios:
        splits.setdefault(scenario.scene, set()).add(scenario.split)
    assert all(len(found) == 1 for found in splits.values())
    assert abs(sum(1 if s.split == "tune" else -1 for s in SCENES)) <= 1


def test_pools_hold_a_scene_once(scenarios: list[Scenario]) -> None:
    pools = pooled(scenarios)
    assert sum(len(pool.scenarios) for pool in pools) == len(scenarios)
    for pool in pools:
        scenes = Counter(scenario.scene for scenario in pool.scenarios)
        assert max(scenes.values()) == 1
        targets = Counter(recipe.target for recipe in pool.recipes)
        assert max(targets.values()) == 1
        assert {scenario.split for scenario in pool.scenarios} == {pool.split}
        assert len({scenario.named for scenario in pool.scenarios}) == 1


def test_files_of_a_camera_follow_each_other(scenarios: list[Scenario]) -> None:
    for scenario in (s for s in scenarios if s.named):
        for early, late in pairwise(scenario.recipes):
            assert early.stream == late.stream
            assert early.offset_s < late.offset_s


def test_what_is_known_of_two_files_lies_between_their_starts_and_ends(
    scenarios: list[Scenario],
) -> None:
    gaps = [s.known[0] for s in scenarios if s.group == "gap" and s.known]
    assert gaps
    assert all(gap.length_s >= 6 and overlap_s(gap, gap) == gap.length_s for gap in gaps)


def test_the_command_of_a_recipe_makes_it_again() -> None:
    recipe = next(r for s in attacks() for r in s.recipes if r.encoding and r.encoding.gop == 250)
    command = recipe.command()
    assert command.startswith("trueshaft tamper $TRUESHAFT_DATA/video/")
    assert "--gop 250" in command
    assert f"--seed {recipe.seed}" in command
    assert Recipe("a.mp4", "a.mp4").command() == "cp $TRUESHAFT_DATA/video/a.mp4 a.mp4"
