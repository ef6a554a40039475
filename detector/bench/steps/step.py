"""What a step is."""

from typing import Annotated, ClassVar, Protocol

import numpy as np
from pydantic import Field

from detector.bench.clip import Clip

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""An instant of the clip: seconds from its first picture."""
Length = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A stretch of time in seconds."""
Share = Annotated[float, Field(ge=0, le=1)]
"""A part of the picture's width or height."""
Seed = tuple[int, ...]
"""Seed of one step: the run's seed and the step's place; with a picture's index it seeds noise."""


class Step(Protocol):
    """One change to a clip: a frozen dataclass whose fields are its parameters."""

    kind: ClassVar[str]

    def apply(self, clip: Clip, seed: Seed, /) -> Clip:
        """The changed clip, with the events the change adds.

        Raises TrueshaftError where the parameters do not fit the clip.
        """
        ...


def generator(seed: Seed, index: int = 0) -> np.random.Generator:
    """The generator for picture `index` of a step: the same wherever and whenever it is asked."""
    return np.random.default_rng((*seed, index))
