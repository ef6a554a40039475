"""Thresholds: the shipped ones, a site's own on top."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.config import read_thresholds, shipped
from detector.config.document import Document, read_document
from detector.core.episode import Threshold
from detector.core.errors import ConfigError
from detector.detectors import CATALOGUE

SHIPPED = """\
[a]
raise_at = 4
clear_at = 0.5
hold_s = 1.0
unit = "s"
severity = "critical"

[b]
raise_at = 2.0
clear_at = 1.0
hold_s = 0.0
unit = "t"
severity = "warning"
"""


@pytest.fixture
def ours(tmp_path: Path) -> Document:
    path = tmp_path / "shipped.toml"
    path.write_text(SHIPPED)
    return read_document(path)


def own(tmp_path: Path, text: str) -> Document:
    path = tmp_path / "own.toml"
    path.write_text(text)
    return read_document(path)


def test_reads_one_threshold_a_detector(ours: Document) -> None:
    assert read_thresholds(ours) == {
        "a": Threshold(4.0, 0.5, 1.0, "s", "critical"),
        "b": Threshold(2.0, 1.0, 0.0, "t", "warning"),
    }


def test_the_sites_own_keys_replace_shipped_ones(ours: Document, tmp_path: Path) -> None:
    document = own(tmp_path, '[a]\nraise_at = 9\nseverity = "info"\n')
    assert read_thresholds(ours, document) == {
        "a": Threshold(9.0, 0.5, 1.0, "s", "info"),
        "b": Threshold(2.0, 1.0, 0.0, "t", "warning"),
    }


@pytest.mark.parametrize(
    ("text", "line", "what", "todo"),
    [
        ("[c]\nraise_at = 1\n", 1, "c: is not known", "a, b"),
        ("a = 3\n", 1, "a: is no table", "[a]"),
        ("[a]\nraise_at = 0.1\n", 1, "above raise_at", "clear_at"),
        ("[a]\nraise_at = inf\n", 2, "finite", "opens"),
        ("[a]\nhold_s = -1\n", 2, "a.hold_s", "seconds"),
        ('[a]\nraise_at = "4"\n', 2, "a.raise_at", "reaches"),
        ('[a]\nunit = "frames"\n', 2, "not the score's unit", '"s"'),
        ('[a]\nseverity = "bad"\n', 2, "a.severity", "critical"),
        ("[a]\nraise = 1\n", 2, "a.raise", "raise_at?"),
    ],
)
def test_says_what_is_wrong_with_the_sites_own(
    ours: Document, tmp_path: Path, text: str, line: int, what: str, todo: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read_thresholds(ours, own(tmp_path, text))
    assert caught.value.where == f"{tmp_path / 'own.toml'}:{line}"
    assert what in caught.value.what
    assert todo in caught.value.todo


def test_a_shipped_threshold_is_complete(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_thresholds(own(tmp_path, "[a]\nraise_at = 1\n"))
    assert "a.clear_at: is missing" in caught.value.what


def test_the_shipped_thresholds_can_be_used() -> None:
    thresholds = read_thresholds(read_document(shipped("config/thresholds.toml")))
    assert set(thresholds) == set(CATALOGUE)
    for name, (make, parameters) in CATALOGUE.items():
        assert thresholds[name].unit == make(parameters()).unit
