"""The pictures that go with an alert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from detector.apps.report import schema
from detector.apps.serve.desks import Desks
from detector.apps.serve.shots import Holder, Shot, kept, shots, shown_of, still
from detector.edge.ledger import Ledger
from detector.edge.shown import Picture

MINE, NOW = "220600000001", 1_790_000_000.0
SITE = f"""
[mine]
code = "{MINE}"

[[streams]]
name = "hoist"
shaft = "main"

[[cameras]]
name = "C1"
shaft = "main"

[live.stills]
every_s = 10
minutes = 2
"""


def desks_of(folder: Path) -> Desks:
    (folder / "site.toml").write_text(SITE)
    return Desks(folder / "site.toml")


def alert(detector: str, stream: str, start: float, end: float) -> dict[str, Any]:
    episode = schema.Episode(
        id="e", detector=detector, stream=stream, path="p", start_s=start, end_s=end,
        until_end=True, peak=9.0, unit="s", threshold=5.0, summary="held",
    )  # fmt: skip
    return {
        "id": "a",
        "mine": MINE,
        "shaft": "main",
        "episodes": [episode.model_dump(mode="json")],
    }


def test_a_still_shows_what_was_found_or_the_shaft_then(tmp_path: Path) -> None:
    desks = desks_of(tmp_path)
    shown = shown_of(desks)
    shown.add([Picture(MINE, "C1", NOW + n, b"%d" % n) for n in range(0, 100, 10)])
    assert still(desks, shown, alert("frozen_frame", "C1", NOW + 18, NOW + 44)) == b"30"
    assert still(desks, shown, alert("frozen_frame", "C1", NOW + 61, NOW + 68)) == b"60"
    assert still(desks, shown, alert("flat_signal", "hoist", NOW + 52, NOW + 53)) == b"50"
    assert still(desks, shown, alert("flat_signal", "hoist", NOW + 500, NOW + 501)) is None
    elsewhere = {**alert("flat_signal", "hoist", NOW, NOW), "shaft": None}
    assert still(desks, shown, elsewhere) is None
    shown.close()


def test_pictures_of_an_alert_are_held_once_they_come(tmp_path: Path) -> None:
    desks = desks_of(tmp_path)
    shown, now = shown_of(desks), [100.0]
    ledger = Ledger(tmp_path / "ledger.jsonl")
    holder = Holder(desks, shown, ledger, lambda: now[0])
    shown.add([Picture(MINE, "C1", NOW, b"before")])
    told = alert("frozen_frame", "C1", NOW + 8, NOW + 30)
    ledger.append("alert", told)
    holder.look()
    for n in range(10, 400, 10):
        shown.add([Picture(MINE, "C1", NOW + n, b"%d" % n)])
        now[0] += 10.0
        holder.look()
    desk = desks[MINE]
    found = shots(desk, schema.Episode.model_validate(told["episodes"][0]))
    assert [(s.label, kept(shown, MINE, s)) for s in found] == [
        ("before", b"before"),
        ("during", b"20"),
    ]
    assert kept(shown, MINE, Shot("C1", NOW + 100, "", 0, NOW + 90, NOW + 110)) is None
    shown.close()
    ledger.close()
