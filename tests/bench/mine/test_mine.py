"""The simulated mine: each class shows what it may, a fake shaft what it may not."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.bench.mine import Mine, MineSettings, mine
from detector.bench.truth import truth_path
from detector.cli import main
from detector.config import load

CLASSES = ("producing", "supply", "renovation", "construction", "stopped", "closed")


def made(**chosen: Any) -> Mine:
    return mine(MineSettings(**({"days": 4.0} | chosen)))


def working(one: Mine, stream: str) -> float:
    """Part of the time in which a machine works at a tenth of its highest power."""
    return float(np.mean(one.readings[stream].value > 150))


def test_the_same_settings_give_the_same_and_another_seed_another_mine() -> None:
    first, again, other = made(seed=3), made(seed=3), made(seed=4)
    for name, readings in first.readings.items():
        np.testing.assert_array_equal(readings.value, again.readings[name].value)
    assert not np.array_equal(first.readings["T1"].value, other.readings["T1"].value)


@pytest.mark.parametrize("status", CLASSES)
def test_every_class_has_a_site_that_names_its_streams(status: str, tmp_path: Path) -> None:
    one = made(status=status)
    (tmp_path / "site.toml").write_text(one.site)
    site = load(tmp_path / "site.toml").site
    assert site.mine is not None and site.mine.status == status
    assert [s.name for s in site.streams] == list(one.readings)
    for told in site.streams:
        value = one.readings[told.name].value
        assert np.isfinite(value).all()
        if told.range:
            assert told.range[0] <= value.min() and value.max() <= told.range[1]


def test_classes_do_what_they_may() -> None:
    belts = {status: working(made(status=status), "belt") for status in CLASSES}
    hoists = {status: working(made(status=status), "main-hoist") for status in CLASSES}
    assert belts["supply"] > belts["producing"] > 0.3
    assert max(belts[status] for status in CLASSES[2:]) == 0
    assert hoists["construction"] > hoists["renovation"] > 0.1
    assert hoists["stopped"] == hoists["closed"] == 0


def test_methane_follows_the_coal_and_is_calibrated() -> None:
    one = made(days=16)
    coal, gas = (one.readings[name].value for name in ("belt", "T1"))
    calibrated = gas > 1.5
    assert 3 <= calibrated.sum() <= 12
    assert np.corrcoef(coal[~calibrated], gas[~calibrated])[0, 1] > 0.5


def test_a_fake_shaft_produces_at_night_and_says_when() -> None:
    one = made(status="stopped", story="fake-shaft")
    coal = one.readings["belt"]
    local_h = ((coal.time + 8 * 3600) / 3600) % 24
    assert np.all(local_h[coal.value > 0] < 8.5)
    assert len(one.events) == 2 * 4
    for stream, event in one.events:
        inside = (coal.time - coal.time[0] >= event.start_s) & (
            coal.time - coal.time[0] <= event.end_s
        )
        assert one.readings[stream].value[inside].mean() > 100
    honest = made(status="stopped")
    np.testing.assert_array_equal(one.readings["people"].value, honest.readings["people"].value)


def test_readings_may_be_finer_than_a_cycle() -> None:
    one = made(days=0.5, period_s=5.0)
    hoist = one.readings["main-hoist"].value
    assert hoist[hoist > 0].std() > 0.5 * hoist[hoist > 0].mean()
    assert hoist.max() > 1500


def test_the_command_writes_readings_site_and_truth(tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    text = "mine:status=stopped,days=2,story=fake-shaft"
    step = "hold:stream=T1,start=3600,seconds=7200"
    assert main(["tamper", text, str(out), "--how", step]) == 0
    truth = json.loads(truth_path(out).read_text())
    kinds = {event["detector"] for event in truth["events"]}
    assert kinds == {"inconsistent_production", "flat_signal"}
    assert tomllib.loads(out.with_suffix(".toml").read_text())["mine"]["status"] == "stopped"
    assert len(out.read_text().splitlines()) == 2 * 1440 + 1


@pytest.mark.parametrize("text", ["mine:status=asleep", "mine:days=-1", "mine:depth=3"])
def test_mines_not_understood_are_told(text: str, tmp_path: Path) -> None:
    assert main(["tamper", text, str(tmp_path / "out.csv")]) == 2
