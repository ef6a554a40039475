"""`trueshaft tune` over scores in the store and alerts in the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.apps.serve.desks import Desks
from detector.apps.tune.material import Wanted, drawn, loaded, names_of
from detector.cli import main
from detector.core.observation import Readings
from detector.edge.ledger import Ledger
from detector.edge.series.sqlite import SqliteSeries
from tests.apps.serve.conftest import MINE, SITE
from tests.apps.tune.test_compare import bumps

T0 = 1_800_000_000.0
OWN = """
[thresholds]
path = "own.toml"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two streams; on one three findings of which one was confirmed and two were nothing."""
    (tmp_path / "site.toml").write_text(SITE + OWN, "utf-8")
    own = "[flat_signal]\nraise_at = 4.0 # now\nclear_at = 2.0\n"
    (tmp_path / "own.toml").write_text(own, "utf-8")
    series = SqliteSeries(tmp_path / "var" / "series.db")
    for stream, peaks in (("a", (5, 6, 20)), ("b", (1, 1, 1))):
        one = bumps(*peaks, stream=stream)
        series.store([(MINE, Readings(stream, one.time + T0, one.value))])
        series.store_scores(MINE, [replace(one, time=one.time + T0, since=one.since + T0)])
    series.close()
    ledger = Ledger(tmp_path / "var" / "ledger.jsonl")
    for number, disposition in enumerate(("maintenance", "false_alarm", "offline")):
        ledger.append("alert", alert(number, disposition))
    ledger.close()
    return tmp_path / "site.toml"


def alert(number: int, disposition: str) -> dict[str, Any]:
    start = T0 + 1000 * number + 500
    episode = {"id": str(number), "detector": "flat_signal", "stream": "a", "evidence": None}
    span = {"start_s": start, "end_s": start + 100, "until_end": False, "severity": "critical"}
    known = {"id": f"alert{number}", "mine": MINE, "disposition": disposition}
    return {**known, "episodes": [episode | span], "handled": 0, "earlier_episodes": []}


def run(site: Path, capsys: pytest.CaptureFixture[str], more: Sequence[str]) -> tuple[int, str]:
    status = main(["tune", "--config", str(site), *more])
    told = capsys.readouterr()
    return status, told.out + told.err


CHECK = ("--detector", "flat_signal")


def test_it_says_what_would_change(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, told = run(site, capsys, [*CHECK, "--raise-at", "10", "--json"])
    assert status == 0
    whole = json.loads(told)
    assert whole["streams"] == ["a", "b"] and whole["then"]["clear_at"] == 5.0
    assert (whole["before"]["episodes"], whole["after"]["episodes"]) == (3, 1)
    assert (whole["before"]["recall"], whole["after"]["recall"]) == (1.0, 1.0)
    assert whole["alerts_removed"] == {"count": 2, "unfounded": 2}
    assert 6 < whole["suggestion"]["raise_at"] <= 20 and whole["saved"] is None
    assert [p["raise_at"] for p in whole["curve"]] == sorted(p["raise_at"] for p in whole["curve"])
    status, told = run(site, capsys, [*CHECK, "--raise-at", "30"])
    assert status == 0 and "removes 3 alerts, of which 1 were confirmed and 2 unfounded" in told
    assert "raise_at  4 -> 30" in told and "suggested: raise_at = " in told


def test_saving_history_and_back(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reason = ["--why", "the pump hall", "--by", "li"]
    assert run(site, capsys, ["--history"])[1].strip() == "no threshold was ever changed here"
    status, told = run(site, capsys, [*CHECK, "--raise-at", "10", "--save", *reason])
    assert status == 0 and "saved in own.toml" in told
    text = (site.parent / "own.toml").read_text("utf-8")
    assert text == "[flat_signal]\nraise_at = 10.0 # now\nclear_at = 5.0\n"
    lines = run(site, capsys, ["--history"])[1].splitlines()
    assert "flat_signal.raise_at 4.0 -> 10.0" in lines[0] and "li: the pump hall" in lines[0]
    first = lines[1].split()[0]
    assert run(site, capsys, ["--back-to", first, *reason])[0] == 0
    assert "raise_at = 4.0 # now" in (site.parent / "own.toml").read_text("utf-8")
    assert len(json.loads(run(site, capsys, ["--history", "--json"])[1])) == 3


def test_what_is_wrong_is_told(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more, why in [
        ([], "there is no such check"),
        (["--detector", "flat_signals"], "there is no such check"),
        ([*CHECK, "--stream", "c"], "there is no such stream"),
        ([*CHECK, "--start", "yesterday"], "it is no time"),
        ([*CHECK, "--save", "--raise-at", "9"], "there is no reason"),
        ([*CHECK, "--save", "--why", "x"], "nothing would change"),
        ([*CHECK, "--save", "--why", "x", "--clear-at", "9"], "clear_at is above raise_at"),
        (["--back-to", "77", "--why", "x"], "there is no such version"),
    ]:
        status, told = run(site, capsys, more)
        assert status == 2 and why in told


def test_the_picture_is_the_highest_of_all_streams(site: Path) -> None:
    desks, series = Desks(site), SqliteSeries(site.parent / "var" / "series.db")
    wanted = Wanted(MINE, "flat_signal", T0, T0 + 4000)
    material = loaded(series, wanted, names_of(series, desks, MINE), list)
    time, top, blind = drawn(material, 40)
    assert len(time) == 40 and np.nanmax(top) == 20 and np.all(blind == 0)
    assert np.isnan(top[30:]).all() and top[5] == 5 and top[0] == 0
    series.close()
