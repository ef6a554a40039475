"""Parameters, digests and what is shown of what is in force."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from detector.config import digest, load, parameters, shipped, shown
from detector.core.errors import ConfigError


@dataclass(frozen=True)
class Knobs:
    """Parameters of a detector."""

    lag_s: float = 2.0
    tiles: int = 3
    levels: tuple[float, float] = (0.1, 0.9)

    def __post_init__(self) -> None:
        if self.lag_s < 0:
            raise ValueError("lag_s is below 0")


def site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_parameters_are_the_defaults_with_overrides_on_top() -> None:
    assert parameters(Knobs, {}) == Knobs()
    assert parameters(Knobs, {"lag_s": 4, "levels": [0, 1]}) == Knobs(4.0, 3, (0.0, 1.0))
    assert isinstance(parameters(Knobs, {"lag_s": 4}).lag_s, float)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("lag", 1.0, "lag: is not known"),
        ("lag_s", "1", "'1': Input should be a valid number"),
        ("lag_s", float("nan"), "nan is not a number"),
        ("lag_s", -1.0, "lag_s is below 0"),
        ("tiles", 2.5, "tiles"),
        ("tiles", True, "tiles"),
        ("levels", [1.0], "levels"),
    ],
)
def test_says_what_is_wrong_with_parameters(key: str, value: object, what: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(what)) as caught:
        parameters(Knobs, {key: value})
    assert caught.value.todo


def test_parameters_of_a_site_are_told_with_their_line(tmp_path: Path) -> None:
    path = site(tmp_path, "[detectors.frozen_frame]\nlag_s = 1\ntils = 4\n")
    configuration = load(path)
    with pytest.raises(ConfigError) as caught:
        configuration.parameters("frozen_frame", Knobs)
    assert caught.value.where == f"{path}:3"
    assert "detectors.frozen_frame.tils" in caught.value.what
    assert "tiles" in caught.value.todo
    assert configuration.parameters("moved_camera", Knobs) == Knobs()


def test_the_digest_follows_what_is_in_force_and_nothing_else(tmp_path: Path) -> None:
    camera = '[[cameras]]\nname = "a"\nshaft = "main"\n'
    same = [camera, f"# a comment\n{camera}location = ''\n", f"[recordings]\n{camera}"]
    digests = {load(site(tmp_path, text)).digest({"x": Knobs()}) for text in same}
    assert len(digests) == 1
    (one,) = digests
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", one)

    configuration = load(site(tmp_path, camera))
    others = {
        configuration.digest({"x": Knobs(lag_s=3.0)}),
        configuration.digest({}),
        load(site(tmp_path, camera.replace("main", "aux"))).digest({"x": Knobs()}),
    }
    (tmp_path / "own.toml").write_text("[frozen_frame]\nraise_at = 5\n")
    moved = load(site(tmp_path, f"{camera}[thresholds]\npath = 'own.toml'\n"))
    others.add(moved.digest({"x": Knobs()}))
    assert len(others) == 4
    assert one not in others


def test_the_same_thresholds_in_another_file_have_the_same_digest(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[frozen_frame]\nraise_at = 4\n")
    moved = load(site(tmp_path, "[thresholds]\npath = 'own.toml'\n"))
    assert moved.thresholds == load().thresholds
    assert moved.digest({}) == load().digest({})


def test_a_digest_is_of_numbers_only() -> None:
    with pytest.raises(ValueError, match="JSON"):
        digest({"a": float("nan")})
    with pytest.raises(TypeError, match="canonical"):
        digest({"a": object()})


def test_shows_everything_and_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[frozen_frame]\nraise_at = 5\n")
    text = (
        "[[streams]]\nname = '甲烷'\nrange = [0, 4]\n[mqtt]\ntls = { ca = 'x' }\n"
        "[thresholds]\npath = 'own.toml'\n[detectors.frozen_frame]\ntiles = 5\n"
    )
    configuration = load(site(tmp_path, text))
    knobs = configuration.parameters("frozen_frame", Knobs)
    output = shown(configuration, {"frozen_frame": knobs})

    values = tomllib.loads(output)
    assert values["streams"][0]["name"] == "甲烷"
    assert values["streams"][0]["range"] == [0.0, 4.0]
    assert values["mqtt"]["tls"] == {"ca": "x"}
    assert values["detectors"]["frozen_frame"] == {"lag_s": 2.0, "tiles": 5, "levels": [0.1, 0.9]}
    assert values["thresholds"]["frozen_frame"]["raise_at"] == 5.0
    assert values["thresholds"]["moved_camera"]["unit"] == "s"

    source = dict(re.findall(r"^(\w+ = \S+).*# (.*)$", output, re.MULTILINE))
    assert source["tiles = 5"] == f"{tmp_path}/site.toml:9"
    assert source["lag_s = 2.0"] == "default"
    assert source["raise_at = 5.0"] == f"{tmp_path}/own.toml:2"
    assert source["port = 1883"] == "default"
    assert output.startswith(f"# {configuration.digest({'frozen_frame': knobs})}\n")


def test_shipped_files_are_found() -> None:
    assert shipped("config/thresholds.toml").is_file()
    assert shipped("models").is_dir()
    with pytest.raises(ConfigError, match=r"config/absent\.toml"):
        shipped("config/absent.toml")
