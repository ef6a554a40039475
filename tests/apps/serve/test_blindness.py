"""What cannot be judged just now."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detector.apps.serve import blindness as blindness_module
from detector.apps.serve.blindness import Blindness, Dark, is_dark, read
from detector.core.score import Scores

NAN = float("nan")


def scores(values: list[float], detector: str = "frozen_frame") -> Scores:
    value = np.array(values)
    why = np.where(np.isnan(value), 0, -1).astype(np.int8)
    time = np.arange(len(values), dtype=np.float64)
    return Scores(detector, "gate", "s", time, value, time, why, ("too dark",))


def test_what_is_lost_stays_lost_until_it_is_seen_again(tmp_path: Path) -> None:
    blindness = Blindness(tmp_path, every_s=0.0)
    assert read(tmp_path) == {}
    for values, expected in (
        ([1, 2, NAN, NAN], Dark(2.0, "too dark", True)),
        ([NAN, NAN], Dark(0.0, "too dark", True)),  # the window has moved on
        ([NAN, 1], None),
        ([NAN], Dark(0.0, "too dark", True)),
    ):
        blindness.take("1", [scores(values)])
        blindness.write(0.0)
        assert read(tmp_path)["1"]["gate"]["frozen_frame"] == expected
        blindness_module._parsed.cache_clear()


def test_one_part_that_judges_is_enough(tmp_path: Path) -> None:
    blindness = Blindness(tmp_path, every_s=0.0)
    blindness.take("1", [scores([1, NAN]), scores([NAN, 1])])
    blindness.write(0.0)
    assert read(tmp_path) == {"1": {"gate": {"frozen_frame": None}}}


def test_a_check_that_never_judged_alone_makes_nothing_dark() -> None:
    never, lost = Dark(0.0, "no model", False), Dark(0.0, "too dark", True)
    assert not is_dark({}) and not is_dark({"a": None})
    assert not is_dark({"a": None, "b": never})
    assert is_dark({"a": None, "b": lost}) and is_dark({"a": never, "b": never})
