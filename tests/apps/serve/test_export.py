"""`trueshaft export`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from detector.cli import main
from detector.core.observation import Readings
from tests.apps.serve.conftest import MINE, Bencher
from tests.apps.serve.test_judge import falsified

SERIES = '\n[live]\nfolder = "."\n[series]\nkind = "sqlite"\npath = "series.db"\n'


@pytest.fixture
def config(bench: Bencher) -> Path:
    one = bench(f'[mine]\ncode = "{MINE}"\n{SERIES}')
    one.store(falsified())
    one.series.store([(MINE, Readings("=cmd", np.array([1e9]), np.array([1.5])))])
    one.settle()
    return one.folder / "site.toml"


def run(capsys: pytest.CaptureFixture[str], config: Path, *options: str) -> str:
    assert main(["export", "--config", str(config), *options]) == 0
    return capsys.readouterr().out


def test_export(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, config, "--stream", "wind").splitlines()
    wind = falsified()["wind"]
    assert lines[0] == "time,mine,stream,value" and len(lines) == len(wind) + 1
    assert lines[1].endswith(f",{MINE},wind,{wind.value[0]}")
    since = str(float(wind.time[100]))
    assert (
        len(run(capsys, config, "--stream", "wind", "--start", since).splitlines())
        == len(wind) - 99
    )
    episodes = json.loads(run(capsys, config, "--kind", "episodes", "--format", "json"))
    assert {"flat_signal", "silence"} <= {e["detector"] for e in episodes}
    alerts = run(capsys, config, "--kind", "alerts").splitlines()
    assert alerts[0].startswith("id,mine,shaft,state") and len(alerts) > 1
    scores = run(capsys, config, "--kind", "scores", "--stream", "methane")
    assert ",flat_signal," in scores
    assert ",'=cmd,1.5" in run(capsys, config, "--stream", "=cmd")
    assert run(capsys, config, "--kind", "alerts", "--mine", "x", "--format", "json") == "[]\n"


def test_export_of_nothing_is_wrong_usage(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--stream", "nope"], [], ["--stream", "wind", "--start", "never"]):
        assert main(["export", "--config", str(config), *options]) == 2
        assert capsys.readouterr().out == ""
