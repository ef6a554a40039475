"""Audits of readings, by the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detector.bench.falsify import write_readings
from detector.bench.parsing import parsed_falsification
from tests.apps.audit.conftest import Auditor
from tests.detectors.sensors import mine, tampered

SITE = """\
[mine]
code = "220600000001"
[[streams]]
name = "methane"
kind = "methane"
range = [0.0, 4.0]
period_s = 60
"""


def test_clean_readings_are_nothing_found(audit: Auditor, tmp_path: Path) -> None:
    write_readings(mine(), tmp_path / "mine.csv")
    done = audit(tmp_path / "mine.csv", out=tmp_path / "out")
    assert (done.status, done.report.episodes) == (0, [])
    (told,) = done.report.inputs
    assert (told.kind, told.status, told.stream, told.frames) == ("readings", "ok", None, 5760)
    assert told.duration_s == pytest.approx(4 * 86400 - 60)
    assert {c.stream for c in done.report.coverage} == set(mine())


def test_a_held_value_is_found_with_its_readings(audit: Auditor, tmp_path: Path) -> None:
    step = parsed_falsification("hold:stream=methane,start=200000,seconds=7200")
    write_readings(tampered(step), tmp_path / "mine.csv")
    (tmp_path / "site.toml").write_text(SITE)
    site = ("--config", str(tmp_path / "site.toml"))
    done = audit(tmp_path / "mine.csv", out=tmp_path / "out", more=site)
    assert done.status == 1
    (episode,) = done.report.episodes
    assert (episode.detector, episode.stream) == ("flat_signal", "methane")
    assert episode.start_s == pytest.approx(200000, abs=120)
    assert episode.end_s == pytest.approx(207200, abs=120)
    assert episode.start is not None and episode.start.startswith("2023-11-17T")
    assert episode.evidence.readings is not None
    assert "methane" in episode.summary
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Readings over time" in page


def test_a_replay_names_the_earlier_showing(audit: Auditor, tmp_path: Path) -> None:
    step = parsed_falsification("replay:stream=return,start=250000,seconds=21600,lag=86400")
    write_readings(tampered(step), tmp_path / "mine.csv")
    done = audit(tmp_path / "mine.csv", out=tmp_path / "out")
    found = [e for e in done.report.episodes if e.detector == "replayed_signal"]
    assert found and found[0].stream == "return"
    other = found[0].other
    assert other is not None and other.lag_s == pytest.approx(86400, abs=120)
    assert found[0].evidence.other_readings is not None


def test_a_cap_shows_how_values_are_distributed(audit: Auditor, tmp_path: Path) -> None:
    step = parsed_falsification("cap:stream=methane,start=200000,seconds=86400,limit=0.3")
    write_readings(tampered(step), tmp_path / "mine.csv")
    done = audit(tmp_path / "mine.csv", out=tmp_path / "out")
    found = [e for e in done.report.episodes if e.detector == "capped_signal"]
    assert found and found[0].evidence.distribution is not None
    assert found[0].evidence.distribution.limit == pytest.approx(0.3, abs=0.011)
    others = [e for e in done.report.episodes if e.detector != "capped_signal"]
    assert all(e.evidence.distribution is None for e in others)


def test_a_stream_that_stops_before_the_others_is_silent(audit: Auditor, tmp_path: Path) -> None:
    table = mine()
    table["wind"] = table["wind"].rows(slice(0, 5000))
    write_readings(table, tmp_path / "mine.csv")
    (episode,) = audit(tmp_path / "mine.csv", out=tmp_path / "out").report.episodes
    assert (episode.detector, episode.stream, episode.until_end) == ("silence", "wind", True)


def test_months_of_one_site_are_one_timeline(audit: Auditor, tmp_path: Path) -> None:
    table = mine()
    folder = tmp_path / "months"
    folder.mkdir()
    for name, part in (("a", slice(0, 3000)), ("b", slice(3000, 5760))):
        write_readings({s: r.rows(part) for s, r in table.items()}, folder / f"{name}.csv")
    done = audit(folder, out=tmp_path / "out")
    assert (done.status, done.report.episodes) == (0, [])
    assert {c.stream for c in done.report.coverage} == set(table)


def test_alike_names_in_files_that_do_not_follow_each_other_are_told_apart(
    audit: Auditor, tmp_path: Path
) -> None:
    folder = tmp_path / "mines"
    folder.mkdir()
    for name, seed in (("east", 1), ("west", 2)):
        write_readings(mine(seed), folder / f"{name}.csv")
    streams = {c.stream for c in audit(folder, out=tmp_path / "out").report.coverage}
    assert {"east:methane", "west:methane"} <= streams


def test_unreadable_readings_are_told_and_the_rest_is_audited(
    audit: Auditor, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_readings(mine(), folder / "good.csv")
    (folder / "bad.csv").write_text("a,b\n1,2\n")
    done = audit(folder, out=tmp_path / "out")
    assert done.status == 3
    assert {Path(i.path).name: i.status for i in done.report.inputs} == {
        "good.csv": "ok",
        "bad.csv": "unreadable",
    }


def test_the_same_readings_give_the_same_report(audit: Auditor, tmp_path: Path) -> None:
    write_readings(
        tampered(parsed_falsification("fault:stream=wind,start=100000,seconds=300")),
        tmp_path / "mine.csv",
    )
    one = audit(tmp_path / "mine.csv", out=tmp_path / "one").bytes
    assert one == audit(tmp_path / "mine.csv", out=tmp_path / "two").bytes
    assert np.all([b"out_of_range" in one])
