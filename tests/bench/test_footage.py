"""Random access to recordings."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from detector.bench.clip import Clip
from detector.bench.encoding import Encoding, write_footage
from detector.bench.footage import _rising, read_footage
from detector.bench.steps import Gap
from detector.bench.tamper import tampered
from detector.core.errors import TrueshaftError


def test_access_in_any_order_gives_the_same_pictures(recording: Path) -> None:
    roomy, tight = read_footage(recording), read_footage(recording, kept_bytes=1)
    assert len(roomy) == len(tight) == 40
    for k in (39, 3, 20, 19, 3, 0):
        assert np.array_equal(roomy.picture(k), tight.picture(k))


def test_times_survive_writing(clip: Clip, tmp_path: Path) -> None:
    gappy = tampered(clip, [Gap(start_s=1, seconds=1)])
    write_footage(tmp_path / "gap.mp4", gappy, Encoding())
    assert read_footage(tmp_path / "gap.mp4").times_s == pytest.approx(gappy.times_s, abs=0.001)


@pytest.mark.parametrize("content", [b"", b"this is no film"])
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no.mp4"
    path.write_bytes(content)
    with pytest.raises(TrueshaftError):
        read_footage(path)


def test_a_codec_the_container_cannot_hold_is_refused(clip: Clip, tmp_path: Path) -> None:
    with pytest.raises(TrueshaftError):
        write_footage(tmp_path / "out.webm", clip, Encoding(codec="mpeg4"))
    with pytest.raises(TrueshaftError):
        Encoding(codec="betamax")
    with pytest.raises(TrueshaftError):
        Encoding(crf=20, bitrate_kbps=100)


def test_wrongly_stamped_pictures_keep_the_length_of_the_film() -> None:
    stamps = np.array([0, 3, 2, 1, 4, 6, 5, np.nan, 7]) / 25
    assert _rising(stamps) == pytest.approx(np.arange(9) / 25)
    assert _rising(np.array([5.0, 5.0, np.nan])) == pytest.approx([0, 0.04, 0.08])
    assert len(_rising(np.array([]))) == 0


@pytest.mark.parametrize(
    ("name", "seconds"), [("highway.avi", 28.3), ("motorway_osd.avi", 30), ("tree.avi", 29.9)]
)
def test_real_films_last_as_long_as_they_do(
    video: Callable[[str], Path], name: str, seconds: float
) -> None:
    assert read_footage(video(name)).duration_s == pytest.approx(seconds, abs=0.3)
