"""The district and the measurement run, small."""

from __future__ import annotations

from pathlib import Path

from detector.bench.console import section
from detector.bench.district import District, make
from detector.config import load
from detector.edge.ledger_check import verify
from detector.edge.series.sqlite import SqliteSeries

SMALL = District(mines=3, streams=12, alerts=60, days=1)


def test_a_district_is_what_a_service_would_have(tmp_path: Path) -> None:
    site = make(SMALL, tmp_path / "d", 1)
    known = load(site).site
    assert known.live is not None and len(known.live.mines) == 2 and len(known.streams) == 4
    checked = verify(site.parent / "ledger.jsonl")
    assert checked.broken is None and checked.entries == 60
    series = SqliteSeries(site.parent / "series.db")
    assert len(series.streams()) == 12
    assert len(series.scores(SMALL.code(0), "flat_signal", "s00", 0, 2e9).time) == 86400
    series.close()


def test_every_answer_is_timed() -> None:
    told = section(SMALL)
    assert "| overview | 200 |" in told and "| tuning, another threshold | 1000 |" in told
    assert told.count("reached") == 9
