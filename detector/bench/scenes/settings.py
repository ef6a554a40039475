"""What can be chosen about a rendered scene."""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from detector.bench.clip import Picture

Painter = Callable[[float], Picture]
"""The scene at an instant (seconds), before the sensor's noise: a new picture each time."""


@dataclass(frozen=True)
class Settings:
    """`seed` decides who passes when, the jitter of machines and the noise; `layout` the place.

    `view` chooses the camera where a scene has several: each sees the same things happen, with
    noise of its own. `sigma` is the noise of the sensor in grey levels, `start_s` where in the
    scene's own time the recording begins.
    """

    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    size: Annotated[str, Field(pattern=r"^\d+x\d+$")] = "640x360"
    fps: Annotated[float, Field(gt=0, le=120)] = 25.0
    sigma: Annotated[float, Field(ge=0, le=50)] = 2.0
    seed: Annotated[int, Field(ge=0)] = 0
    layout: Annotated[int, Field(ge=0)] = 0
    view: Annotated[int, Field(ge=0, le=1)] = 0
    start_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    passers_per_min: Annotated[float, Field(ge=0, le=60)] = 3.0

    @property
    def until_s(self) -> float:
        """Where in the scene's own time the recording ends."""
        return self.start_s + self.seconds

    def random(self, what: int) -> np.random.Generator:
        """Chance for what happens; `what` tells independent things apart."""
        return np.random.default_rng((self.seed, 1, what))

    def random_place(self, what: int) -> np.random.Generator:
        """Chance for what the place looks like."""
        return np.random.default_rng((self.layout, 2, what))
