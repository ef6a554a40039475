"""Signs spare a camera's checks their work and change nothing of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import pytest

from detector.bench.scenes import Settings, scene
from detector.core.observation import U8, Frames, Views
from detector.detectors import SIGNS
from detector.signals.rows import FrameRows, ViewRows
from tests.apps.serve.conftest import MINE, SITE, Bench, Bencher

START, SECONDS = 1_800_000_000.0, 200
FROZEN, COVERED, REPLAYED, MOVED = (40, 60), (80, 95), (110, 160), (170, 200)


def pictures() -> list[U8]:
    """A gallery in which people pass: live, frozen, covered, its own past, turned aside."""
    shown = scene(
        "gallery",
        Settings(seconds=float(SECONDS), fps=1.0, size="320x180", passers_per_min=20.0),
    )
    live = [cv2.cvtColor(shown.picture(k), cv2.COLOR_BGR2GRAY) for k in range(SECONDS)]
    made, random = list(live), np.random.default_rng(5)
    for k in range(*FROZEN):
        made[k] = live[FROZEN[0]]
    for k in range(*COVERED):
        made[k] = np.clip(random.normal(40, 2, live[k].shape), 0, 255).astype(np.uint8)
    for k in range(*REPLAYED):
        made[k] = live[k - REPLAYED[0]]
    for k in range(*MOVED):
        aside = np.array([[1, 0, 40], [0, 1, 9]], dtype=np.float32)
        made[k] = cv2.warpAffine(live[k], aside, (320, 180), borderMode=cv2.BORDER_REFLECT)
    return [np.asarray(one, dtype=np.uint8) for one in made]


def rows(shown: Iterable[U8]) -> Iterator[list[Frames | Views]]:
    """What arrives in each second."""
    frames, views = FrameRows("shaft-1"), ViewRows("shaft-1")
    for k, luma in enumerate(shown):
        frames.add(START + k, luma, 9000)
        views.add(START + k, luma, key=True)
        yield [*frames.blocks(0), *views.blocks(0)]


def played(one: Bench, seconds: list[list[Frames | Views]]) -> tuple[dict[str, float], int]:
    """When each kind of episode was known first, s since the start, and how often was judged."""
    known: dict[str, float] = {}
    for k, blocks in enumerate(seconds):
        one.series.store([(MINE, block) for block in blocks])
        one.clock.now += 1.0
        while one.judge.cycle():
            continue
        for row in one.episodes():
            known.setdefault(row.detector, float(k))
    judgements = one.judge.judgements
    one.settle()
    return known, judgements


def told(one: Bench) -> list[tuple[str, float, float, bool]]:
    return sorted((r.detector, r.start - START, r.end - START, r.closed) for r in one.episodes())


def test_the_same_is_found_with_signs_and_without(
    bench: Bencher, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = list(rows(pictures()))
    with_signs = bench()
    known, judgements = played(with_signs, seconds)
    monkeypatch.setattr("detector.apps.serve.judge.SIGNS", {})
    without = bench()
    assert SIGNS
    expected, all_judgements = played(without, seconds)
    assert told(with_signs) == told(without)
    found = {"frozen_frame", "uninformative_frame", "replayed_video", "moved_camera"}
    assert found <= {detector for detector, *_ in told(without)}
    assert known.keys() == expected.keys()
    later = {name: known[name] - expected[name] for name in known}
    assert later.pop("replayed_video") <= 32
    assert max(later.values()) <= 1
    assert known["frozen_frame"] <= FROZEN[0] + 6
    assert judgements < 0.7 * all_judgements


def test_a_live_camera_gives_no_signs_and_a_held_one_does() -> None:
    frozen, replay = SIGNS["frozen_frame"](None), SIGNS["replayed_video"](None)
    asked: dict[int, set[str]] = {}
    for k, blocks in enumerate(rows(pictures())):
        for block in blocks:
            frozen.add(block)
            replay.add(block)
        for name, signs in (("frozen", frozen), ("replay", replay)):
            if signs.asks():
                asked.setdefault(k, set()).add(name)
                signs.judged()
    held = range(FROZEN[0] + 3, FROZEN[0] + 10)
    assert all("frozen" in asked.get(k, ()) for k in held)
    live = [*range(12, FROZEN[0]), *range(FROZEN[1] + 16, COVERED[0])]
    assert not any("frozen" in asked.get(k, ()) for k in live)
    assert any("replay" in asked.get(k, ()) for k in range(REPLAYED[0], REPLAYED[0] + 26))
    assert "replay" not in asked.get(FROZEN[0] - 1, ())


def test_a_freeze_longer_than_is_looked_back_on_is_one(bench: Bencher) -> None:
    one = bench(SITE + "[live.detectors.frozen_frame]\nwindow_s = 60.0\n")
    live = pictures()[: FROZEN[0]]
    shown = [*live, *[live[-1]] * 100, *live[:30]]
    for k, blocks in enumerate(rows(shown)):
        one.series.store([(MINE, block) for block in blocks])
        one.clock.now += 1.0
        while one.judge.cycle():
            continue
        known = [row for row in one.episodes() if row.detector == "frozen_frame"]
        if FROZEN[0] + 6 <= k < FROZEN[0] + 100:
            assert [(row.closed, row.end) for row in known] == [(False, START + k)]
    one.settle()
    (row,) = (row for row in one.episodes() if row.detector == "frozen_frame")
    assert row.closed and row.end == START + FROZEN[0] + 99
    assert START + FROZEN[0] - 2 <= row.start <= START + FROZEN[0]
