"""`trueshaft tamper`."""

import json
from pathlib import Path
from typing import Any

import pytest

from detector.apps.tamper import tamper_command
from detector.core.errors import TrueshaftError

OPTIONS: dict[str, Any] = {
    "seed": 1,
    "codec": "h264",
    "bitrate_kbps": None,
    "crf": 30,
    "gop": 10,
    "fps": None,
    "size": "64x48",
}
SCENE = Path("scene:hoist,seconds=3,size=128x96,fps=5")


def test_it_writes_footage_and_truth(tmp_path: Path) -> None:
    target = tmp_path / "held.mp4"
    tamper_command(SCENE, target, ["hold:start=1,seconds=1", "clock"], **OPTIONS)
    truth = json.loads((tmp_path / "held.mp4.truth.json").read_text(encoding="utf-8"))
    assert truth["schema"] == "trueshaft.truth/1"
    assert [step["kind"] for step in truth["steps"]] == ["hold", "clock"]
    held = [event for event in truth["events"] if event["detector"] == "frozen_frame"]
    assert [(event["start_s"], event["end_s"]) for event in held] == [(1.0, 2.0)]
    again = tmp_path / "again.mp4"
    tamper_command(target, again, [], **OPTIONS)
    assert again.stat().st_size > 0


@pytest.mark.parametrize(
    ("how", "changed"),
    [
        (["hold"], {}),
        ([], {"codec": "betamax"}),
        ([], {"gop": 0}),
        ([], {"size": "large"}),
        ([], {"bitrate_kbps": 100}),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, how: list[str], changed: dict[str, Any]) -> None:
    with pytest.raises(TrueshaftError):
        tamper_command(SCENE, tmp_path / "out.mp4", how, **(OPTIONS | changed))
    assert not list(tmp_path.iterdir())


def test_wrong_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(TrueshaftError):
        tamper_command(tmp_path / "none.mp4", tmp_path / "out.mp4", [], **OPTIONS)
    with pytest.raises(TrueshaftError):
        tamper_command(SCENE, tmp_path / "out", [], **OPTIONS)
    target = tmp_path / "own.mp4"
    tamper_command(SCENE, target, [], **OPTIONS)
    with pytest.raises(TrueshaftError):
        tamper_command(target, target, [], **OPTIONS)
