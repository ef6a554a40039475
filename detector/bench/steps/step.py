"""What a step is."""

from typing import ClassVar, Protocol

import numpy as np

from detector.bench.clip import Clip

Seed = tuple[int, ...]
"""Seed of one step: the run's seed and the step's place; with a picture's index it seeds noise."""


class Step(Protocol):
    """One change to a clip: a frozen dataclass whose fields are its parameters."""

    kind: ClassVar[str]

    def apply(self, clip: Clip, seed: Seed) -> Clip:
        """The changed clip, with the events the change adds.

        Raises TrueshaftError where the parameters do not fit the clip.
        """
        ...


def generator(seed: Seed, index: int = 0) -> np.random.Generator:
    """The generator for picture `index` of a step: the same wherever and whenever it is asked."""
    return np.random.default_rng((*seed, index))
