"""Holes in the times of pictures: stretches far longer than pictures are usually apart."""

from __future__ import annotations

import numpy as np

from detector.core.observation import F64

#: A hole lasts at least this long (s), and so many times what pictures are usually apart.
_LEAST_S, _TIMES = 1.0, 5.0
#: Share of the distances that are usual, however uneven the rate.
_USUAL = 0.95


def holes(time: F64) -> tuple[tuple[float, float], ...]:
    """The holes (start, end) s among times (n,) s of pictures in any order, earliest first.

    >>> import numpy as np
    >>> holes(np.r_[np.arange(0, 10, 0.04), np.arange(14, 20, 0.04)])
    ((9.96, 14.0),)
    """
    ordered = np.sort(time[np.isfinite(time)])
    return _among(ordered[:-1], ordered[1:])


def holes_between(time: F64, seconds: F64) -> tuple[tuple[float, float], ...]:
    """The holes before rows at ``time`` (n,) s that follow the row before by ``seconds`` (n,) s.

    Rows with 0 seconds follow on nothing.
    """
    follows = seconds > 0
    return _among(time[follows] - seconds[follows], time[follows])


def _among(start: F64, end: F64) -> tuple[tuple[float, float], ...]:
    if not len(start):
        return ()
    apart = end - start
    wide = apart > max(_LEAST_S, _TIMES * float(np.quantile(apart, _USUAL)))
    return tuple(
        (round(float(a), 6), round(float(b), 6))
        for a, b in zip(start[wide], end[wide], strict=True)
    )
