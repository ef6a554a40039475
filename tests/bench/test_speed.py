"""Measuring: programs watched, cameras that never were."""

import sys

import numpy as np

from detector.bench.growth import camera
from detector.bench.speed import Speed
from detector.bench.watching import Run, watched
from detector.core.accuracy import Expected, Verdict


def test_a_program_and_what_it_starts_are_watched() -> None:
    child = "import time; x = bytearray(80_000_000); time.sleep(0.6)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    run = watched([sys.executable, "-c", code])
    assert run.worker_mb > 80 > run.main_mb > 0
    assert run.wall_s > 0.6
    assert run.cpu_s > 0


def test_cameras_that_never_were_differ_but_for_the_copies() -> None:
    random = np.random.default_rng(0)
    real = random.integers(-127, 128, (3000, 9, 16)).astype(np.int8)
    fourth, third = camera(real, 3), camera(real, 2)
    back = np.roll(fourth, -35, axis=0).astype(int)
    assert np.abs(back - third).max() <= 1
    assert np.abs(camera(real, 4).astype(int) - camera(real, 5)).mean() > 50
    assert np.array_equal(camera(real, 7), camera(real, 7))


def test_speed_is_the_best_of_its_runs_as_a_ratio() -> None:
    fast, slow = Run(2.0, 3.0, 100.0, 500.0), Run(9.0, 9.0, 100.0, 700.0)
    verdict = Verdict(Expected("frozen_frame", "hold 8 s", "planted", 0, 8), (), 0.0)
    speed = Speed(
        audits=[slow, fast],
        filters=[Run(10.0, 20.0, 50.0, 0.0), Run(8.0, 16.0, 50.0, 0.0)],
        untouched=fast,
        packets=(0.1, 0.1),
        keys=(2.0, 2.0),
        verdicts=(verdict,),
        many=fast,
        cameras=[],
    )
    assert speed.ratio == 0.25
    assert speed.cpu_ratio == 3 / 16
    ratio, planted, memory, busy = speed.targets()
    assert ratio.reached
    assert ratio.measured == "0.25 (processor time: 0.19)"
    assert not planted.reached
    assert (memory.measured, memory.reached) == ("700 MB", False)
    assert busy.what.startswith("16 recordings")
