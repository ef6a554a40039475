"""Recordings and readings of one mine, audited together: a fake shaft, and an honest one."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.apps.report.html import render
from detector.cli import main
from tests.apps.audit.conftest import Audit, Auditor

SECONDS = 150
#: The film begins 19 h after the readings: at night, 3:00 local time.
FILM = f"film_s=68400,film_seconds={SECONDS},film_seed=5"


def audited(audit: Auditor, folder: Path, scene: str, mine: str) -> Audit:
    film = f"scene:{scene},seconds={SECONDS},fps=5,size=320x180,seed=5"
    (folder / "main-shaft").mkdir()
    target = folder / "main-shaft" / "20260105-030000.mp4"
    assert main(["tamper", film, str(target), "--how", "fps:rate=5"]) == 0
    made = f"mine:days=2,period_s=10,{mine}"
    assert main(["tamper", made, str(folder / "mine.csv")]) == 0
    site = ("--config", str(folder / "mine.toml"))
    return audit(folder, out=folder.with_name("out"), more=site)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_fake_shaft_is_told_with_picture_and_signals(
    audit: Auditor, tmp_path: Path, lang: str
) -> None:
    (tmp_path / "in").mkdir()
    done = audited(audit, tmp_path / "in", "idle_shaft", "status=stopped,story=fake-shaft")
    report = done.report
    found = {e.detector for e in report.episodes}
    assert {"inconsistent_production", "inconsistent_shaft"} <= found
    (verdict,) = report.verdicts
    assert (verdict.shaft, verdict.kind, verdict.sure) == ("main", "picture_and_signals", "strong")
    assert verdict.since is not None and verdict.since.startswith("2026-01-04T1")
    assert "2026-01-05 00:3" in verdict.summary  # by the mine's clock, the night shift
    assert {"main-shaft", "main-hoist", "belt"} <= {c.stream for c in verdict.curves}
    assert [c.stream for c in verdict.curves if c.what == "activity"] == ["main-shaft"]
    assert set(verdict.episodes) <= {e.id for e in report.episodes}
    page = render(report, done.out, lang)
    assert page.index('class="case') < page.index('id="overview"')
    assert "(Asia/Shanghai)" in page or "（Asia/Shanghai）" in page


def test_an_honest_shaft_is_nothing_found(audit: Auditor, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = audited(audit, tmp_path / "in", "hoist", f"status=producing,{FILM}")
    told = [e for e in done.report.episodes if e.detector.startswith("inconsistent")]
    assert told == []
    (cover,) = [c for c in done.report.coverage if c.detector == "inconsistent_shaft"]
    assert cover.judged_s == pytest.approx(SECONDS, abs=5)
