"""Normal relations: learned, judged, and with streams that lack."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detector.signals.relations import RelationsModel, learned, rows_of, unexpected
from detector.signals.series import Series


def site(seed: int, rows: int = 3000, step: float = 3600.0) -> dict[str, Series]:
    """A tank that is filled by a pump and emptied by a demand, and a flow meter behind both."""
    rng = np.random.default_rng(seed)
    time = step * np.arange(rows, dtype=np.float64)
    pump = (np.sin(np.arange(rows) / 7 + seed) > 0).astype(np.float64)
    demand = 0.5 + 0.1 * rng.standard_normal(rows)
    level = np.cumsum(pump - demand)
    level -= np.linspace(0, level[-1], rows)
    values = {
        "pump": pump,
        "level": np.round(level, 2),
        "demand": demand,
        "flow": 3 * pump + demand + 0.02 * rng.standard_normal(rows),
    }
    return {name: Series(time, value) for name, value in values.items()}


def model_of(series: dict[str, Series]) -> RelationsModel:
    found = learned(series)
    assert found is not None
    return found.model


def test_what_was_usual_stays_usual() -> None:
    told = unexpected(model_of(site(0)), site(1))
    assert np.nanmean(told.ratio > 1) < 0.01
    assert not told.left.any() and told.known.all()


@pytest.mark.parametrize("step", [1.0, 30.0, 3600.0])
def test_a_flow_without_its_pump_is_not_expected_at_any_rate(step: float) -> None:
    table = site(1, step=step)
    value = table["flow"].value.copy()
    value[1000:1040] = value[940:980]
    told = unexpected(
        model_of(site(0, step=step)), table | {"flow": replace(table["flow"], value=value)}
    )
    assert told.ratio[1010:1040].max() > 2
    assert np.nanmax(told.ratio[:990]) < 1.3


def test_without_a_stream_only_what_does_not_hang_on_it_is_judged() -> None:
    table = {n: s for n, s in site(1).items() if n != "flow"}
    told = unexpected(model_of(site(0)), table)
    assert np.isnan(told.ratio[:, told_column("flow")]).all()
    assert np.nanmean(told.ratio > 1) < 0.01
    own, also = (
        {"own": Series(site(0)["pump"].time, np.random.default_rng(s).standard_normal(3000))}
        for s in (7, 8)
    )
    model = model_of(site(0) | own)
    more = unexpected(model, table | also).ratio[:, model.streams.index("own")]
    assert np.isfinite(more).all() and (more > 1).mean() < 0.01


def told_column(name: str) -> int:
    return model_of(site(0)).streams.index(name)


def test_a_stream_that_never_changed_is_told_by_any_change() -> None:
    still = {"spare": Series(site(0)["pump"].time, np.zeros(3000))}
    found = learned(site(0) | still)
    assert found is not None and found.unmoved() == ["spare"]
    on = {"spare": Series(site(1)["pump"].time, np.repeat([0.0, 1.0, 0.0], 1000))}
    told = unexpected(found.model, site(1) | on)
    column = found.model.streams.index("spare")
    assert told.ratio[1012, column] > 2 and told.ratio[990, column] == 0


def test_all_beyond_at_once_has_left_what_was_learned() -> None:
    far = {n: Series(s.time, s.value + 100) for n, s in site(1).items()}
    assert unexpected(model_of(site(0)), far).left.all()


def test_too_few_rows_or_streams_teach_nothing() -> None:
    assert learned(site(0, rows=400)) is None
    assert learned({"pump": site(0)["pump"]}) is None
    assert learned({}) is None


def test_rows_bridge_short_gaps_only() -> None:
    series = {"a": Series(np.array([0.0, 1.0, 6.0]), np.array([5.0, 6.0, 7.0]))}
    time, value = rows_of(series, ("a",), 1.0)
    assert len(time) == 7
    np.testing.assert_array_equal(value[:, 0], [5, 6, 6, 6, np.nan, np.nan, 7])


def test_a_model_whose_parts_do_not_fit_is_incomplete() -> None:
    model = model_of(site(0))
    assert model.complete()
    assert not replace(model, usual=model.usual[:-1]).complete()
    assert not replace(model, alike=model.alike[:-1]).complete()
    assert not replace(model, step_s=0.0).complete()
    assert not replace(model, middle=(float("nan"),) * len(model.streams)).complete()
