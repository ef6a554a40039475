"""The steps of the tamper kit; `STEPS` is their catalogue by kind."""

from detector.bench.steps.cuts import Drop, Fps, Gap, Join, Repeat, Still, Trim
from detector.bench.steps.lens import Black, Cover, Defocus, Overexpose, Slate
from detector.bench.steps.light import Brightness, Gamma, Night, Noise
from detector.bench.steps.overlays import Clock, Logo, Spinner, Text
from detector.bench.steps.replays import Hold, HoldRegion, Loop, Replay
from detector.bench.steps.step import Seed, Step
from detector.bench.steps.transforms import Crop, Flip, Grey, Scale
from detector.bench.steps.vehicle import Truck
from detector.bench.steps.view import Elsewhere, Rotate, Shift, Zoom

STEPS: dict[str, type[Step]] = {
    step.kind: step
    for step in (
        Hold, HoldRegion, Loop, Replay,
        Trim, Join, Still, Gap, Repeat, Drop, Fps,
        Scale, Crop, Flip, Grey,
        Gamma, Brightness, Night, Noise,
        Clock, Text, Logo, Spinner,
        Black, Overexpose, Cover, Defocus, Slate,
        Shift, Rotate, Zoom, Elsewhere, Truck,
    )
}  # fmt: skip

__all__ = [
    "STEPS", "Black", "Brightness", "Clock", "Cover", "Crop", "Defocus", "Drop", "Elsewhere",
    "Flip", "Fps", "Gamma", "Gap", "Grey", "Hold", "HoldRegion", "Join", "Logo", "Loop", "Night",
    "Noise", "Overexpose", "Repeat", "Replay", "Rotate", "Scale", "Seed", "Shift", "Slate",
    "Spinner", "Step", "Still", "Text", "Trim", "Truck", "Zoom",
]  # fmt: skip
