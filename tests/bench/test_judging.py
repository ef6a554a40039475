"""From recipes to recordings, and from reports to judged findings."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detector.bench.encoding import Encoding
from detector.bench.judge import judged, read_report, scenario_of, truths_of
from detector.bench.making import Pool, lay_out, made, make, pooled
from detector.bench.scenarios import EVER_S, Recipe, Scenario
from detector.core.accuracy import Expected, Showing

SOURCE = "scene:gallery,seconds=12,size=128x96,fps=10,passers_per_min=30"


def _recipe(name: str, *steps: str, **more: Any) -> Recipe:
    return Recipe(f"{name}.mp4", SOURCE, steps, Encoding(crf=20, gop=10), **more)


@pytest.fixture(scope="module")
def held() -> Scenario:
    recipe = _recipe("gallery+hold", "hold:start=2,seconds=3")
    return Scenario("gallery+hold", "frozen", "hold", "gallery", "tune", (recipe,))


@pytest.fixture(scope="module")
def files() -> Scenario:
    first = Recipe(
        *("cam/20260102-080000_080006.mp4", SOURCE, ("trim:seconds=6",)),
        *(Encoding(), "cam", 0.0),
    )
    again = ("replay:start=6,seconds=4.5,from=0.5", "trim:start=6")
    second = Recipe("cam/20260102-080200_080206.mp4", SOURCE, again, Encoding(), "cam", 120.0)
    return Scenario("files", "replayed", "across", "files", "tune", (first, second), named=True)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory, held: Scenario, files: Scenario) -> Path:
    folder = tmp_path_factory.mktemp("work")
    make([*held.recipes, *files.recipes], folder, folder, 1)
    return folder


def _report(path: Path, *episodes: dict[str, Any], **more: Any) -> Path:
    usual = {"unit": "s", "threshold": 2.0, "other": None, "evidence": {}}
    inputs = [{"path": "x/a.mp4", "status": "ok", "reason": None}]
    coverage = [
        {"detector": "frozen_frame", "stream": "gallery+hold", "judged_s": 3.0, "blind_s": 1.0}
    ]
    told = {"episodes": [usual | e for e in episodes], "inputs": inputs, **more}
    told["coverage"] = [{"blind_why": None, **c} for c in coverage]
    path.write_text(json.dumps(told))
    return path


def test_what_was_made_is_kept(work: Path, held: Scenario) -> None:
    target = made(held.recipes[0], work, work)
    before = target.stat().st_mtime_ns
    make(held.recipes, work, work, 1)
    assert target.stat().st_mtime_ns == before
    assert [path.name for path in sorted(target.parent.iterdir())] == [
        "gallery+hold.mp4",
        "gallery+hold.mp4.truth.json",
    ]


def test_a_pool_is_laid_out_with_nothing_but_recordings(work: Path, held: Scenario) -> None:
    folder = lay_out(Pool("p", "tune", (held,)), work, work)
    assert [path.name for path in folder.rglob("*")] == ["gallery+hold.mp4"]


def test_truth_of_a_hold_is_expected_and_a_right_report_recalls_it(
    work: Path, held: Scenario, tmp_path: Path
) -> None:
    pool = Pool("p", "tune", (held,))
    truths = truths_of(pool, work, work)
    (hold,) = truths.expected
    assert (hold.detector, hold.kind, hold.must) == ("frozen_frame", "hold", True)
    assert truths.seconds["gallery+hold"] == pytest.approx(12.0)
    episode = {
        "detector": "frozen_frame",
        "stream": "gallery+hold",
        "path": "somewhere/gallery+hold.mp4",
        "start_s": 2.1,
        "end_s": 5.0,
    }
    answers = read_report(_report(tmp_path / "report.json", episode), pool)
    (verdict,) = judged(truths, answers).verdicts
    assert verdict.recalled
    assert verdict.delay_s == pytest.approx(2.1)
    assert answers.blindness[0].blind_s == 1.0
    assert not answers.failed


def test_a_replay_across_files_is_on_the_cameras_timeline(
    work: Path, files: Scenario, tmp_path: Path
) -> None:
    pool = Pool("p", "tune", (files,))
    truths = truths_of(pool, work, work)
    (replay,) = [e for e in truths.expected if e.must]
    assert (replay.detector, replay.stream) == ("replayed_video", "cam")
    assert replay.start_s == pytest.approx(120.0, abs=0.15)
    assert replay.other is not None
    assert replay.other.lag_s == pytest.approx(119.5, abs=0.15)
    path = "/pools/p/" + files.recipes[1].target
    other = {
        "stream": "cam",
        "path": "p/" + files.recipes[0].target,
        "start_s": 0.5,
        "lag_s": 119.5,
    }
    episode = {
        "detector": "replayed_video",
        "stream": "cam",
        "path": path,
        "start_s": 0.1,
        "end_s": 4.0,
        "other": other,
    }
    answers = read_report(_report(tmp_path / "report.json", episode), pool)
    verdicts = judged(truths, answers).verdicts
    assert [v.recalled for v in verdicts] == [True]
    assert judged(truths, answers).false == ()


def test_an_unreadable_input_is_told(work: Path, held: Scenario, tmp_path: Path) -> None:
    inputs = [{"path": "x.mp4", "status": "unreadable", "reason": "hung"}]
    told = read_report(_report(tmp_path / "report.json", inputs=inputs), Pool("p", "tune", (held,)))
    assert told.failed == "x.mp4: hung"


def test_a_copy_belongs_to_the_scenario_of_its_original(held: Scenario) -> None:
    (pool,) = pooled([held])
    assert scenario_of("gallery+hold", pool) is held
    assert scenario_of("original", pool, "gallery+hold") is held
    assert scenario_of("original", pool) is None


def test_what_lasts_to_the_end_ends_there_and_other_known_stretches_stay(
    work: Path, held: Scenario
) -> None:
    gap = Expected("recording_gap", "gap", "gallery+hold", 12.0, 40.0)
    copy = Expected(
        *("duplicated_video", "copy", "gallery+hold", 0.0, EVER_S),
        Showing("gallery+hold", 0.0, -2.0),
    )
    told = replace(held, known=(gap, copy))
    *_, first, second = truths_of(Pool("p", "tune", (told,)), work, work).expected
    assert first == gap
    assert second.end_s == pytest.approx(10.0)
