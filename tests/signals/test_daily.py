"""The rhythm of the day: how strong it is and at what hour."""

from __future__ import annotations

import numpy as np
import pytest

from detector.signals.daily import HOP_S, daily
from detector.signals.series import Series


def _series(days: int, period_s: float = 3600.0, hour: float = 0.0) -> Series:
    time = 1.7e9 + np.arange(0, days * 86400, period_s)
    rng = np.random.default_rng(0)
    value = (
        5 + 2 * np.cos(2 * np.pi * (time / 86400 - hour / 24)) + 0.1 * rng.normal(size=len(time))
    )
    return Series(time, value)


def test_strength_and_hour_of_a_daily_rhythm() -> None:
    measures = daily(_series(30, hour=6.0))
    assert measures is not None
    assert measures.shape == (4, round((29 * 86400) / HOP_S))
    assert measures[0] == pytest.approx(0.0, abs=0.05)
    assert measures[1] == pytest.approx(-np.sqrt(0.5), abs=0.05)
    assert np.abs(measures[2:]).max() < 0.05


def test_gaps_have_the_measures_of_the_median_and_the_rest_its_own() -> None:
    whole = _series(40)
    gap = (whole.time > whole.time[0] + 10 * 86400) & (whole.time < whole.time[0] + 15 * 86400)
    measures = daily(Series(whole.time[~gap], whole.value[~gap]))
    assert measures is not None and np.isfinite(measures).all()
    assert measures[0] == pytest.approx(np.sqrt(0.5), abs=0.06)


def test_too_short_or_too_seldom_tells_nothing() -> None:
    assert daily(_series(23)) is None
    assert daily(_series(60, period_s=4 * 3600)) is None
    assert daily(Series(np.zeros(0), np.zeros(0))) is None
