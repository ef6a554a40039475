"""What is audited: every recording once, in a fixed order, and whatever cannot be read is told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from detector.edge.inputs import NO_FILE, Found, find, is_playlist, printable, sha256

ROOT = Path(__file__).resolve().parents[2]


def touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def names(found: Found, root: Path) -> list[str]:
    return [str(entry.path.relative_to(root)) for entry in found.inputs]


def test_folders_are_searched_in_order_of_names(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MP4", "深/口 camera.ts", "sub/deep/c.dav", "s.csv", "z/notes.txt"):
        touch(tmp_path / name)
    found = find([tmp_path])
    assert names(found, tmp_path) == [
        "a.MP4",
        "b.mp4",
        "s.csv",
        "sub/deep/c.dav",
        "深/口 camera.ts",
    ]
    assert [entry.kind for entry in found.inputs] == [
        "video",
        "video",
        "readings",
        "video",
        "video",
    ]
    assert found.ignored == [tmp_path / "z/notes.txt"]
    assert found.problems == []
    assert find([tmp_path]) == found


def test_a_file_that_is_named_is_tried_whatever_its_name(tmp_path: Path) -> None:
    for name in ("noending", ".hidden", "r.CSV"):
        touch(tmp_path / name)
    found = find([tmp_path / "noending", tmp_path / ".hidden", tmp_path / "r.CSV"])
    assert [entry.kind for entry in found.inputs] == ["video", "video", "readings"]
    assert names(find([tmp_path]), tmp_path) == ["r.CSV"]


def test_a_link_loop_ends_and_each_file_counts_once(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "one.mp4")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "again.mp4").symlink_to(tmp_path / "a" / "one.mp4")
    (tmp_path / "self.mp4").symlink_to(tmp_path / "self.mp4")
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nowhere")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    found = find([tmp_path, tmp_path / "a", tmp_path / "a" / "one.mp4"])
    assert names(found, tmp_path) == ["a/again.mp4"]
    assert [path.name for path, _ in found.problems] == ["gone.mp4", "self.mp4"]


def test_two_names_of_one_file_are_two_recordings(tmp_path: Path) -> None:
    touch(tmp_path / "east.mp4")
    (tmp_path / "west.mp4").hardlink_to(tmp_path / "east.mp4")
    assert names(find([tmp_path]), tmp_path) == ["east.mp4", "west.mp4"]


def test_a_report_hides_no_recording_beside_it(tmp_path: Path) -> None:
    touch(tmp_path / "a.mp4")
    for name in ("report.json", "report.html", "evidence/0.jpg", "b.mp4"):
        touch(tmp_path / "out" / name)
    touch(tmp_path / ".cache" / "d.mp4")
    assert names(find([tmp_path]), tmp_path) == ["a.mp4", "out/b.mp4"]


def test_pipes_sockets_and_devices_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.mp4"))
        os.mkfifo(tmp_path / "control")
        told = [tmp_path / "pipe.mp4", tmp_path / "socket.mp4"]
        found = find([tmp_path, *told])
        assert found == Found(problems=[(p, NO_FILE) for p in told], odd=[tmp_path / "control"])
        named = find([*told, tmp_path / "control", Path("/dev/zero")])
    assert found.nothing and named.nothing
    assert [reason for _, reason in named.problems] == [NO_FILE] * 4
    touch(tmp_path / "a.mp4")
    assert not find([tmp_path]).nothing
    assert not find([tmp_path / "missing.mp4"]).nothing


def test_folders_that_hold_nothing_to_audit_are_told(tmp_path: Path) -> None:
    touch(tmp_path / "good" / "a.mp4")
    touch(tmp_path / "notes" / "deep" / "n.txt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "b.mp4").symlink_to(tmp_path / "good" / "a.mp4")
    folders = [tmp_path / name for name in ("good", "notes", "empty", "again", "good")]
    found = find(folders)
    assert found.barren == [tmp_path / "notes", tmp_path / "empty"]
    assert found.ignored == [tmp_path / "notes" / "deep" / "n.txt"]


@pytest.mark.parametrize(
    "content",
    [
        "#EXTM3U\n#EXTINF:10,\na.ts\n",
        "\ufeff\n#EXTM3U\n",
        "ffconcat version 1.0\nfile 'a.mp4'\n",
        "file 'a.mp4'\n",
        "[playlist]\nFile1=a.mp4\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\n",
        '<?xml version="1.0"?>\n<MPD type="static"></MPD>\n',
    ],
)
def test_playlists_are_known_by_how_they_begin(content: str, tmp_path: Path) -> None:
    assert is_playlist(touch(tmp_path / "list.mp4", content.encode()))


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x00\x00\x20ftypisom", b"minutes of the meeting", b"<html></html>"]
)
def test_what_begins_otherwise_is_no_playlist(content: bytes, tmp_path: Path) -> None:
    assert not is_playlist(touch(tmp_path / "list.m3u8", content))


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    found = find([tmp_path / "missing.mp4", tmp_path / "gone"])
    assert [reason for _, reason in found.problems] == ["No such file or directory"] * 2


_UNPRIVILEGED = """
import os, sys
from pathlib import Path
from detector.edge.inputs import find
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
found = find([Path()])
print([path.path.name for path in found.inputs])
print([(path.name, reason) for path, reason in found.problems])
"""


def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    touch(tmp_path / "open.mp4")
    touch(tmp_path / "closed.mp4").chmod(0)
    touch(tmp_path / "room" / "inside.mp4")
    (tmp_path / "room").chmod(0)
    tmp_path.chmod(0o755)
    try:
        run = subprocess.run(
            [sys.executable, "-c", _UNPRIVILEGED, str(tmp_path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        (tmp_path / "room").chmod(0o755)
    if run.returncode:
        pytest.skip(f"an unprivileged user cannot run this here: {run.stderr[-200:]}")
    assert run.stdout.splitlines() == [
        "['open.mp4']",
        "[('closed.mp4', 'Permission denied'), ('room', 'Permission denied')]",
    ]


def test_names_that_are_no_text_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/cam\xff \xe5\x8f\xa3.mp4"))
    touch(path)
    assert find([tmp_path]).inputs[0].path == path
    assert printable(path).endswith("cam\\xff 口.mp4")
    printable(path).encode()


def test_digests_are_of_the_content(tmp_path: Path) -> None:
    heard: list[int] = []
    path = touch(tmp_path / "a.mp4", b"abc" * 500_000)
    assert sha256(path, heard.append) == sha256(touch(tmp_path / "b.mp4", b"abc" * 500_000))
    assert sha256(touch(tmp_path / "c.mp4", b"abc")) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert heard[-1] == 1_500_000
    assert heard == sorted(heard)
