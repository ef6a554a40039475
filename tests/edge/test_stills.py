"""Stills show the picture of their time, upright and in proportion."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from detector.core.errors import UnreadableInput
from detector.edge.packets import read_packets
from detector.edge.stills import save_stills
from detector.edge.task import Task
from detector.edge.tasks import features, load_packets, packets, stills
from detector.edge.worker import run
from tests.edge import nasty

Made = Callable[[str], Path]


def shown(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture.astype(np.float64)


def square_at(path: Path) -> int:
    """Left edge of the square that moves by 3 pixels a picture."""
    columns = shown(path)[34:40].mean(axis=0)
    return int(np.argmax(np.convolve(columns, np.ones(10), "valid")))


@pytest.mark.parametrize("name", ["mpeg4", "h264_ts", "h264_open_gop", "flv", "raw_h264"])
def test_the_picture_shown_at_a_time_is_saved(name: str, made: Made, tmp_path: Path) -> None:
    times = [5.05, 0.0, 2.45, 2.4, 1.7]
    targets = [tmp_path / "evidence" / f"{i}.jpg" for i in range(len(times))]
    assert save_stills(made(name), times, targets) == [True] * len(times)
    for time, target in zip(times, targets, strict=True):
        expected = 3 * int(time * 10 + 1e-6) % 84
        assert square_at(target) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("name", ["mpeg4", "h264_ts", "h264_open_gop", "full_chroma"])
def test_seeks_that_were_proved_need_no_proof(name: str, made: Made, tmp_path: Path) -> None:
    path, times = made(name), [5.05, 2.45]
    targets = [[tmp_path / f"{way}{i}.jpg" for i in range(2)] for way in ("a", "b")]
    save_stills(path, times, targets[0])
    save_stills(path, times, targets[1], seekable=True)
    for proved, trusted in zip(*targets, strict=True):
        np.testing.assert_array_equal(shown(proved), shown(trusted))


def test_times_beyond_the_end_show_the_last_picture(made: Made, tmp_path: Path) -> None:
    targets = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    assert save_stills(made("mpeg4"), [5.9, 1000.0], targets) == [True, True]
    np.testing.assert_array_equal(shown(targets[0]), shown(targets[1]))


def test_stills_are_upright(made: Made, tmp_path: Path) -> None:
    save_stills(made("rotated"), [1.0], [tmp_path / "a.jpg"])
    picture = shown(tmp_path / "a.jpg")
    assert picture.shape == (96, 64)
    assert picture[-20:, :14].mean() > picture[:20, :14].mean() + 50


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = nasty.record(tmp_path / "dv.mp4", aspect=Fraction(16, 11), seconds=0.5)
    save_stills(path, [0.0], [tmp_path / "a.jpg"])
    assert shown(tmp_path / "a.jpg").shape == (64, 140)
    save_stills(path, [0.0], [tmp_path / "b.jpg"], max_width=70)
    assert shown(tmp_path / "b.jpg").shape == (32, 70)


def test_no_recording_no_stills(made: Made, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        save_stills(made("text"), [0.0], [tmp_path / "a.jpg"])


def test_the_tasks_of_an_audit(made: Made, tmp_path: Path) -> None:
    path = made("backward")
    known = read_packets(path)
    tasks = [
        Task(path, packets, (path, tmp_path / "packets")),
        Task(path, features, (path, tmp_path / "keys", True)),
        Task(path, features, (path, tmp_path / "some", False, [(1.0, 2.0)], known)),
        Task(path, stills, (path, [1.0], [tmp_path / "a.jpg"], 960, known)),
    ]
    found = {outcome.task: outcome for outcome in run(tasks, jobs=2)}
    first, keys, some, pictures = (found[task] for task in tasks)
    assert [outcome.status for outcome in (first, keys)] == ["partial", "partial"]
    assert some.status == "ok", "the fault comes after the stretch"
    assert first.reason is not None
    assert first.reason.startswith("time stamps run backward at ")
    assert first.result is not None
    assert load_packets(tmp_path / "packets", first.result).duration_s == pytest.approx(8.0)
    assert keys.rows > 0
    assert some.rows > 0
    assert pictures.result == {"saved": [True]}
    assert (tmp_path / "a.jpg").stat().st_size > 500
