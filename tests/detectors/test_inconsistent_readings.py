"""inconsistent_readings: by the command, with and without a model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from detector.bench.falsify import CopyStream, HoldValue, write_readings
from detector.cli import main
from detector.config import load
from detector.core.episode import blind_stretches
from detector.core.observation import Readings
from detector.detectors.copied_signal import CopiedSignal
from detector.detectors.flat_signal import FlatSignal
from detector.detectors.inconsistent_readings import (
    LEFT,
    UNFITTED,
    UNLEARNED,
    InconsistentReadings,
)
from detector.pipeline import judge
from detector.signals.relations import learned
from detector.signals.series import ordered
from tests.detectors.sensors import START, mine, relations, tampered

DAY = 86400.0
STEP = CopyStream(
    stream="methane", start_s=3 * DAY, seconds=6 * 3600.0, source="temperature", factor=0.1
)
SITE = '[mine]\ncode = "220600000001"\n'


def told(table: dict[str, Readings], model: bool = True) -> dict[str, dict[str, float]]:
    """Blind seconds by reason, by stream."""
    made = InconsistentReadings()
    made.know(relations() if model else None)
    for readings in table.values():
        made.update(readings)
    return {s.stream: blind_stretches(s) for s in made.finish()}


def test_without_a_model_all_is_blind() -> None:
    assert all(set(why) == {UNFITTED} for why in told(mine(), model=False).values())


def test_a_stream_that_was_not_learned_is_blind_and_the_others_are_not() -> None:
    table = mine()
    more = Readings("new", table["wind"].time, table["wind"].value)
    blind = told({**table, "new": more})
    assert set(blind.pop("new")) == {UNLEARNED} and not any(blind.values())


def test_a_site_that_has_left_what_was_learned_is_blind() -> None:
    far = {n: Readings(n, r.time, r.value + 1000.0) for n, r in mine().items()}
    assert all(LEFT in why for why in told(far).values())


def test_a_fitted_site_by_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    write_readings(mine(seed=90, days=7.0), tmp_path / "clean.csv")
    write_readings(tampered(STEP), tmp_path / "false.csv")
    site, models = ["--config", str(tmp_path / "site.toml")], tmp_path / "models"
    assert main(["fit", str(tmp_path / "clean.csv"), *site, "--out", str(models)]) == 0
    assert "declaration" in capsys.readouterr().out
    card = json.loads((models / "relations-1" / "card.json").read_text())
    assert card["streams"] == sorted(mine()) and card["step_s"] == 60.0
    out = tmp_path / "out"
    given = [*site, "--models", str(models), "--out", str(out), "--quiet", "--no-cache"]
    assert main(["audit", str(tmp_path / "false.csv"), *given]) == 1
    report = json.loads((out / "report.json").read_text())
    (found,) = [e for e in report["episodes"] if e["detector"] == "inconsistent_readings"]
    assert found["stream"] == "methane"
    assert found["start_s"] == pytest.approx(STEP.start_s, abs=1800)
    assert found["end_s"] == pytest.approx(STEP.start_s + STEP.seconds, abs=1800)
    assert found["start"].startswith("2023-11-17") and found["start_s"] + START > START
    assert report["digests"]["relations"].endswith(card["sha256"])


def test_a_model_of_broken_parts_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    write_readings(mine(days=1.0), tmp_path / "clean.csv")
    site, models = ["--config", str(tmp_path / "site.toml")], tmp_path / "models"
    assert main(["fit", str(tmp_path / "clean.csv"), *site, "--out", str(models)]) == 0
    assert "less than two days" in capsys.readouterr().out
    path = models / "relations-1" / "model.json"
    body = json.loads(path.read_text())
    body["usual"] = body["usual"][:-1]
    path.write_text(json.dumps(body))
    audit = ["audit", str(tmp_path / "clean.csv"), "--models", str(models), "--out"]
    assert main([*audit, str(tmp_path / "out")]) == 2
    assert "it is no model" in capsys.readouterr().err


def test_a_gap_is_not_judged() -> None:
    table = {n: r.rows(np.r_[0:2000, 3000:5000]) for n, r in mine().items()}
    assert all(why for why in told(table).values())


def test_what_rested_and_went_alike_when_it_was_learned_is_not_told_again() -> None:
    table = tampered(HoldValue(stream="methane", start_s=DAY, seconds=DAY))
    table["twin"] = Readings("twin", table["return"].time, table["return"].value + 0.5)
    model = learned({n: ordered(r) for n, r in table.items()})
    assert model is not None
    names = model.model.streams
    assert [(names[i], names[j]) for i, j in model.model.twins] == [("return", "twin")]
    assert model.model.rest_s[names.index("methane")] == pytest.approx(DAY, abs=120)
    for make in (FlatSignal, CopiedSignal):
        for known in (None, model.model):
            made = make()
            made.know(known)
            for readings in table.values():
                made.update(readings)
            found = judge(made.finish(), load(None).thresholds)
            assert bool(found) == (known is None)
