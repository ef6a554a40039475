"""Production told from how much the sensors move: a logistic regression, learned per site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Windows of production, and without, that a model needs.
LEAST = 24
#: Standard deviations from what was learned at which a site has left what the model knows.
BEYOND = 8.0


@dataclass(frozen=True)
class ProductionModel:
    """``p = 1 / (1 + exp(-(offset + sum(weight * (x - mean) / size))))`` of the measures x of
    :func:`detector.signals.activity.activity` of ``streams``: plain numbers that can be read."""

    streams: tuple[str, ...]
    mean: tuple[float, ...]
    size: tuple[float, ...]
    weight: tuple[float, ...]
    offset: float

    def complete(self) -> bool:
        """Whether all parts fit together."""
        parts = (self.mean, self.size, self.weight)
        return all(len(part) == 2 * len(self.streams) for part in parts)

    def probability(self, measures: F64) -> F64:
        """Probability of production (k,) from measures (k, 2 * streams); NaN where one is NaN or
        far beyond what was learned."""
        x = (measures - np.array(self.mean)) / np.array(self.size)
        p = 1 / (1 + np.exp(-(self.offset + x @ np.array(self.weight))))
        p[np.any(~np.isfinite(x) | (np.abs(x) > BEYOND), axis=1)] = np.nan
        return np.asarray(p)

    def parts(self, measures: F64) -> dict[str, float]:
        """What each stream adds to the logit over windows (k, 2 * streams): why it is told."""
        x = (measures - np.array(self.mean)) / np.array(self.size) * np.array(self.weight)
        added = np.nanmean(x, axis=0).reshape(-1, 2).sum(axis=1)
        return {name: round(float(a), 2) for name, a in zip(self.streams, added, strict=True)}


def learned(streams: tuple[str, ...], measures: F64, producing: Bools) -> ProductionModel | None:
    """The model of windows (k, 2 * streams) that are declared producing or not (k,); None where
    there are too few of either.

    What is declared to rest may be production that is hidden: windows that look like production
    are taken out of the resting ones, twice, before the model is learned for good (learning from
    positive and unlabelled examples).
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - costs half a second

    known = np.all(np.isfinite(measures), axis=1)
    x, y = measures[known], producing[known]
    if min(int(y.sum()), int((~y).sum())) < LEAST:
        return None
    mean, size = x.mean(axis=0), x.std(axis=0) + 1e-6
    x = (x - mean) / size
    kept = np.ones(len(y), dtype=bool)
    regression = LogisticRegression(C=0.3, max_iter=2000)
    for _ in range(3):
        regression.fit(x[kept], y[kept])
        hidden = ~y & (regression.predict_proba(x)[:, 1] > 0.5)
        if int((~y & ~hidden).sum()) < LEAST:
            break
        kept = ~hidden
    return ProductionModel(
        streams,
        mean=_plain(mean),
        size=_plain(size),
        weight=_plain(regression.coef_[0]),
        offset=float(regression.intercept_[0]),
    )


def _plain(values: F64) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
