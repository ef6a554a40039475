"""Scores of detectors that say how long a state has lasted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from detector.core.observation import VIEW_S
from detector.core.score import Evidence, Scores

#: A state is taken to begin half way from the row before, but at most this much before its row (s).
_BEFORE_S = 0.5
#: Rows remembered, among which a state may have begun before it was known.
_PAST = 64


@dataclass
class _State:
    since: float
    before: float
    kinds: dict[str, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    told: int = 2
    until: float = -np.inf

    @property
    def kind(self) -> str:
        """The kind it was most of the time, the first where two tie."""
        return max(self.kinds, key=lambda kind: self.kinds[kind])


class Lasting:
    """Folds rows (in a state, not in it, blind) of one stream into :class:`Scores`.

    The value is the seconds since the state began, at least one row's worth, so that an episode
    reaches from its first row; half way to the row that ends it there is one more. Evidence is
    given when the state ends and, for who watches live, whenever its length has doubled. Blind rows
    do not end a state.
    """

    def __init__(self, detector: str, unit: str, stream: str) -> None:
        self._detector, self._unit, self._stream = detector, unit, stream
        self._rows: list[tuple[float, float, float, str | None]] = []
        self._evidence: list[Evidence] = []
        self._state: _State | None = None
        self._past: deque[tuple[float, bool]] = deque(maxlen=_PAST)

    @property
    def in_state(self) -> bool:
        """Whether the last row that was judged was in the state."""
        return self._state is not None

    def clear(self, time: float) -> None:
        """A row that is not in the state."""
        self._linger(time)
        self._end(time)
        self._rows.append((time, 0.0, time, None))
        self._past.append((time, True))

    def blind(self, time: float, why: str) -> None:
        """A row that cannot be judged."""
        self._rows.append((time, np.nan, time, why))
        self._past.append((time, False))

    def hold(
        self, time: float, kind: str, figures: dict[str, float], since: float | None = None
    ) -> None:
        """A row in the state; ``since`` is the row it began with where that came earlier."""
        if self._state is None:
            self._state = self._begun(time if since is None else since)
        state = self._state
        state.kinds[kind] = state.kinds.get(kind, 0) + 1
        state.times.append(time)
        state.figures.update(figures)
        self._rows.append((time, max(time - state.since, VIEW_S), state.since, None))
        if len(state.times) >= state.told:
            state.told *= 2
            self._evidence.append(self._told(None))
        self._past.append((time, False))

    def end(self) -> None:
        """The stream has ended."""
        self._end(None)

    def _end(self, after: float | None) -> None:
        if self._state is not None:
            self._evidence.append(self._told(after))
            self._state = None

    def _linger(self, time: float) -> None:
        """Let the state reach half way to the row that ends it, as it began half way before."""
        state = self._state
        if state is None or self._past[-1][0] != state.times[-1]:
            return
        last = state.times[-1] + min((time - state.times[-1]) / 2, _BEFORE_S)
        self._rows.append((last, max(last - state.since, VIEW_S), state.since, None))
        state.until = last

    def _begun(self, first: float) -> _State:
        """The state that began with the row at ``first``."""
        earlier = [row for row in self._past if row[0] < first]
        begun = first - min((first - earlier[-1][0]) / 2, _BEFORE_S) if earlier else first
        judged = [time for time, clear in earlier if clear]
        return _State(begun, judged[-1] if judged else begun)

    def _told(self, after: float | None) -> Evidence:
        state = self._state
        assert state is not None
        stills = [("before", self._stream, state.before)] if state.before < state.since else []
        stills.append(("during", self._stream, state.times[len(state.times) // 2]))
        if after is not None:
            stills.append(("after", self._stream, after))
        until = max(state.until, state.times[-1])
        return Evidence(state.since, until, state.kind, dict(state.figures), stills=tuple(stills))

    def take(self) -> list[Scores]:
        """The scores of the rows since the last call."""
        if not self._rows and not self._evidence:
            return []
        time, value, since, why = zip(*self._rows, strict=True) if self._rows else ((),) * 4
        reasons = tuple(dict.fromkeys(reason for reason in why if reason is not None))
        index = {reason: i for i, reason in enumerate(reasons)}
        scores = Scores(
            detector=self._detector,
            stream=self._stream,
            unit=self._unit,
            time=np.asarray(time, dtype=np.float64),
            value=np.asarray(value, dtype=np.float64),
            since=np.asarray(since, dtype=np.float64),
            why=np.asarray([-1 if r is None else index[r] for r in why], dtype=np.int8),
            reasons=reasons,
            evidence=tuple(self._evidence),
        )
        self._rows, self._evidence = [], []
        return [scores]
