"""Recordings become observations, whatever state they are in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from detector.core.errors import UnreadableInput
from detector.core.observation import Frames, Views, join
from detector.edge import recording, seeking
from detector.edge.recording import Picture
from detector.edge.seeking import SeekingReader
from detector.edge.store import FeatureStore
from detector.edge.video import Extraction, extract, read_packets, whole_steps
from tests.edge import nasty

Made = Callable[[str], Path]
WINDOWS = [(1.3, 1.9), (3.05, 3.3), (3.6, 4.4)]
#: Seconds from one picture to the next, where it is not 0.1.
NOMINAL = {"variable_rate": 0.16, "motion_jpeg": 0.04}


def observed(
    path: Path,
    keys_only: bool = False,
    windows: list[tuple[float, float]] | None = None,
    folder: Path | None = None,
) -> tuple[Frames, Views, Extraction]:
    extraction = Extraction()
    store = FeatureStore(folder or path.parent / f"{path.name}.{keys_only}.{windows is None}")
    if not store.columns("frames") and not store.columns("views"):
        for block in extract(path, "", extraction, keys_only=keys_only, windows=windows):
            store.write(block)
    return (*store.read("camera"), extraction)


def assert_same_rows(frames: Frames, expected: Frames) -> None:
    """All rows are among the expected ones, those that compare with nothing in what they are."""
    at = np.searchsorted(expected.time, frames.time - 1e-4)
    np.testing.assert_allclose(frames.time, expected.time[at], atol=1e-9)
    for field in fields(frames):
        if field.name == "stream":
            continue
        ours, theirs = getattr(frames, field.name), getattr(expected, field.name)[at]
        follows = frames.seconds > 0
        np.testing.assert_array_equal(ours[follows], theirs[follows], err_msg=field.name)


@pytest.mark.parametrize("name", nasty.ODD)
def test_odd_recordings_are_decoded_in_full(name: str, made: Made, tmp_path: Path) -> None:
    path = made(name)
    count = 30 if name == "raw_bgr" else 60
    packets = read_packets(path)
    frames, views, extraction = observed(path, folder=tmp_path)
    assert len(packets.time) == extraction.pictures == count
    assert frames.pictures.sum() == count
    assert np.all(np.diff(frames.time) > 0)
    assert np.all(np.diff(views.time) > 0)
    assert views.time[0] == 0
    last_s = float(packets.time.max())
    assert extraction.last_time == pytest.approx(last_s, abs=0.05)
    nominal_s = NOMINAL.get(name, 0.1)
    if name != "variable_rate":
        assert last_s == pytest.approx((count - 1) * nominal_s, abs=0.01)
    expected = ["time stamps are missing; the nominal frame rate stands in"]
    assert extraction.faults == (expected if name == "raw_h264" else [])
    assert list(packets.faults) == extraction.faults


@pytest.mark.parametrize("name", nasty.ODD)
def test_key_frames_alone_are_seen_at_their_times(name: str, made: Made, tmp_path: Path) -> None:
    path = made(name)
    _, views, _ = observed(path, folder=tmp_path / "all")
    frames, keys, _ = observed(path, keys_only=True, folder=tmp_path / "keys")
    assert len(frames) == 0
    assert len(keys) >= 3
    assert float(np.diff(keys.time).max()) <= 2.1
    if name != "intra_refresh":
        assert np.all(keys.key)
    both = np.isin(views.time.round(3), keys.time.round(3))
    at = np.searchsorted(keys.time.round(3), views.time[both].round(3))
    assert both.sum() >= 3
    np.testing.assert_array_equal(views.layout[both], keys.layout[at])


@pytest.mark.parametrize("name", [name for name in nasty.ODD if name != "intra_refresh"])
def test_key_frames_in_parts_are_those_of_the_whole(
    name: str, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LEAP_S", 0.5)
    path = made(name)
    _, whole, _ = observed(path, keys_only=True, folder=tmp_path / "whole")
    packets = read_packets(path)
    edges = [0.0, 1.95, 4.0, 1e6]
    parts = [
        block
        for part in itertools.pairwise(edges)
        for block in extract(
            path, "camera", Extraction(), keys_only=True, between=part, packets=packets
        )
        if isinstance(block, Views)
    ]
    views = join(parts)
    np.testing.assert_array_equal(views.time, whole.time)
    np.testing.assert_array_equal(views.layout, whole.layout)
    if packets.ordered:
        np.testing.assert_array_equal(views.stir, whole.stir)


@pytest.mark.parametrize("name", [name for name in nasty.ODD if name != "raw_bgr"])
def test_stretches_are_as_if_all_had_been_decoded(name: str, made: Made, tmp_path: Path) -> None:
    path = made(name)
    windows = [(a * 0.4, b * 0.4) for a, b in WINDOWS] if name == "motion_jpeg" else WINDOWS
    everything, _, _ = observed(path, folder=tmp_path / "all")
    frames, views, extraction = observed(path, windows=windows, folder=tmp_path / "some")
    assert len(views) == 0
    assert_same_rows(frames, everything)
    for start, end in windows:
        asked = (everything.time >= start) & (everything.time <= end)
        assert np.isin(everything.time[asked].round(4), frames.time.round(4)).all()
    assert extraction.pictures < 60
    assert (frames.seconds == 0).sum() <= len(windows)


@pytest.mark.parametrize(
    ("name", "sequential"),
    [
        ("mpeg4", False),
        ("h264_open_gop", False),
        ("h264_ts", False),
        ("hevc_open_gop", False),
        ("full_chroma", False),
        ("raw_h264", True),
    ],
)
def test_what_can_be_seeked_is(name: str, sequential: bool, made: Made) -> None:
    path = made(name)
    extraction = Extraction()
    with SeekingReader(path, read_packets(path), extraction) as reader:
        times = [time for time, _, _ in reader.stretch(4.5, 4.9)]
        assert times[-1] == pytest.approx(4.9, abs=1e-3)
        assert reader.sequential is sequential
    assert [fault for fault in extraction.faults if "missing" not in fault] == []


def test_a_seek_that_decodes_otherwise_is_not_trusted(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made("mpeg4")
    honest = seeking._print
    calls: list[int] = []

    def differing(picture: Picture) -> tuple[int, int]:
        calls.append(1)
        time, checksum = honest(picture)
        return time, checksum + (len(calls) > seeking.PROOF_PICTURES + 2)

    monkeypatch.setattr(seeking, "_print", differing)
    everything, _, _ = observed(path, folder=tmp_path / "all")
    extraction = Extraction()
    with SeekingReader(path, read_packets(path), extraction) as reader:
        assert len(list(reader.stretch(4.5, 4.9))) > 40
        assert reader.sequential
    calls.clear()
    frames, _, _ = observed(path, windows=WINDOWS, folder=tmp_path / "some")
    assert_same_rows(frames, everything)


@pytest.mark.parametrize("name", nasty.DAMAGED)
def test_damaged_recordings_give_what_they_hold(name: str, made: Made, tmp_path: Path) -> None:
    path = made(name)
    packets = read_packets(path)
    frames, views, extraction = observed(path, folder=tmp_path / "all")
    _, keys, _ = observed(path, keys_only=True, folder=tmp_path / "keys")
    some, _, _ = observed(path, windows=[(1.0, 1.5), (2.5, 2.8)], folder=tmp_path / "some")
    assert len(frames) >= 10
    assert len(keys) >= 2
    assert np.all(np.diff(frames.time) > 0)
    assert views.time[0] == keys.time[0] == 0
    assert np.isin(keys.time.round(3), views.time.round(3)).sum() >= 2
    assert packets.duration_s == pytest.approx(extraction.last_time + 0.1, abs=0.15)
    if name.startswith("short"):
        (early,) = [fault for fault in packets.faults if "early" in fault]
        assert early.startswith("it ends early: ")
        assert early.endswith(" of 6 s are missing")
        assert 2.0 < packets.duration_s < 5.0
    if name != "smeared":
        assert_same_rows(some, frames)


def test_stamps_that_run_backward_are_told_and_moved_on(made: Made, tmp_path: Path) -> None:
    path = made("backward")
    packets = read_packets(path)
    frames, _, extraction = observed(path, folder=tmp_path)
    assert not packets.ordered
    assert packets.duration_s == pytest.approx(8.0, abs=0.01)
    assert frames.time[-1] == pytest.approx(7.9, abs=0.01)
    assert [fault.split(" at ")[0] for fault in extraction.faults] == ["time stamps run backward"]
    assert list(packets.faults) == extraction.faults


def test_a_change_of_size_is_seen(made: Made, tmp_path: Path) -> None:
    frames, views, extraction = observed(made("two_sizes"), folder=tmp_path)
    assert extraction.sizes == {(96, 64), (160, 96)}
    assert (frames.seconds == 0).sum() == 2
    assert {tuple(size) for size in views.size.tolist()} == {(96, 64), (160, 96)}


@pytest.mark.parametrize("name", nasty.UNREADABLE)
def test_what_is_no_recording_gives_its_reason(name: str, made: Made) -> None:
    path = made(name)
    with pytest.raises(UnreadableInput) as caught:
        list(extract(path, "", Extraction()))
    assert len(caught.value.what) > 10
    with pytest.raises(UnreadableInput):
        read_packets(path)


@pytest.mark.parametrize("kind", nasty.PLAYLISTS)
@pytest.mark.parametrize("ending", ["mp4", "m3u8", "ts", "sdp", "mpd", "ffconcat"])
def test_playlists_open_nothing_else(kind: str, ending: str, made: Made, tmp_path: Path) -> None:
    for other in (made("h264_ts"), Path(made("h264_ts").name)):
        (tmp_path / other.name).write_bytes(made("h264_ts").read_bytes())
        path = tmp_path / f"list.{ending}"
        path.write_text(nasty.PLAYLISTS[kind].format(other=other))
        with pytest.raises(UnreadableInput):
            read_packets(path)


@pytest.mark.parametrize(
    "name", ["http://127.0.0.1:9/a.mp4", "concat:a.ts|a.ts", "pipe:0", "lavfi:testsrc"]
)
def test_names_are_names_of_files(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreadableInput, match="No such file"):
        read_packets(Path(name))


def test_a_name_with_a_colon_is_decoded(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "concat:cam|1 100%d.mp4"
    path.write_bytes(made("mpeg4").read_bytes())
    assert len(read_packets(path).time) == 60


@pytest.mark.parametrize("name", ["rotated", "ten_bit_rotated"])
def test_pictures_are_upright(name: str, made: Made, tmp_path: Path) -> None:
    _, views, extraction = observed(made(name), folder=tmp_path)
    assert extraction.sizes == {(96, 64)}
    layout = views.layout[0].astype(float)
    height, width = layout.shape
    corners = [
        layout[rows, columns].mean()
        for rows in (slice(height // 5), slice(-height // 5, None))
        for columns in (slice(width // 5), slice(-width // 5, None))
    ]
    assert np.argmax(corners) == 2, "turned a quarter to the left, the upper left is lower left"


def test_ten_bits_and_grey_look_like_eight(made: Made, tmp_path: Path) -> None:
    layouts = [
        observed(made(name), folder=tmp_path / name)[1].layout[0].astype(int)
        for name in ("mpeg4", "ten_bit", "grey", "full_chroma", "interlaced")
    ]
    for layout in layouts[1:]:
        assert float(np.abs(layout - layouts[0]).mean()) < 4


def test_wide_pictures_are_halved(tmp_path: Path) -> None:
    path = nasty.record(tmp_path / "wide.mp4", size=(3844, 66), seconds=0.2)
    _, views, extraction = observed(path, folder=tmp_path / "f")
    assert extraction.pictures == 2
    assert len(views) == 1


def test_the_recording_that_crashes_opencv(video: Callable[[str], Path], tmp_path: Path) -> None:
    frames, _, extraction = observed(video("crashes_opencv_reader.avi"), folder=tmp_path)
    assert extraction.pictures == 51
    assert extraction.faults == []
    assert len(frames) > 10


def test_real_recordings_by_stretches(video: Callable[[str], Path], tmp_path: Path) -> None:
    for name in ("highway_copy.mpg", "town_street.mp4", "Megamind.avi"):
        everything, _, _ = observed(video(name), folder=tmp_path / name / "all")
        some, _, _ = observed(video(name), windows=[(5.1, 6), (9, 9.5)], folder=tmp_path / name)
        assert_same_rows(some, everything)


def test_windows_become_whole_steps() -> None:
    steps = whole_steps([(1.3, 1.5), (0.05, 0.1), (1.9, 2.0), (5.0, 5.1)])
    assert np.round(steps, 3).tolist() == [[0.0, 0.2], [1.0, 2.2], [4.8, 5.2]]
