"""How a stream's values are distributed during a finding, and otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from detector.apps.report import schema

F64 = NDArray[np.float64]

#: Figures of a finding that are the limit below which values were kept.
LIMITS = ("ceiling", "highest_value")
#: Columns at most.
_COLUMNS = 40
#: Part of all readings at either end that share the outermost columns.
_OUTER = 0.002


def distribution(
    value: F64, inside: NDArray[np.bool_], figures: Mapping[str, object]
) -> schema.Distribution | None:
    """Shares of values (n,) in columns, ``inside`` (n,) the finding and outside; None without a
    limit among the figures, or where either holds no readings.

    Columns end at the limit and include it. Where the device's resolution is coarse they are as
    wide as that.
    """
    limit = next((figures[name] for name in LIMITS if name in figures), None)
    known = np.isfinite(value)
    value, inside = value[known], inside[known]
    if not isinstance(limit, float | int) or not inside.any() or inside.all():
        return None
    edges = _edges(value, float(limit))
    column = np.clip(np.searchsorted(edges, value, side="left") - 1, 0, len(edges) - 2)
    during, otherwise = (
        np.bincount(column[part], minlength=len(edges) - 1) / part.sum()
        for part in (inside, ~inside)
    )
    alarm = figures.get("alarm_at")
    return schema.Distribution(
        edges=edges.tolist(),
        during=during.tolist(),
        otherwise=otherwise.tolist(),
        limit=float(limit),
        alarm_at=float(alarm) if isinstance(alarm, float | int) else None,
    )


def _edges(value: F64, limit: float) -> F64:
    low, high = np.quantile(value, [_OUTER, 1 - _OUTER])
    low, high = min(float(low), limit), max(float(high), limit)
    width = (high - low) / _COLUMNS or max(abs(limit), 1.0) / _COLUMNS
    steps = np.diff(np.unique(value))
    resolution = float(np.median(steps)) if len(steps) else width
    width = max(width, resolution) if resolution > width / 2 else width
    below = int(np.ceil((limit - low) / width - 1e-9)) + 1
    above = int(np.ceil((high - limit) / width - 1e-9))
    slack = 1e-6 * width
    return np.asarray(limit + slack + width * np.arange(-below, max(above, 1) + 1))
