"""Pictures kept for people to look at: some of all, bounded, what alerts show for longer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import cv2
import numpy as np

from detector.edge.shown import LARGE, WIDTH, Kept, Picture, Shown, small

MINE, NOW = "220600000001", 1_790_000_000.0


def jpeg(number: int, size: int = 500) -> bytes:
    return b"\xff\xd8" + number.to_bytes(4, "little") * (size // 4)


def filled(path: Path, seconds: int, kept: Kept, stream: str = "C1") -> Shown:
    shown = Shown(path, kept)
    for n in range(seconds):
        shown.add([Picture(MINE, stream, NOW + n, jpeg(n))])
    return shown


def test_one_in_every_so_many_seconds_is_kept_for_some_minutes(tmp_path: Path) -> None:
    shown = filled(tmp_path / "p.db", 300, Kept(every_s=10.0, seconds=100.0))
    assert shown.find(MINE, "C1", NOW + 250, NOW + 255, NOW + 252) == jpeg(250)
    assert shown.find(MINE, "C1", NOW + 241, NOW + 249, NOW + 245) is None
    assert shown.find(MINE, "C1", NOW, NOW + 180, NOW) is None  # let go
    assert shown.find(MINE, "C1", NOW, NOW + 300, NOW) == jpeg(190)
    assert shown.find(MINE, "C2", NOW, NOW + 300, NOW) is None
    shown.close()


def test_what_an_alert_shows_stays(tmp_path: Path) -> None:
    kept = Kept(every_s=10.0, seconds=100.0, held_s=250.0)
    shown = filled(tmp_path / "p.db", 60, kept)
    assert shown.hold(MINE, "C1", NOW + 15, NOW + 45, NOW + 28)
    assert not shown.hold(MINE, "C1", NOW + 1, NOW + 9, NOW + 5)
    for n in range(60, 200):
        shown.add([Picture(MINE, "C1", NOW + n, jpeg(n))])
    assert shown.find(MINE, "C1", NOW, NOW + 90, NOW) == jpeg(30)
    for n in range(200, 400):
        shown.add([Picture(MINE, "C1", NOW + n, jpeg(n))])
    assert shown.find(MINE, "C1", NOW, NOW + 90, NOW) is None
    shown.close()


def test_all_of_it_is_bounded_in_bytes(tmp_path: Path) -> None:
    kept = Kept(every_s=1.0, seconds=1e9, most=100_000)
    shown = filled(tmp_path / "p.db", 10, kept)
    assert shown.hold(MINE, "C1", NOW + 3, NOW + 3, NOW + 3)
    for n in range(10, 1000):
        shown.add([Picture(MINE, "C1", NOW + n, jpeg(n))])
    with sqlite3.connect(tmp_path / "p.db") as base:
        (size,) = base.execute("SELECT sum(length(jpeg)) FROM picture").fetchone()
    base.close()
    assert size <= 100_000 + 200 * 502
    assert shown.find(MINE, "C1", NOW, NOW + 100, NOW) == jpeg(3)  # it is held
    assert shown.find(MINE, "C1", NOW, NOW + 999, NOW + 999) == jpeg(999)
    shown.close()


def test_a_file_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    assert Shown(path).find(MINE, "C1", NOW, NOW, NOW) is None and not path.exists()
    path.write_bytes(b"no such file" * 100)
    shown = Shown(path)
    shown.add([Picture(MINE, "C1", NOW, jpeg(1))])
    assert shown.find(MINE, "C1", NOW, NOW, NOW) is None and shown.problem
    assert not shown.hold(MINE, "C1", NOW, NOW, NOW)
    shown.close()


def test_large_pictures_are_made_smaller() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1440, 2560, 3), dtype=np.uint8)
    large = cv2.imencode(".jpg", noise)[1].tobytes()
    assert len(large) > LARGE
    made = small(large)
    picture = cv2.imdecode(np.frombuffer(made, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None and picture.shape == (540, WIDTH, 3)
    assert len(made) < len(large) / 2
    assert small(jpeg(3)) == jpeg(3)
