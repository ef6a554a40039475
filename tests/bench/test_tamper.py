"""From a recording to a tampered one."""

from pathlib import Path

import numpy as np
import pytest

from detector.bench.encoding import Encoding
from detector.bench.footage import read_footage
from detector.bench.steps import Clock, Hold, Logo, Loop, Noise, Step
from detector.bench.tamper import tamper
from detector.bench.truth import Truth, truth_path

STEPS: list[Step] = [Hold(start_s=0.5, seconds=1), Loop(start_s=2, period_s=0.5), Noise(), Logo()]


@pytest.mark.parametrize("codec", ["h264", "hevc", "vp9"])
def test_the_same_arguments_give_the_same_bytes(
    recording: Path, tmp_path: Path, codec: str
) -> None:
    written = []
    for folder in ("a", "b"):
        target = tmp_path / folder / "out.mkv"
        tamper(recording, target, [*STEPS, Clock()], Encoding(codec=codec, gop=10), seed=4)
        written.append((target.read_bytes(), truth_path(target).read_bytes()))
    assert written[0] == written[1]


def test_another_seed_gives_other_noise(recording: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        tamper(recording, tmp_path / f"{seed}.mp4", [Noise(sigma=4)], seed=seed)
    assert (tmp_path / "1.mp4").read_bytes() != (tmp_path / "2.mp4").read_bytes()


@pytest.mark.parametrize(
    ("encoding", "suffix"),
    [
        (Encoding(codec="h264", bitrate_kbps=200), "mp4"),
        (Encoding(codec="hevc", crf=30), "mp4"),
        (Encoding(codec="mpeg4"), "avi"),
        (Encoding(codec="mpeg2video", fps=25), "mpg"),
        (Encoding(codec="mjpeg", quantizer=6), "avi"),
        (Encoding(codec="vp8"), "webm"),
        (Encoding(codec="h264", fps=5, size="64x48"), "ts"),
        (Encoding(codec="ffv1"), "mkv"),
    ],
    ids=lambda value: value.codec if isinstance(value, Encoding) else None,
)
def test_what_is_written_can_be_read(
    recording: Path, tmp_path: Path, encoding: Encoding, suffix: str
) -> None:
    target = tmp_path / f"out.{suffix}"
    truth = tamper(recording, target, [Hold(start_s=1, seconds=2)], encoding)
    written = read_footage(target)
    assert written.duration_s == pytest.approx(4.0, abs=0.25)
    assert written.size == ((64, 48) if encoding.size else (128, 96))
    held = written.picture(written.index_at(1.4)).astype(int)
    later = written.picture(written.index_at(2.4))
    assert np.abs(held - later).mean() < 3
    assert Truth.read(truth_path(target)) == truth
    assert truth.source == "gallery"
