"""fabricated_signal: what it is not asked of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detector.config import load
from detector.core.observation import Device
from detector.pipeline import judge
from tests.detectors.sensors import blocks, mine, scored


def test_a_head_count_may_change_its_ways_and_repeats_no_template() -> None:
    methane = mine(days=7.0)["methane"]
    value = 200 + 100 * methane.value
    value[4000:5000] = 200 + 30 * np.random.default_rng(0).standard_normal(1000)
    template = value.copy()
    template[6000:8000] = np.tile(value[6000:6100], 20)
    found = {}
    for name, told in (("odd", value), ("template", template)):
        for kind in ("other", "count"):
            observations = blocks({"people": replace(methane, stream="people", value=told.round())})
            observations[0] = Device("people", kind=kind)
            episodes = judge(scored("fabricated_signal", observations), load(None).thresholds)
            found[name, kind] = {e.evidence.kind for e in episodes if e.evidence}
    assert found["odd", "other"] and not found["odd", "count"]
    assert found["template", "count"] == {"template"}
