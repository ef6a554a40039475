"""Topics take routes."""

from __future__ import annotations

import pytest

from detector.core.errors import ConfigError
from detector.edge.topics import Topics


def test_topics_of_the_contract() -> None:
    topics = Topics()
    assert topics.route("mines/7/sensors/MM116") == ("sensor", {"mine": "7", "stream": "MM116"})
    assert topics.route("mines/7/readings") == ("readings", {"mine": "7"})
    node = {"mine": "7", "type": "NDATA", "edge": "e"}
    assert topics.route("spBv1.0/7/NDATA/e") == ("sparkplug", node)
    assert topics.route("spBv1.0/7/DDATA/e/d") == (
        "sparkplug",
        {**node, "type": "DDATA", "device": "d"},
    )
    assert "mines/+/cameras/+/frame" in topics.filters
    for other in ("", "mines/7", "mines//readings", "mines/7/readings/x", "mines/a\nb/readings"):
        assert topics.route(other) is None
    assert topics.route(f"mines/{'7' * 129}/readings") is None


def test_a_layout_of_ones_own() -> None:
    topics = Topics({"frame": "cctv.v1/{camera}/of/{mine}/{time}"})
    assert topics.filters == ["cctv.v1/+/of/+/+"]
    parts = {"camera": "c", "mine": "m", "time": "5"}
    assert topics.route("cctv.v1/c/of/m/5") == ("frame", parts)
    assert topics.route("cctvXv1/c/of/m/5") is None


@pytest.mark.parametrize(
    ("route", "layout"),
    [
        ("frames", "a/{mine}/{camera}"),
        ("frame", "a/{mine}"),
        ("frame", "a/{mine}/{camera}/{camera}"),
        ("frame", "a/{mine}/{camera}/{what}"),
        ("frame", "a/{mine}-{camera}"),
        ("readings", "a/+/{mine}"),
        ("readings", "/{mine}"),
    ],
)
def test_layouts_that_cannot_be(route: str, layout: str) -> None:
    with pytest.raises(ConfigError):
        Topics({route: layout})
