"""Steps after which the picture says nothing: black, over-exposed, covered, defocused, a slate."""

from typing import Annotated, ClassVar, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Clip, Event, FloatArray, Picture, grey_levels
from detector.bench.steps.light import noisy
from detector.bench.steps.overlays import lettered
from detector.bench.steps.step import Length, Seconds, Seed, generator

Sigma = Annotated[float, Field(ge=0, le=20)]
_LOOKS = {  # mean blue, green, red; contrast of the folds
    "hand": ((22, 28, 52), 0.5),
    "cloth": ((34, 32, 30), 0.6),
    "paper": ((168, 178, 182), 0.12),
}
_BARS = ((192, 192, 192), (0, 192, 192), (192, 192, 0), (0, 192, 0), (192, 0, 192), (0, 0, 192),
         (192, 0, 0))  # fmt: skip


@dataclass(frozen=True)
class Black:
    """Black: `level` grey, under noise of `sigma` grey levels. Event: uninformative_frame."""

    kind: ClassVar[str] = "black"
    start_s: Seconds
    seconds: Length | None = None
    level: Annotated[float, Field(ge=0, le=40)] = 0.0
    sigma: Sigma = 0.0

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the black stretch."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)

        def draw(k: int, picture: Picture) -> Picture:
            return noisy(np.full_like(picture, round(self.level)), self.sigma, generator(seed, k))

        return uninformative(clip.drawn(draw, first, last, genuine=False), self.kind, first, last)


@dataclass(frozen=True)
class Overexpose:
    """Flooded with light: grey level v becomes `gain` v + `lift` within `ramp_s`, cut at 255.

    Event: uninformative_frame.
    """

    kind: ClassVar[str] = "overexpose"
    start_s: Seconds
    seconds: Length | None = None
    gain: Annotated[float, Field(ge=1, le=50)] = 6.0
    lift: Annotated[float, Field(ge=0, le=255)] = 120.0
    ramp_s: Seconds = 0.3

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the over-exposed stretch."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        share = ramp(clip, first, self.ramp_s)

        def draw(k: int, picture: Picture) -> Picture:
            levels = np.arange(256) * (1 + (self.gain - 1) * share[k]) + self.lift * share[k]
            return grey_levels(levels)[picture]

        return uninformative(clip.drawn(draw, first, last, genuine=False), self.kind, first, last)


@dataclass(frozen=True)
class Cover:
    """A hand, cloth or sheet of paper before the lens, out of focus, under faint noise.

    It slides in from `side` within `fade_s` until it hides `share` of the picture.
    Event: uninformative_frame with the share.
    """

    kind: ClassVar[str] = "cover"
    start_s: Seconds
    seconds: Length | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    look: Literal["hand", "cloth", "paper"] = "cloth"
    side: Literal["left", "right", "top", "bottom"] = "left"
    sigma: Sigma = 1.0
    fade_s: Seconds = 0.5

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the cover."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        folds = _folds(clip.size, self.look, generator(seed))
        hidden = ramp(clip, first, self.fade_s) * self.share

        def draw(k: int, picture: Picture) -> Picture:
            weight = _edge(clip.size, float(hidden[k]), self.side)[:, :, None]
            blended = grey_levels(picture * (1 - weight) + folds * weight)
            return noisy(blended, self.sigma, generator(seed, k))

        covered = clip.drawn(draw, first, last, genuine=self.share < 0.5)
        return uninformative(covered, self.kind, first, last, share=self.share, look=self.look)


