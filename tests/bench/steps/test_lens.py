"""Pictures that say nothing."""

import numpy as np
import pytest

from detector.bench.clip import Clip
from detector.bench.steps import Black, Cover, Defocus, Overexpose, Slate, Step
from detector.bench.tamper import tampered

FAULTS: tuple[Step, ...] = (
    Black(start_s=1, seconds=2, sigma=1),
    Overexpose(start_s=1, seconds=2),
    Cover(start_s=1, seconds=2),
    Defocus(start_s=1, seconds=2, blur_px=40),
    Slate(start_s=1, seconds=2),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda step: step.kind)
def test_a_fault_is_where_the_truth_says(clip: Clip, fault: Step) -> None:
    faulty = tampered(clip, [fault])
    (event,) = faulty.events
    assert (event.detector, event.kind) == ("uninformative_frame", fault.kind)
    assert (event.start_s, event.end_s) == pytest.approx((1.0, 3.0))
    changed = [not np.array_equal(faulty.picture(k), clip.picture(k)) for k in range(40)]
    assert changed == [10 <= k < 30 for k in range(40)]


def test_black_over_and_slate_are_what_they_say(clip: Clip) -> None:
    assert tampered(clip, [Black(start_s=1)]).picture(20).max() == 0
    assert np.median(tampered(clip, [Overexpose(start_s=1)]).picture(20)) > 220
    slate = tampered(clip, [Slate(start_s=1, look="blue")]).picture(20)
    assert slate[2, 2].tolist() == [200, 30, 0]


def test_a_cover_slides_in_dark_and_live(clip: Clip) -> None:
    covered = tampered(clip, [Cover(start_s=1, look="hand", fade_s=0.5, sigma=1)])
    means = [float(covered.picture(k).mean()) for k in range(9, 20)]
    assert means[0] > means[2] > means[4] > means[6]
    assert means[-1] < 60
    noise = covered.picture(30).astype(float) - covered.picture(31)
    assert 0.5 < noise.std() < 3


def test_half_a_cover_hides_half(clip: Clip) -> None:
    covered = tampered(clip, [Cover(start_s=1, share=0.5, side="top", sigma=0)])
    same = (covered.picture(30) == clip.picture(30)).all(axis=(1, 2))
    assert 0.35 < same[48:].mean() <= 1
    assert not same[:40].any()


def test_defocus_removes_detail(clip: Clip) -> None:
    blurred = tampered(clip, [Defocus(start_s=1, blur_px=30, sigma=0)])
    before, after = clip.picture(30).astype(float), blurred.picture(30).astype(float)
    assert np.abs(np.diff(after, axis=0)).mean() < 0.5 * np.abs(np.diff(before, axis=0)).mean()
