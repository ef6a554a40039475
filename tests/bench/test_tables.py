"""The tables of BENCHMARKS.md."""

import pytest

from detector.bench.__main__ import main
from detector.bench.judge import Answers, Blindness, Truths, judged
from detector.bench.making import Pool
from detector.bench.markdown import Target, target_table
from detector.bench.misses import figures, misses
from detector.bench.running import AUDIT, Outcome
from detector.bench.scenarios import Recipe, Scenario
from detector.bench.tables import Results, accuracy, targets
from detector.core.accuracy import Expected, Finding


def _scenario(name: str, group: str, attack: str) -> Scenario:
    return Scenario(name, group, attack, name, "report", (Recipe(f"{name}.mp4", "v.mp4"),))


def _outcome(tool: str, *findings: Finding, failed: str = "") -> Outcome:
    pool = Pool(
        *("report-mixed-00", "report"),
        (
            *(_scenario("a", "frozen", "hold 5 s"), _scenario("b", "frozen", "hold to the end")),
            _scenario("c", "negative", "clean"),
        ),
    )
    expected = (
        Expected("frozen_frame", "hold 5 s", "a", 10.0, 15.0),
        Expected("frozen_frame", "hold to the end", "b", 20.0, 30.0),
    )
    truths = Truths(expected, {"a": 30.0, "b": 30.0, "c": 60.0})
    blind = (Blindness("frozen_frame", "c", 45.0, 15.0, "compression"),)
    answers = Answers(findings, blind, failed)
    return Outcome(tool, pool, truths, answers, judged(truths, answers))


@pytest.fixture
def results() -> Results:
    found = Finding("frozen_frame", "a", 10.4, 15.1, crossed_s=14.4)
    false = Finding("moved_camera", "c", 1.0, 9.0)
    rival = Finding("frozen_frame", "b", 20.0, 30.0)
    return Results([_outcome(AUDIT, found, false), _outcome("freezedetect", rival)], [AUDIT])


def test_targets_say_what_is_not_reached(results: Results) -> None:
    frozen, ends, false = targets(results)
    assert (frozen.measured, frozen.reached) == ("50.0% (1 of 2)", False)
    assert ends.reached
    assert (false.measured, false.reached) == ("1 in 0.02 camera-hours", False)
    shown = target_table([frozen, ends])
    assert "**not reached**" in shown
    assert shown.endswith("| reached |")


def test_tables_tell_each_attack_and_rival(results: Results) -> None:
    text = accuracy(results)
    assert "| hold 5 s | 1 | 100% | 0.4 / 0.4 | 0.1 / 0.1 | 4.4 / 4.4 | 0 | 0% | - |" in text
    assert "| hold to the end | 1 | 0% | - | - | - | 0 | 100% | - |" in text
    assert "| clean | 1 | 1.0 | 1 | 0 | 0 | 0 | 0 | 25% |" in text


def test_misses_and_false_episodes_are_named_with_their_commands(results: Results) -> None:
    text = misses(results)
    assert "- b (report), 20.0-30.0 s: not found\n  `cp $TRUESHAFT_DATA/video/v.mp4 b.mp4`" in text
    assert "- c (report): moved_camera on c, 1.0-9.0 s" in text
    assert "Not audited" not in text


def test_figures_name_what_changed_from_run_to_run(results: Results) -> None:
    assert figures(results) == {
        AUDIT: {
            "found": ["a: frozen_frame"],
            "missed": ["b: frozen_frame"],
            "false": ["c: moved_camera on c, 1.0-9.0 s"],
        }
    }


def test_an_audit_that_failed_is_told() -> None:
    text = misses(Results([_outcome(AUDIT, failed="status 70")], [AUDIT]))
    assert "## Not audited by audit\n\n- report-mixed-00: status 70" in text


def test_nothing_to_measure_reaches_what_is_asked() -> None:
    assert target_table([Target("x", "1", "1", True)]).count("\n") == 2


def test_wrong_usage_is_status_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("TRUESHAFT_DATA", str(tmp_path))
    assert main(["--only", "frozen"]) == 2
    assert "set TRUESHAFT_DATA" in capsys.readouterr().err
