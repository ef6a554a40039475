"""Copies in disguise, light and noise, letters on top."""

import numpy as np
import pytest

from detector.bench.clip import Clip
from detector.bench.steps import (
    Brightness,
    Clock,
    Crop,
    Flip,
    Gamma,
    Grey,
    Logo,
    Night,
    Noise,
    Scale,
    Step,
    Text,
)
from detector.bench.steps.overlays import clock_text
from detector.bench.tamper import tampered


@pytest.mark.parametrize(
    "disguise",
    [
        *(
            Scale(size="96x64"),
            Crop(),
            Flip(),
            Gamma(value=1.4),
            Brightness(add=20),
            Grey(),
            Noise(),
        ),
        *(Clock(), Text(), Logo(), Night(seconds=2)),
    ],
    ids=lambda step: step.kind,
)
def test_a_disguise_changes_pictures_but_not_what_they_show(clip: Clip, disguise: Step) -> None:
    other = tampered(clip, [disguise])
    before = clip.picture(20).copy()
    changed = other.picture(20)
    assert changed.shape == (other.size[1], other.size[0], 3)
    assert changed.dtype == np.uint8
    assert changed.shape != before.shape or not np.array_equal(changed, before)
    assert np.array_equal(clip.picture(20), before)
    assert np.array_equal(other.shown_s, clip.shown_s)
    assert not other.events


def test_crop_and_flip_are_geometry(clip: Clip) -> None:
    cropped = tampered(clip, [Crop(keep=0.5, offset_x=1, offset_y=0)])
    assert np.array_equal(cropped.picture(3), clip.picture(3)[:48, 64:])
    assert np.array_equal(tampered(clip, [Flip()]).picture(3), clip.picture(3)[:, ::-1])


def test_light_goes_where_it_should(clip: Clip) -> None:
    jumped = tampered(clip, [Brightness(add=40, start_s=2)])
    assert np.array_equal(jumped.picture(19), clip.picture(19))
    assert jumped.picture(20).mean() == pytest.approx(clip.picture(20).mean() + 40, abs=1)
    night = tampered(clip, [Night(start_s=1, seconds=2, level=0.2, sigma=0)])
    assert night.picture(39).mean() == pytest.approx(0.2 * clip.picture(39).mean(), rel=0.05)


def test_noise_is_fresh_and_as_strong_as_asked(clip: Clip) -> None:
    flat = clip.drawn(lambda _, picture: np.full_like(picture, 128))
    noise = tampered(flat, [Noise(sigma=3)])
    draws = np.stack([noise.picture(k)[:, :, 0] for k in range(10)]).astype(float)
    assert draws.std() == pytest.approx(3, abs=0.1)
    assert abs(np.corrcoef(draws[0].ravel(), draws[1].ravel())[0, 1]) < 0.05


def test_the_clock_reads_as_told() -> None:
    assert clock_text(86399.9) == "23:59:59"
    assert clock_text(86400) == "00:00:00"
    assert clock_text(3661) == "01:01:01"


def test_the_clock_ticks_once_a_second(clip: Clip) -> None:
    flat = clip.drawn(lambda _, picture: np.full_like(picture, 90))
    ticking = tampered(flat, [Clock(from_clock="23:59:58", height=0.12)])
    shown = [ticking.picture(k).tobytes() for k in range(40)]
    changes = [k for k in range(1, 40) if shown[k] != shown[k - 1]]
    assert changes == [10, 20, 30]
