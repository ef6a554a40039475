"""The step that test gas leaves."""

from __future__ import annotations

import numpy as np

from detector.signals.gas_step import gas_step, rises, usual_rise, without_gas_steps
from detector.signals.series import Series

TIME = 30.0 * np.arange(2000.0)
START, END = 30000.0, 30600.0


def series(gas: np.ndarray[tuple[int], np.dtype[np.float64]] | None = None) -> Series:
    value = 0.3 + 0.02 * np.random.default_rng(0).standard_normal(len(TIME))
    return Series(TIME, value if gas is None else np.maximum(value, gas))


def test_gas_that_comes_at_once_and_goes_is_a_step() -> None:
    gas = np.where((TIME >= START + 60) & (TIME < END - 60), 2.0, 0.0)
    step = gas_step(series(gas), START, END)
    assert step is not None and step.back
    assert 1.6 < step.rise < 1.8 and step.at_once > 1.6
    assert step.shown(1.0) and not step.shown(1.9)


def test_gas_that_comes_slowly_or_stays_is_none() -> None:
    hump = 0.3 + 1.7 * np.sin(np.pi * np.clip((TIME - START) / 3600, 0, 1))
    slow = gas_step(series(hump), START, START + 3600)
    assert slow is not None and slow.rise > 1.5 and not slow.shown(1.0)
    stays = gas_step(series(np.where(TIME >= START, 2.0, 0.0)), START, END)
    assert stays is not None and not stays.back and not stays.shown(1.0)


def test_too_few_readings_do_not_tell() -> None:
    assert gas_step(series(), START, START + 45) is None
    assert gas_step(series(), 0.0, 600.0) is None


def test_a_rise_is_above_the_lowest_of_two_minutes() -> None:
    value = np.arange(10.0)
    np.testing.assert_array_equal(rises(Series(30 * value, value)), np.minimum(value, 4))


def test_what_a_sensor_does_by_itself_leaves_calibrations_out() -> None:
    gas = np.where((TIME >= START) & (TIME < END), 2.0, 0.0)
    inside = (TIME > START - 300) & (TIME < END + 300)
    assert usual_rise(series(gas), inside) < 0.1
    assert np.isnan(usual_rise(series(gas), np.ones(len(TIME), dtype=bool)))


def test_the_gas_of_a_calibration_is_left_out_and_a_slow_rise_is_not() -> None:
    gas = np.where((TIME >= START) & (TIME < START + 300), 2.0, 0.0)
    left = without_gas_steps(series(gas))
    assert left.value.max() < 0.5 and len(TIME) - 15 < len(left) < len(TIME)
    hump = 0.3 + 1.7 * np.sin(np.pi * np.clip((TIME - START) / 3600, 0, 1))
    assert len(without_gas_steps(series(hump))) == len(TIME)
    assert len(without_gas_steps(Series(TIME[:5], np.ones(5)))) == 5
