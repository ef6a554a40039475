"""Stills: only pictures, only from the evidence folder, only so many."""

from __future__ import annotations

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.apps.report import stills
from detector.apps.report.schema import Episode
from detector.apps.report.stills import STILLS_PER_EPISODE, WIDTH_PX, embed, inside
from tests.apps.report.making import episode
from tests.apps.report.pictures import paint, write


def showing(paths: list[str]) -> Episode:
    return episode(Path(), "frozen_frame", "a", "a.mp4", (1.0, 9.0), evidence={"stills": paths})


def states(paths: list[str], out_dir: Path) -> list[str]:
    return [shown.state for shown in embed([showing(paths)], out_dir)[0]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    out_dir = tmp_path / "out"
    write(out_dir, "a.jpg", paint("shaft", 1.0))
    (tmp_path / "secret.jpg").write_bytes((out_dir / "evidence" / "a.jpg").read_bytes())
    (out_dir / "beside.jpg").write_bytes((out_dir / "evidence" / "a.jpg").read_bytes())
    return out_dir


@pytest.mark.parametrize(
    "path",
    [
        "../secret.jpg",
        "evidence/../../secret.jpg",
        "evidence/../beside.jpg",
        "beside.jpg",
        "evidence/",
        "evidence\\..\\..\\secret.jpg",
        "/etc/passwd",
        "evidence/\0.jpg",
        "",
    ],
)
def test_paths_that_leave_the_evidence_are_refused(path: str, folder: Path) -> None:
    assert inside(path, folder) is None
    assert states([path], folder) == ["refused"]


def test_a_link_that_leaves_the_evidence_is_refused(folder: Path) -> None:
    (folder / "evidence" / "link.jpg").symlink_to(folder.parent / "secret.jpg")
    (folder / "evidence" / "loop.jpg").symlink_to(folder / "evidence" / "loop.jpg")
    assert states(["evidence/link.jpg"], folder) == ["refused"]
    assert states(["evidence/loop.jpg"], folder) in (["refused"], ["missing"])


@pytest.mark.parametrize(
    "content", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff" + bytes(stills.AS_IT_IS_BYTES)]
)
def test_what_is_no_picture_is_refused(content: bytes, folder: Path) -> None:
    (folder / "evidence" / "x.jpg").write_bytes(content)
    assert states(["evidence/x.jpg"], folder) == ["refused"]


def test_a_file_beyond_the_limit_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stills, "FILE_BYTES", 10)
    assert states(["evidence/a.jpg"], folder) == ["refused"]


def test_a_missing_still_is_told(folder: Path) -> None:
    assert states(["evidence/b.jpg", "evidence/a.jpg"], folder) == ["missing", "shown"]


def test_a_large_picture_goes_in_smaller(folder: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    path = write(folder, "large.jpg", noise)
    shown = embed([showing([path])], folder)[0][0]
    raw = base64.b64decode(shown.uri.split(",")[1])
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[:2] == (WIDTH_PX * 720 // 1280, WIDTH_PX)


def test_an_episode_shows_only_so_many(folder: Path) -> None:
    made = states(["evidence/a.jpg"] * (STILLS_PER_EPISODE + 2), folder)
    assert made == ["shown"] * STILLS_PER_EPISODE + ["left_out"] * 2


def test_where_room_is_short_every_episode_shows_its_first(folder: Path) -> None:
    size = len(embed([showing(["evidence/a.jpg"])], folder)[0][0].uri)
    episodes = [showing(["evidence/a.jpg"] * 3) for _ in range(3)]
    made = embed(episodes, folder, total_bytes=4 * size + 100)
    assert [[shown.state for shown in row].count("shown") for row in made] == [2, 1, 1]


def test_names_cannot_break_out_of_an_address(folder: Path) -> None:
    path = write(folder, 'a"b#c?.jpg', paint("belt", 1.0))
    assert embed([showing([path])], folder)[0][0].href == "evidence/a%22b%23c%3F.jpg"
