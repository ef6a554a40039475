"""Names of aliases survive a restart, and births are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.edge.births import Births
from tests.edge.payloads.making import NOW, field, metric, reported, sparkplug, told

NODE = "spBv1.0/7/{}/node"


def test_names_survive_a_restart(tmp_path: Path) -> None:
    births = Births(tmp_path / "births.json")
    births.keep()
    assert not (tmp_path / "births.json").exists()
    birth = sparkplug(metric("MM1", field(13, 1.0), alias=4), seq=0)
    told(NODE.format("NBIRTH"), birth, nodes=births.nodes)
    (tmp_path / "births.json").mkdir()
    births.keep()
    (tmp_path / "births.json").rmdir()
    births.keep()
    again = Births(tmp_path / "births.json")
    data = sparkplug(metric("", field(13, 2.0), alias=4), seq=9)
    assert reported(told(NODE.format("NDATA"), data, nodes=again.nodes)) == {"MM1": [(0, 2)]}
    assert again.wanted(NOW) == []


def test_births_are_asked_for_but_not_all_the_time(tmp_path: Path) -> None:
    births = Births(tmp_path / "births.json")
    data = sparkplug(metric("", field(13, 2.0), alias=4))
    asked = []
    for second in range(0, 150, 10):
        told(NODE.format("NDATA"), data, nodes=births.nodes)
        asked += [(second, topic) for topic, _ in births.wanted(NOW + second)]
    assert asked == [(second, "spBv1.0/7/NCMD/node") for second in (0, 60, 120)]


@pytest.mark.parametrize("text", ["", "[]", '{"a": 3}', '{"a": {"aliases": [1]}}', "\0"])
def test_a_file_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "births.json").write_text(text)
    assert Births(tmp_path / "births.json").nodes.known == {}
