"""replayed_signal: cycles are no replays."""

from __future__ import annotations

from detector.bench.falsify import ReplayPast, falsify
from detector.bench.mine import MineSettings, mine
from tests.detectors.sensors import found

DAY = 86400.0


def test_the_cycles_of_a_pump_are_no_replay_and_a_replay_of_gas_is() -> None:
    readings = mine(MineSettings(days=7.0, seed=1)).readings
    table = {name: readings[name] for name in ("sump", "T1")}
    assert found("replayed_signal", table) == []
    step = ReplayPast(stream="T1", start_s=5 * DAY, seconds=0.4 * DAY, lag_s=2.3 * DAY, noise=0.05)
    assert {e.stream for e in found("replayed_signal", falsify(table, [step])[0])} == {"T1"}
