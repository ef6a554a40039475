"""How the search for copies grows with the number of cameras."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector.bench.scenarios import SCENES
from detector.config import load
from detector.core.episode import fold
from detector.core.observation import I8, STEP_S, TILES, Frames
from detector.detectors.duplicated_video import DuplicatedVideo
from detector.edge.recording import Extraction
from detector.edge.video import extract

CAMERAS = (4, 16, 64, 256)
MINUTES = 2
#: Rows of a block: 2 s of real motion stay together, less than what is called a copy.
_BLOCK = 10
_LAG_ROWS = 35
#: No larger number of cameras is tried where the next would take longer than this, s.
_PATIENCE_S = 200.0


@dataclass(frozen=True)
class Growth:
    """The search over `cameras` of `MINUTES` each: processor seconds; copies planted, found, false.

    A copy counts where it reaches the threshold.
    """

    cameras: int
    search_s: float
    planted: int
    found: int
    false: int


def growth(footage: Path, cameras: Sequence[int] = CAMERAS) -> list[Growth]:
    """The search timed over more and more cameras, as far as patience lasts."""
    real = motion_of_scenes(footage)
    measured: list[Growth] = []
    for count in cameras:
        if measured and measured[-1].search_s * (count / measured[-1].cameras) > _PATIENCE_S:
            break
        measured.append(_searched(real, count))
    return measured


def motion_of_scenes(footage: Path) -> I8:
    """Signed tile change (n, 9, 16), companded, of all scenes one after the other."""
    blocks = (
        block
        for scene in SCENES
        for block in extract(footage / scene.source, scene.name, Extraction())
    )
    return np.concatenate([block.motion for block in blocks if isinstance(block, Frames)])


def camera(real: I8, number: int) -> I8:
    """Motion of a camera that never was: real motion in an order and at a place of its own.

    Blocks of 2 s of real motion, shuffled; the tile grid rolled round by an offset, and upside down
    for every second camera, so that no two of 288 cameras show anything alike. Every 16th camera
    (and the 4th) is a copy of the one before it, 7 s later, its values disturbed by one.
    """
    copied = number == 3 or number % 16 == 15
    which = number - 1 if copied else number
    random = np.random.default_rng((7, which))
    blocks = len(real) // _BLOCK
    count = min(blocks, round(60 * MINUTES / STEP_S) // _BLOCK)
    order = random.permutation(blocks)[:count]
    rows = np.concatenate([real[b * _BLOCK : (b + 1) * _BLOCK] for b in order])
    place = which // 2 * 37 % (TILES[0] * TILES[1])
    rows = np.roll(rows, (place // TILES[1], place % TILES[1]), axis=(1, 2))
    if which % 2:
        rows = rows[:, ::-1]
    if copied:
        rows = np.roll(rows, _LAG_ROWS, axis=0)
        disturbed = rows + np.random.default_rng((8, number)).integers(-1, 2, rows.shape)
        rows = np.clip(disturbed, -127, 127).astype(np.int8)
    return np.ascontiguousarray(rows)


def _searched(real: I8, count: int) -> Growth:
    detector = DuplicatedVideo()
    for number in range(count):
        detector.update(_observed(f"camera-{number:03d}", camera(real, number)))
    begun = time.process_time()
    scores = detector.finish()
    took_s = time.process_time() - begun
    threshold = load(None).thresholds[DuplicatedVideo.name]
    episodes = [episode for told in scores for episode in fold(told, threshold)]
    pairs = {
        frozenset((episode.stream, episode.evidence.other.stream))
        for episode in episodes
        if episode.evidence is not None and episode.evidence.other is not None
    }
    true = {
        frozenset((f"camera-{n - 1:03d}", f"camera-{n:03d}"))
        for n in range(count)
        if n == 3 or n % 16 == 15
    }
    return Growth(count, took_s, len(true), len(true & pairs), len(pairs - true))


def _observed(stream: str, motion: I8) -> Frames:
    n = len(motion)
    return Frames(
        stream=stream,
        time=np.asarray((np.arange(n) + 0.9) * STEP_S, dtype=np.float64),
        seconds=np.full(n, STEP_S, dtype=np.float32),
        pictures=np.full(n, 5, dtype=np.int32),
        motion=motion,
        stir=np.full((n, *TILES), 20, dtype=np.uint8),
        coded=np.full(n, 5000, dtype=np.int32),
    )
