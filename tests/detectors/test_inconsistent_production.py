"""inconsistent_production: production that nobody declared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detector.bench.falsify import write_readings
from detector.cli import main
from detector.config import load
from detector.core.episode import Episode
from detector.core.observation import Device, Readings
from detector.core.score import Scores
from detector.detectors.inconsistent_production import UNDECLARED, InconsistentProduction
from detector.pipeline import judge

START = 1_700_000_000.0
SITE = """\
[mine]
code = "220600000001"
[[streams]]
name = "methane"
role = "evidence"
[[streams]]
name = "power"
role = "evidence"
[[streams]]
name = "declared"
role = "declaration"
"""


def mine(seed: int, days: float = 4) -> dict[str, Readings]:
    """Shifts of six hours on, six off; methane and power move while coal is cut."""
    rng = np.random.default_rng(seed)
    time = START + 60.0 * np.arange(int(days * 1440), dtype=np.float64)
    on = (np.floor((time - START) / 21600) % 2) == 1
    size = np.where(on, 1.0, 0.15)
    values = {
        "methane": 0.4 + 0.1 * size * rng.standard_normal(len(time)),
        "power": 20 + 200 * on + 20 * size * rng.standard_normal(len(time)),
        "declared": on.astype(np.float64),
    }
    return {n: Readings(n, time, np.round(v, 2).astype(np.float64)) for n, v in values.items()}


def hidden(table: dict[str, Readings], start_h: float, end_h: float) -> dict[str, Readings]:
    """The same with nothing declared in these hours."""
    told = table["declared"]
    inside = (told.time >= START + 3600 * start_h) & (told.time < START + 3600 * end_h)
    return table | {"declared": replace(told, value=np.where(inside, 0.0, told.value))}


def scores(
    table: dict[str, Readings], status: str = "producing", hoist: bool = False, cut: int = 10**6
) -> list[Scores]:
    made = InconsistentProduction()
    for name in table:
        role = "declaration" if name == "declared" else "evidence"
        kind = "hoist" if hoist and name == "power" else "other"
        made.update(Device(name, kind=kind, role=role, mine_status=status))
    for readings in table.values():
        for first in range(0, len(readings), cut):
            made.update(readings.rows(slice(first, first + cut)))
    return made.finish()


def found(
    table: dict[str, Readings], status: str = "producing", hoist: bool = False
) -> list[Episode]:
    return judge(scores(table, status, hoist), load(None).thresholds)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_declared_production_is_nothing_found(seed: int) -> None:
    assert found(mine(seed)) == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_hidden_shift_is_found_and_what_shows_it_is_named(seed: int) -> None:
    (episode,) = found(hidden(mine(seed), 66, 72))
    assert episode.stream == "declared"
    assert episode.start == pytest.approx(START + 66 * 3600, abs=1800)
    assert episode.end == pytest.approx(START + 72 * 3600, abs=1800)
    assert episode.evidence is not None
    assert {"methane", "power"} <= set(episode.evidence.figures)


def test_without_a_declaration_a_working_mine_is_blind() -> None:
    table = {n: r for n, r in mine(0).items() if n != "declared"}
    (told,) = scores(table)
    assert np.isnan(told.value).all() and told.reasons == (UNDECLARED,)


def test_a_stopped_mine_may_not_hoist() -> None:
    table = {n: r for n, r in mine(0).items() if n != "declared"}
    episodes = found(table, status="stopped", hoist=True)
    assert len(episodes) == 8
    assert not found({n: r for n, r in table.items() if n == "methane"}, status="stopped")


def test_too_little_to_learn_from_is_blind() -> None:
    (told,) = scores(hidden(mine(0), 0, 1000))
    assert np.isnan(told.value).all()


def test_scores_do_not_depend_on_how_readings_are_cut() -> None:
    (whole,), (cut,) = scores(hidden(mine(0), 66, 72)), scores(hidden(mine(0), 66, 72), cut=77)
    np.testing.assert_array_equal(whole.value, cut.value)


def test_a_fitted_site_finds_it_where_nothing_at_all_is_declared(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    write_readings(mine(0), tmp_path / "clean.csv")
    write_readings(hidden(mine(5), 0, 1000), tmp_path / "hidden.csv")
    site = ["--config", str(tmp_path / "site.toml")]
    models, out = tmp_path / "models", tmp_path / "out"
    assert main(["fit", str(tmp_path / "clean.csv"), *site, "--out", str(models)]) == 0
    card = json.loads((models / "production-1" / "card.json").read_text())
    assert card["producing_h"] == pytest.approx(47, abs=3) and len(card["sha256"]) == 64
    given = [*site, "--models", str(models), "--out", str(out), "--quiet", "--no-cache"]
    assert main(["audit", str(tmp_path / "hidden.csv"), *given]) == 1
    report = json.loads((out / "report.json").read_text())
    hours = sum(
        e["end_s"] - e["start_s"]
        for e in report["episodes"]
        if e["detector"] == "inconsistent_production"
    )
    assert hours / 3600 == pytest.approx(48, abs=6)
    assert report["digests"]["production"].endswith(card["sha256"])


@pytest.mark.parametrize("what", ["no role", "too little", "no model", "broken model"])
def test_what_cannot_be_fitted_or_used_is_told(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE if what != "no role" else SITE.replace('"declaration"', '"evidence"'))
    write_readings(mine(0, 0.3 if what == "too little" else 4), tmp_path / "clean.csv")
    models = tmp_path / "models"
    if what in ("no role", "too little"):
        command = ["fit", str(tmp_path / "clean.csv"), "--config", str(site), "--out", str(models)]
    else:
        (models / "production-1").mkdir(parents=True)
        if what == "broken model":
            (models / "production-1" / "model.json").write_text('{"streams": ["a"]}')
        csv = str(tmp_path / "clean.csv")
        command = ["audit", csv, "--models", str(models), "--out", str(tmp_path / "out")]
    without_roles = what == "no role"
    assert main(command) == (0 if without_roles else 2)
    told = capsys.readouterr()
    said = told.out if without_roles else told.err
    assert {"no role": "no stream has the role declaration", "too little": "too little"}.get(
        what, "model"
    ) in said
    assert not (models / "production-1" / "card.json").exists()
