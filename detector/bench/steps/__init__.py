"""The steps of the tamper kit; `STEPS` is their catalogue by kind."""

from detector.bench.steps.lens import Black
from detector.bench.steps.overlays import Clock, Logo, Spinner, Text
from detector.bench.steps.step import Seed, Step
from detector.bench.steps.timeline import Hold, Loop, Replay, Trim
from detector.bench.steps.transforms import Brightness, Crop, Flip, Fps, Gamma, Grey, Noise, Scale

STEPS: dict[str, type[Step]] = {
    step.kind: step
    for step in (
        Hold, Loop, Replay, Trim,
        Scale, Crop, Flip, Gamma, Brightness, Grey, Noise, Fps,
        Clock, Text, Logo, Spinner,
        Black,
    )
}  # fmt: skip

__all__ = [
    "STEPS", "Black", "Brightness", "Clock", "Crop", "Flip", "Fps", "Gamma", "Grey", "Hold", "Logo",
    "Loop", "Noise", "Replay", "Scale", "Seed", "Spinner", "Step", "Text", "Trim",
]  # fmt: skip
