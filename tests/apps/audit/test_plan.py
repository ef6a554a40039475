"""What of a long recording is decoded in full."""

from __future__ import annotations

import numpy as np
import pytest

from detector.apps.audit.plan import Coarse, looks
from detector.core.observation import LAYOUT, TILES, Views
from detector.edge.packets import Packets
from detector.signals.change import compand

FPS, GOP_S, SECONDS = 25, 2, 1200


def _recording(*held: tuple[float, float]) -> Coarse:
    """Twenty minutes of 1080p whose key frames differ by 1 grey, and by 0 in held stretches."""
    time = np.arange(SECONDS * FPS) / FPS
    key = np.arange(len(time)) % (GOP_S * FPS) == 0
    size = np.where(key, 80_000, np.random.default_rng(1).integers(9_000, 12_000, len(time)))
    for start, end in held:
        size[(time >= start) & (time < end) & ~key] = 60
    keys = time[key]
    change = np.ones(len(keys), dtype=np.float32)
    for start, end in held:
        change[(keys - GOP_S >= start) & (keys <= end)] = 0.0
    views = Views(
        stream="shaft",
        time=keys,
        key=np.ones(len(keys), dtype=bool),
        seconds=np.where(keys > 0, GOP_S, 0).astype(np.float32),
        stir=np.broadcast_to(compand(change)[:, None, None], (len(keys), *TILES)).astype(np.uint8),
        detail=np.zeros((len(keys), *TILES), dtype=np.uint8),
        crisp=np.zeros((len(keys), *TILES), dtype=np.uint8),
        layout=np.full((len(keys), *LAYOUT), 90, dtype=np.uint8),
        size=np.full((len(keys), 2), (1920, 1080), dtype=np.int32),
    )
    packets = Packets(time, size.astype(np.int32), key, 1920, 1080, "h264", float(SECONDS))
    return Coarse(packets, views)


@pytest.mark.parametrize(("start", "end"), [(100.5, 108.5), (301, 341), (200, 500), (99, 1001)])
def test_both_ends_of_a_hold_are_decoded_however_long_it_is(start: float, end: float) -> None:
    recording = _recording((start, end))
    (chosen,) = looks([recording])
    for edge in (start, end):
        assert any(a <= edge - 0.2 and b >= edge + 0.2 for a, b in chosen)
    assert recording.cost(chosen) <= recording.budget


def test_a_short_hold_is_decoded_beside_a_long_one() -> None:
    (chosen,) = looks([_recording((100.5, 500.5), (800.5, 808.5))])
    assert any(a <= 800.5 and b >= 808.5 for a, b in chosen)
