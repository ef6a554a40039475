"""Falsified readings and their truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from detector.bench.falsify import KINDS, falsify, write_readings
from detector.bench.parsing import parsed_falsification
from detector.cli import main
from detector.core.errors import TrueshaftError
from detector.edge.readings import read_readings
from tests.detectors.sensors import mine

MORE = {
    "cap": ",limit=0.5",
    "replay": ",lag=86400",
    "copy": ",source=return",
    "scale": ",factor=0.6",
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_changes_only_its_stretch_of_its_stream_and_is_deterministic(kind: str) -> None:
    table = mine()
    text = f"{kind}:stream=methane,start=200000,seconds=7200{MORE.get(kind, '')}"
    one, events = falsify(table, [parsed_falsification(text)], seed=4)
    two, _ = falsify(table, [parsed_falsification(text)], seed=4)
    for name in table:
        np.testing.assert_array_equal(one[name].value, two[name].value)
        if name != "methane":
            assert one[name] is table[name]
    (told,) = events
    assert told[0] == "methane" and told[1].detector
    assert told[1].start_s == pytest.approx(200000, abs=60)
    kept = np.isin(table["methane"].time, one["methane"].time)
    outside = kept & ~_inside(table["methane"].time)
    still = np.isin(one["methane"].time, table["methane"].time[outside])
    if kind != "clock":
        np.testing.assert_array_equal(one["methane"].value[still], table["methane"].value[outside])
    changed = len(one["methane"]) != len(table["methane"]) or not (
        np.array_equal(one["methane"].value, table["methane"].value)
        and np.array_equal(one["methane"].time, table["methane"].time)
    )
    assert changed


def _inside(
    time: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    start = float(time[0]) + 200000
    return np.asarray((time >= start) & (time <= start + 7200))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bend:stream=a", "there is no 'bend'"),
        ("hold:stream=a,start=0", "seconds"),
        ("hold:stream=none,start=0,seconds=60", "there is no stream 'none'"),
        ("hold:stream=methane,start=1e9,seconds=60", "no readings in the stretch"),
    ],
)
def test_what_is_not_understood_is_told(text: str, said: str) -> None:
    with pytest.raises(TrueshaftError) as raised:
        falsify(mine(), [parsed_falsification(text)])
    assert said in str(raised.value) or said in raised.value.what


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    table = {name: readings.rows(slice(0, 50)) for name, readings in mine().items()}
    write_readings(table, tmp_path / "wide.csv")
    table["methane"] = table["methane"].rows(slice(0, 40))
    write_readings(table, tmp_path / "long.csv")
    for name in ("wide", "long"):
        read = read_readings(tmp_path / f"{name}.csv").streams
        assert set(read) == set(table)
        np.testing.assert_allclose(read["methane"].value[:40], table["methane"].value[:40])


def test_the_command_writes_readings_and_their_truth(tmp_path: Path) -> None:
    write_readings(mine(), tmp_path / "in.csv")
    out = tmp_path / "out.csv"
    how = "hold:stream=methane,start=3600,seconds=7200"
    assert main(["tamper", str(tmp_path / "in.csv"), str(out), "--how", how]) == 0
    truth = json.loads((tmp_path / "out.csv.truth.json").read_text())
    assert truth["events"][0]["stream"] == "methane"
    assert len(set(read_readings(out).streams["methane"].value[61:180])) == 1
