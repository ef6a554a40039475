"""Motion of made-up cameras, in which stretches are planted that others share."""

from __future__ import annotations

import numpy as np

from detector.signals.motion import Disguise, Motion


def busy(steps: int, seed: int, first: int = 0) -> Motion:
    """People and machines: blobs that cross the tiles at their own pace, unlike in every seed."""
    random = np.random.default_rng((7, seed))
    rows, columns = np.mgrid[0:9, 0:16].astype(np.float64)
    change = random.normal(0, 0.02, (steps, 9, 16))
    at = 0
    while at < steps:
        length = int(random.integers(15, 60))
        start, speed = random.uniform((0, 0), (8, 15)), random.normal(0, 0.25, 2)
        strength, size = random.uniform(2, 6) * random.choice([-1, 1]), random.uniform(0.7, 1.6)
        for i in range(at, min(at + length, steps)):
            y, x = start + speed * (i - at)
            blob = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * size**2))
            change[i] += strength * blob * (1 + 0.5 * np.sin(i * speed[0] * 5 + seed))
            change[i] -= strength * np.roll(blob, int(np.sign(speed[1]) or 1), axis=1)
        at += int(random.integers(5, 25))
    step = np.arange(first, first + steps, dtype=np.int64)
    return Motion(step, change.reshape(steps, 144).astype(np.float32))


def still(steps: int, first: int = 0) -> Motion:
    """Nothing but a whiff of noise."""
    noise = np.random.default_rng(first + 1).normal(0, 0.01, (steps, 144))
    return Motion(np.arange(first, first + steps, dtype=np.int64), noise.astype(np.float32))


def part(motion: Motion, first: int, last: int) -> np.typing.NDArray[np.float32]:
    """Changes of steps [first, last)."""
    inside = (motion.step >= first) & (motion.step < last)
    return motion.change[inside]


def planted(
    host: Motion, at: int, shown: np.typing.NDArray[np.float32], noise: float = 0.1, seed: int = 0
) -> Motion:
    """The host with what another showed from step ``at`` on, as a poor copy."""
    change = host.change.copy()
    rough = np.random.default_rng((9, seed)).normal(0, noise, shown.shape)
    start = at - int(host.step[0])
    change[start : start + len(shown)] = shown * np.float32(0.9) + rough.astype(np.float32)
    return Motion(host.step, change)


def disguised(motion: Motion, disguise: Disguise) -> Motion:
    """The motion as a disguised copy shows it."""
    return Motion(motion.step, disguise.apply(motion.change))


def late(motion: Motion, fraction: float) -> Motion:
    """The same motion, sampled a fraction of a step later."""
    change = motion.change.copy()
    mixed = (1 - fraction) * change[1:] + fraction * change[:-1]
    change[1:] = mixed.astype(np.float32)
    return Motion(motion.step, change)
