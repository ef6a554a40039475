"""The structure of views: what stays, what a picture shows of it, how rich it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detector.core.observation import F32, LAYOUT, U8, Views
from detector.signals.information import band_agreement, empty_kind, saturated
from detector.signals.looks import Look, Looks
from detector.signals.rows import ViewRows
from detector.signals.view import PRESENT, Sight, gradients, sights, structure, tile_averages

SIZE = (320, 180)


def painted(seed: int, size: tuple[int, int] = SIZE) -> U8:
    """A picture of boxes on a shaded ground."""
    random = np.random.default_rng(seed)
    wide, tall = size
    ground = np.linspace(90, 150, tall)[:, None] + np.zeros((1, wide))
    picture = ground.astype(np.uint8)
    for _ in range(160):
        x, y = random.integers(0, wide), random.integers(0, tall)
        corner = (int(x + random.integers(6, 40)), int(y + random.integers(6, 40)))
        cv2.rectangle(picture, (int(x), int(y)), corner, int(random.integers(20, 230)), -1)
    return picture


def viewed(pictures: list[U8]) -> Views:
    """Rows of pictures a second apart."""
    rows = ViewRows("shaft")
    for i, picture in enumerate(pictures):
        rows.add(float(i), picture, True)
    (block,) = rows.blocks(0)
    return block


def noisy(picture: U8, seed: int, sigma: float = 3.0) -> U8:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def seen(pictures: list[U8]) -> list[Sight]:
    return list(sights(viewed(pictures)))


def test_gradients_against_the_obvious() -> None:
    luma = np.random.default_rng(0).integers(0, 255, (2, *LAYOUT)).astype(np.float32)
    across, along = gradients(luma)
    assert across[1, 10, 20] == (luma[1, 10, 21] - luma[1, 10, 19]) / 2
    assert along[1, 10, 20] == (luma[1, 11, 20] - luma[1, 9, 20]) / 2
    assert not across[:, :, 0].any() and not along[:, -1].any()


def test_tile_averages_against_the_obvious() -> None:
    values = np.random.default_rng(0).normal(size=(3, *LAYOUT)).astype(np.float32)
    np.testing.assert_allclose(
        tile_averages(values)[2, 4, 5], values[2, 32:40, 40:48].mean(), rtol=1e-4
    )


def look_of(pictures: list[U8]) -> Look:
    look = Look(0, 0.0, 0.0)
    for i, sight in enumerate(seen(pictures)):
        look.add(sight, float(i))
    return look


@pytest.fixture(scope="module")
def known() -> Look:
    return look_of([noisy(painted(1), seed) for seed in range(6)])


def darker(picture: U8) -> U8:
    return (16 + 0.3 * (picture.astype(np.float32) - 16)).clip(0, 255).astype(np.uint8)


def test_structure_is_there_in_other_light_and_gone_elsewhere(known: Look) -> None:
    view = known.structure
    assert view.own.sum() > 100
    same, dark, other = seen([noisy(painted(1), 50), darker(painted(1)), painted(2)])
    assert view.match(same) > 0.95
    assert view.match(dark) > 0.95
    assert view.match(other) < 0.15
    contrast = view.contrast(dark, view.presence(dark))[view.own]
    assert np.median(contrast) == pytest.approx(0.3, abs=0.05)


def test_what_passes_does_not_count_as_structure() -> None:
    pictures = []
    for i in range(12):
        picture = painted(1)
        picture[60:120, 20 * i : 20 * i + 40] = painted(30 + i)[60:120, :40]
        pictures.append(picture)
    view = look_of(pictures).structure
    assert view.match(seen([painted(1)])[0]) > 0.9


def test_no_pictures_no_structure() -> None:
    flat = np.zeros(LAYOUT, dtype=np.float32)
    assert structure(flat, np.zeros((9, 16), dtype=np.float32), 1).match(seen([painted(1)])[0]) == 0


def test_noise_is_taken_out_of_crispness() -> None:
    grey: U8 = np.full(SIZE[::-1], 120, dtype=np.uint8)
    plain, edged = seen([noisy(grey, 1, 6.0), noisy(painted(1), 1, 2.0)])
    assert np.median(plain.crisp) < 2.0
    assert np.median(edged.crisp) > 15.0


def test_looks_are_formed_recognised_and_kept_apart() -> None:
    looks = Looks()
    pictures = [painted(1)] * 4 + [painted(2)] + [painted(3)] * 4 + [painted(1)] * 2
    told = [looks.see(s, float(i)) for i, s in enumerate(seen(pictures))]
    assert [t.formed for t in told].count(True) == 2
    assert len(looks.looks) == 2
    assert told[4].look is None
    assert told[-1].look is looks.looks[0] and told[-1].certain
    assert looks.looks[0].rows == 6
    assert looks.looks[1].start == 5.0


def test_a_look_that_drifts_leaves_how_it_was() -> None:
    looks = Looks()
    for i in range(320):
        shade = painted(1).astype(np.float32) * (1 - i / 320) + painted(2) * (i / 320)
        looks.see(seen([shade.astype(np.uint8)])[0], float(i))
    assert len(looks.looks) > 1
    assert looks.looks[0].structure.match(seen([painted(2)])[0]) > 0.8


def test_nothing_to_see_forms_no_look() -> None:
    looks = Looks()
    for i in range(6):
        black: U8 = np.full(SIZE[::-1], 16, dtype=np.uint8)
        assert looks.see(seen([black])[0], float(i)).look is None
    assert looks.looks == []


def empty(picture: U8, sudden: bool = True) -> str | None:
    views = viewed([picture])
    detail = (views.detail[0].astype(np.float32) / 16) ** 2
    return empty_kind(views.layout[0], detail, next(sights(views)).crisp, sudden)


def flat(level: int) -> U8:
    return np.full(SIZE[::-1], level, dtype=np.uint8)


def lettered(picture: U8) -> U8:
    shown = picture.copy()
    cv2.putText(shown, "NO SIGNAL", (80, 100), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 235, 2)
    return shown


def test_what_says_nothing_whatever_the_camera() -> None:
    assert empty(flat(16)) == "black"
    assert empty(noisy(flat(24), 1, 4.0)) == "black"
    assert empty(flat(235)) == "over-exposed"
    assert empty(lettered(flat(41))) == "no signal"
    assert empty(lettered(flat(16))) == "no signal"
    assert empty(flat(128)) == "no signal"
    bars = np.repeat(np.linspace(30, 200, 8).astype(np.uint8), SIZE[0] // 8)
    assert empty(lettered(np.tile(bars, (SIZE[1], 1)))) == "no signal"


def test_what_says_something() -> None:
    assert empty(painted(1)) is None
    assert empty(darker(darker(painted(1)))) is None
    assert empty(noisy(flat(120), 1, 3.0)) is None
    assert empty(noisy(flat(40), 1, 3.0), sudden=False) is None
    lamp = noisy(flat(18), 1, 1.0)
    cv2.circle(lamp, (160, 90), 8, 200, -1)
    assert empty(lamp) is None


def test_a_clock_on_black_is_black() -> None:
    clock = flat(16)
    cv2.putText(clock, "12:00:00", (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 235, 1)
    assert empty(clock) == "black"


def layout(picture: U8) -> F32:
    return np.asarray(viewed([picture]).layout[0], dtype=np.float32)


def test_a_blurred_view_agrees_with_itself_only() -> None:
    blurred = np.asarray(cv2.GaussianBlur(painted(1), (0, 0), 5), dtype=np.uint8)
    assert band_agreement(layout(painted(1)), layout(blurred)) > 0.8
    assert abs(band_agreement(layout(painted(1)), layout(painted(2)))) < 0.4
    left = np.zeros((9, 16), dtype=np.bool_)
    left[:, :8] = True
    half = painted(1)
    half[:, 160:] = 100
    assert band_agreement(layout(painted(1)), layout(half), left) > 0.95


def test_saturated_share() -> None:
    half = flat(100)
    half[:, 160:] = 235
    assert saturated(layout(half)) == pytest.approx(0.5, abs=0.01)


def test_presence_needs_half_of_the_structure() -> None:
    assert 0.0 < PRESENT < 1.0
