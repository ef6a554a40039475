"""Distributions: what is shared out, where the limit stands, what the page shows of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from detector.apps.audit.distribution import distribution
from detector.apps.report.distributions import columns
from detector.apps.report.html import render
from detector.apps.report.schema import Distribution, Report, Series
from tests.apps.report.making import episode


def _capped() -> Distribution:
    rng = np.random.default_rng(0)
    value = np.round(rng.normal(20, 4, 4000), 1)
    inside = np.arange(4000) >= 3000
    value[inside] = np.minimum(value[inside], 22.0)
    found = distribution(value, inside, {"ceiling": 22.0, "alarm_at": 30.0})
    assert found is not None
    return found


def test_shares_end_at_the_limit_and_count_every_reading() -> None:
    found = _capped()
    below = [edge <= 22.0 + 1e-3 for edge in found.edges[1:]]
    assert sum(s for s, low in zip(found.during, below, strict=True) if low) == pytest.approx(1)
    assert sum(found.otherwise) == pytest.approx(1, abs=0.01)
    assert max(found.during) == found.during[below.index(False) - 1] > 0.25
    assert any(s > 0.01 for s, low in zip(found.otherwise, below, strict=True) if not low)


def test_columns_are_no_narrower_than_the_resolution() -> None:
    rng = np.random.default_rng(1)
    value = rng.integers(0, 9, 500) / 2
    found = distribution(value, np.arange(500) < 100, {"highest_value": 3.0})
    assert found is not None
    assert np.diff(found.edges) == pytest.approx(0.5, abs=1e-4)
    assert min(found.otherwise[1:-1]) > 0.03


@pytest.mark.parametrize(
    ("figures", "inside"), [({}, [True, False]), ({"ceiling": 1.0}, [False, False])]
)
def test_none_without_a_limit_or_without_readings(
    figures: dict[str, float], inside: list[bool]
) -> None:
    assert distribution(np.array([1.0, 0.5]), np.array(inside), figures) is None


def test_a_stream_of_one_value_can_be_drawn() -> None:
    found = distribution(np.full(50, 7.0), np.arange(50) < 10, {"ceiling": 7.0})
    drawn = columns(found)
    assert drawn is not None and drawn.limit_x is not None and 0 < drawn.limit_x < 100


def test_the_chart_has_limit_and_alarm_where_the_values_are() -> None:
    drawn = columns(_capped())
    assert drawn is not None and drawn.limit_x is not None and drawn.alarm_x is not None
    low, high = float(drawn.low), float(drawn.high)
    assert drawn.limit_x == pytest.approx(100 * (22 - low) / (high - low), abs=0.5)
    assert drawn.limit_x < drawn.alarm_x <= 100
    assert all(0 <= y <= 100 for y, _ in drawn.levels)


def test_one_edge_more_than_shares() -> None:
    with pytest.raises(ValidationError, match="one edge more"):
        Distribution(edges=[0.0, 1.0], during=[0.5, 0.5], otherwise=[1.0])


def _page(tmp_path: Path, **evidence: object) -> str:
    found = episode(
        *(tmp_path, "capped_signal", "T1", "mine.csv", (10.0, 20.0)), evidence={**evidence}
    )
    report = Report(version="0", config_digest="sha256:0", episodes=[found])
    return render(report, tmp_path, "en")


def test_the_page_shows_the_distribution(tmp_path: Path) -> None:
    shown = _page(tmp_path, kind="clipped", distribution=_capped())
    assert "what it stayed below, 22; dotted: the alarm limit" in shown
    assert 'class="usual"' in shown and 'class="alarm"' in shown
    assert 'class="usual"' not in _page(tmp_path, kind="clipped")


def test_what_is_repeated_lies_under_the_readings_as_it_would_look_there(tmp_path: Path) -> None:
    own = Series(time_s=[0.0, 10.0, 20.0], value=[3.0, 5.0, 3.0])
    other = Series(time_s=[0.0, 10.0, 20.0], value=[1.0, 2.0, None])
    figures = {"factor": 2.0, "offset": 1.0}
    shown = _page(tmp_path, readings=own, other_readings=other, figures=figures)
    (under,) = [line for line in shown.splitlines() if 'class="under"' in line]
    (line,) = [line for line in shown.splitlines() if 'class="line"' in line]
    points = line.split('points="')[1].split('"')[0].split()
    assert under.split('points="')[1].split('"')[0].split() == points[:2]