@dataclass(frozen=True)
class Defocus:
    """Out of focus: blurred by `blur_px` (Gaussian sigma at a width of 1000 px) within `ramp_s`.

    The sensor's noise, `sigma` grey levels, stays sharp. Event: uninformative_frame.
    """

    kind: ClassVar[str] = "defocus"
    start_s: Seconds
    seconds: Length | None = None
    blur_px: Annotated[float, Field(gt=0, le=100)] = 12.0
    ramp_s: Seconds = 0.5
    sigma: Sigma = 1.0

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The clip with the defocused stretch."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        blur_px = ramp(clip, first, self.ramp_s) * self.blur_px * clip.size[0] / 1000

        def draw(k: int, picture: Picture) -> Picture:
            blurred = cv2.GaussianBlur(picture, (0, 0), max(0.1, float(blur_px[k])))
            return noisy(np.asarray(blurred, dtype=np.uint8), self.sigma, generator(seed, k))

        return uninformative(
            clip.drawn(draw, first, last), self.kind, first, last, blur_px=self.blur_px
        )


@dataclass(frozen=True)
class Slate:
    """A recorder's slate with `text` on blue, black, grey or colour bars. Event as for black."""

    kind: ClassVar[str] = "slate"
    start_s: Seconds
    seconds: Length | None = None
    look: Literal["blue", "black", "grey", "bars"] = "blue"
    text: str = "NO SIGNAL"

    def apply(self, clip: Clip, _seed: Seed) -> Clip:
        """The clip with the slate."""
        first, last = clip.span(self.start_s, self.seconds, self.kind)
        shown = _slate(clip.size, self.look, self.text)
        slated = clip.drawn(lambda _k, _picture: shown, first, last, genuine=False)
        return uninformative(slated, self.kind, first, last, look=self.look)


def uninformative(clip: Clip, kind: str, first: int, last: int, **detail: float | str) -> Clip:
    """The clip with the event that pictures [first, last) say nothing, because of `kind`."""
    start_s, end_s = clip.instant(first), clip.instant(last)
    return clip.marked(Event("uninformative_frame", kind, start_s, end_s, None, dict(detail)))


def ramp(clip: Clip, first: int, ramp_s: float) -> FloatArray:
    """For every picture how far something that begins at `first` has come: 0 to 1 in `ramp_s`."""
    passed_s = clip.times_s - clip.times_s[first] + clip.period_s
    return np.asarray((passed_s / max(ramp_s, clip.period_s)).clip(0.0, 1.0), dtype=np.float64)


def _folds(size: tuple[int, int], look: str, random: np.random.Generator) -> NDArray[np.float32]:
    """What covers the lens, far out of focus: float32 (height, width, 3) grey levels."""
    colour, contrast = _LOOKS[look]
    coarse = random.standard_normal((5, 7)).astype(np.float32)
    folds = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    light = np.clip(1 + contrast * folds / 2, 0.1, 2.0)
    return np.asarray(light[:, :, None] * np.array(colour, dtype=np.float32), dtype=np.float32)


def _edge(size: tuple[int, int], hidden: float, side: str) -> NDArray[np.float32]:
    """Weight of the cover (height, width), 0 to 1: `hidden` of the picture, its edge soft."""
    wide, tall = size
    across = (np.arange(wide) + 0.5) / wide if side in ("left", "right") else None
    line = across if across is not None else (np.arange(tall) + 0.5) / tall
    line = 1 - line if side in ("right", "bottom") else line
    soft = 0.08
    weight = np.clip((hidden * (1 + 2 * soft) - soft - line) / soft + 0.5, 0, 1)
    shaped = weight[None, :] if across is not None else weight[:, None]
    return np.asarray(np.broadcast_to(shaped, (tall, wide)), dtype=np.float32)


def _slate(size: tuple[int, int], look: str, text: str) -> Picture:
    wide, tall = size
    flat = {"blue": (200, 30, 0), "black": (0, 0, 0), "grey": (128, 128, 128)}
    if look == "bars":
        which = np.arange(wide) * len(_BARS) // wide
        slate = np.broadcast_to(np.array(_BARS, dtype=np.uint8)[which], (tall, wide, 3)).copy()
    else:
        slate = np.full((tall, wide, 3), flat[look], dtype=np.uint8)
    slate = lettered(slate, text, "centre", 0.09)
    slate.flags.writeable = False
    return slate
