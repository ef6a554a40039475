"""Comments, order and spaces of a file of thresholds stay as they are."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from detector.config.shipped import shipped
from detector.core.errors import ConfigError
from detector.edge.thresholds_file import HEADER, checked, edited, named, prepared


def test_nothing_but_the_value_changes() -> None:
    text = shipped("config/thresholds.toml").read_text("utf-8")
    after = edited(text, "spike", {"raise_at": 2.25, "clear_at": 1.0})
    old, new = text.splitlines(), after.splitlines()
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert changed == [("raise_at = 2.0", "raise_at = 2.25"), ("clear_at = 2.0", "clear_at = 1.0")]


@pytest.mark.parametrize(
    "text",
    [
        HEADER,
        "",
        "# only this\n",
        "[silence]\nraise_at = 3.0\n\n# the end",
        "silence.raise_at = 3.0\n",
        "[silence]\r\nraise_at = 3.0 # here\r\n",
        'silence = {raise_at = 3.0}\n[clock_fault]\nseverity = "info"',
    ],
)
def test_a_detector_that_is_not_there_is_added(text: str) -> None:
    after = edited(text, "spike", {"raise_at": 2.5, "severity": "warning"})
    values = tomllib.loads(after)
    assert values.pop("spike") == {"raise_at": 2.5, "severity": "warning"}
    assert values == tomllib.loads(text)
    assert all(line.strip() in after for line in text.splitlines())
    assert tomllib.loads(edited(after, "silence", {"raise_at": 4.0}))["silence"]["raise_at"] == 4.0


def test_what_cannot_be_used_says_which_line() -> None:
    with pytest.raises(ConfigError) as told:
        checked(Path("own.toml"), edited("# a\n\n", "spike", {"raise_at": -1.0}))
    assert told.value.where == "own.toml:5" and "raise_at" in told.value.what
    for wrong in ("spike = 3\n", "[[spike]]\nraise_at = 1.0\n"):
        with pytest.raises(ConfigError, match="no table"):
            edited(wrong, "spike", {"raise_at": 1.0})


@pytest.mark.parametrize(
    "text",
    ["", '[mine]\ncode = "220600000001"', "[thresholds]\n# none\n[mqtt]\n", "thresholds = {}\n"],
)
def test_a_site_names_its_file_and_stays_as_it_is(text: str) -> None:
    after = tomllib.loads(named(text, "own.toml"))
    assert after.pop("thresholds") == {"path": "own.toml"}
    before = tomllib.loads(text)
    before.pop("thresholds", None)
    assert after == before


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        prepared(tmp_path / "none" / "own.toml", "")
