"""Accuracy: what was found against what is true, as stretches of time of streams.

Times are seconds from the first picture of the stream's first recording.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]

#: Part of a true stretch that must be found for it to count as recalled.
RECALLED_SHARE = 0.5
#: Part of an episode that must lie in what is true for it to be no false one.
EXPLAINED_SHARE = 0.5
#: Furthest that a lag may be off, and that an episode may reach beyond what explains it, s.
TOLERANCE_S = 1.0
_COPIES = "duplicated_video"
#: A lag that repeats with no period.
NO_PERIOD = 0.0


@dataclass(frozen=True)
class Showing:
    """Where the same content is: ``stream`` from ``start_s`` on, the own stretch ``lag_s`` later.

    An expected lag of NaN is any lag.
    """

    stream: str
    start_s: float
    lag_s: float


@dataclass(frozen=True)
class Finding:
    """An episode. ``crossed_s`` is when the score reached the threshold, None where not known."""

    detector: str
    stream: str
    start_s: float
    end_s: float
    other: Showing | None = None
    crossed_s: float | None = None


@dataclass(frozen=True)
class Expected:
    """A stretch in which something is true: that ``detector`` should find it.

    ``other`` names the same content elsewhere (None: not told, or any). Loops show the same content
    at every multiple of ``period_s`` (0 = no loop). What ``must`` not be found may be.
    """

    detector: str
    kind: str
    stream: str
    start_s: float
    end_s: float
    other: Showing | None = None
    period_s: float = NO_PERIOD
    must: bool = True

    @property
    def length_s(self) -> float:
        """Seconds from start to end."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Verdict:
    """What became of one expected stretch; errors are found - true, s, None where it was missed.

    ``delay_s`` is from the true start to the crossing of the threshold, None where not known.
    """

    expected: Expected
    findings: tuple[Finding, ...]
    found_share: float
    start_error_s: float | None = None
    end_error_s: float | None = None
    delay_s: float | None = None

    @property
    def recalled(self) -> bool:
        """Whether enough of the stretch was found, by the right name and with the right lag."""
        return bool(self.findings) and self.found_share >= RECALLED_SHARE


@dataclass(frozen=True)
class Judgement:
    """Verdicts on what must be found; findings that go by another name; findings of nothing."""

    verdicts: tuple[Verdict, ...]
    other_name: tuple[Finding, ...]
    false: tuple[Finding, ...]


def judge(expected: Sequence[Expected], findings: Sequence[Finding]) -> Judgement:
    """Match findings with what is true.

    A stretch is recalled where right findings (:func:`right`) together cover
    ``RECALLED_SHARE`` of it. A finding that is right for nothing goes by another name where
    ``EXPLAINED_SHARE`` of it lies in true stretches of its stream, widened by ``TOLERANCE_S``:
    a picture held for long is also dark, a covered lens is also out of focus. Copies among
    streams and replays across them are never explained so: a wrong pair or lag is false.

    >>> hold = Expected("frozen_frame", "hold", "a", 10.0, 18.0)
    >>> late = Finding("frozen_frame", "a", 11.0, 18.5)
    >>> wrong = Finding("moved_camera", "a", 30.0, 40.0)
    >>> result = judge([hold], [late, wrong])
    >>> result.verdicts[0].recalled, result.verdicts[0].start_error_s, result.false == (wrong,)
    (True, 1.0, True)
    """
    verdicts, used = [], set[Finding]()
    for stretch in expected:
        turned = [(finding, right(finding, stretch)) for finding in findings]
        matched = [(finding, seen) for finding, seen in turned if seen is not None]
        used.update(finding for finding, _ in matched)
        if stretch.must:
            verdicts.append(_verdict(stretch, matched))
    rest = [finding for finding in findings if finding not in used]
    other_name = [finding for finding in rest if _explained(finding, expected)]
    false = [finding for finding in rest if finding not in other_name]
    return Judgement(tuple(verdicts), tuple(other_name), tuple(false))


def right(finding: Finding, expected: Expected) -> Finding | None:
    """The finding as told of the expected stretch's stream, if it is right for it; else None.

    Right means: the same detector, some of the stretch, and where the stretch has another showing
    the same other stream at the same lag, told from either side for ``duplicated_video``.
    """
    if finding.detector != expected.detector:
        return None
    for seen in (finding, turned(finding)):
        if seen is None or seen.stream != expected.stream:
            continue
        if overlap_s(seen, expected) > 0 and _same_showing(seen, expected):
            return seen
    return None


def turned(finding: Finding) -> Finding | None:
    """A copy told from the other stream's side; None for other findings."""
    other = finding.other
    if finding.detector != _COPIES or other is None:
        return None
    return Finding(
        detector=finding.detector,
        stream=other.stream,
        start_s=other.start_s,
        end_s=other.start_s + finding.end_s - finding.start_s,
        other=Showing(finding.stream, finding.start_s, -other.lag_s),
        crossed_s=None if finding.crossed_s is None else finding.crossed_s - other.lag_s,
    )


def overlap_s(a: Finding | Expected, b: Finding | Expected) -> float:
    """Seconds that two stretches of one stream have in common, 0 where none."""
    return max(0.0, min(a.end_s, b.end_s) - max(a.start_s, b.start_s))


def union_s(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that are in any of the spans (start, end).

    >>> union_s([(0.0, 4.0), (3.0, 5.0), (9.0, 10.0)])
    6.0
    """
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


@dataclass(frozen=True)
class Competition:
    """The score of the BATADAL competition of alarms over rows of equal length (hours): parts 0..1.

    * ``s``: ``(s_ttd + s_cm) / 2``;
    * ``s_ttd``: 1 - the mean over attacks of rows until the first alarm in it / its rows (1 where
      there is none);
    * ``s_cm``: ``(true_positive + true_negative) / 2``, parts of the rows under attack, and of the
      others, that are rightly told;
    * ``detected`` of ``attacks``; ``false``: rows alarmed without an attack.

    Taormina et al., The Battle of the Attack Detection Algorithms, J. Water Resour. Plann. Manage.
    144 (2018), equations 1 to 5.
    """

    s: float
    s_ttd: float
    s_cm: float
    true_positive: float
    true_negative: float
    detected: int
    attacks: int
    false: int


def competition(attacked: Bools, alarmed: Bools) -> Competition:
    """Judge ``alarmed`` (n,) by ``attacked`` (n,), bool, both over the same rows in order.

    Raises ValueError where they differ in length, or rows under attack or others are lacking.

    >>> attacked = np.array([0, 1, 1, 1, 1, 0, 0, 0], dtype=bool)
    >>> alarmed = np.array([0, 0, 1, 1, 1, 1, 0, 0], dtype=bool)
    >>> told = competition(attacked, alarmed)
    >>> told.s_ttd, told.true_positive, told.true_negative, told.s
    (0.75, 0.75, 0.75, 0.75)
    """
    if attacked.shape != alarmed.shape or attacked.all() or not attacked.any():
        raise ValueError("give two arrays of one length, with and without attacks")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], attacked.astype(np.int8), [0]])))
    waited = []
    for first, end in edges.reshape(-1, 2):
        rows = np.flatnonzero(alarmed[first:end])
        waited.append(rows[0] / (end - first) if len(rows) else 1.0)
    positive, negative = float(alarmed[attacked].mean()), float((~alarmed[~attacked]).mean())
    s_ttd, s_cm = 1.0 - float(np.mean(waited)), (positive + negative) / 2
    return Competition(
        s=(s_ttd + s_cm) / 2,
        s_ttd=s_ttd,
        s_cm=s_cm,
        true_positive=positive,
        true_negative=negative,
        detected=int(sum(w < 1 for w in waited)),
        attacks=len(waited),
        false=int((alarmed & ~attacked).sum()),
    )


def _verdict(stretch: Expected, matched: Sequence[tuple[Finding, Finding]]) -> Verdict:
    seen = [turned_one for _, turned_one in matched]
    spans = [(max(f.start_s, stretch.start_s), min(f.end_s, stretch.end_s)) for f in seen]
    share = union_s(spans) / stretch.length_s if stretch.length_s > 0 else float(bool(seen))
    originals = tuple(finding for finding, _ in matched)
    if not seen or share < RECALLED_SHARE:
        return Verdict(stretch, originals, share)
    crossings = [f.crossed_s for f in seen if f.crossed_s is not None]
    return Verdict(
        expected=stretch,
        findings=originals,
        found_share=share,
        start_error_s=min(f.start_s for f in seen) - stretch.start_s,
        end_error_s=max(f.end_s for f in seen) - stretch.end_s,
        delay_s=min(crossings) - stretch.start_s if crossings else None,
    )


def _same_showing(finding: Finding, expected: Expected) -> bool:
    if expected.other is None:
        return True
    other = finding.other
    if other is None or other.stream != expected.other.stream:
        return False
    if math.isnan(expected.other.lag_s):
        return True
    off_s = abs(other.lag_s - expected.other.lag_s)
    if expected.period_s > 0:
        times = max(1, round(other.lag_s / expected.period_s))
        off_s = min(off_s, abs(other.lag_s - times * expected.period_s))
    return off_s <= TOLERANCE_S


def _explained(finding: Finding, expected: Sequence[Expected]) -> bool:
    if finding.detector == _COPIES:
        return False
    spans = []
    for stretch in expected:
        start = max(finding.start_s, stretch.start_s - TOLERANCE_S)
        end = min(finding.end_s, stretch.end_s + TOLERANCE_S)
        if stretch.detector == _COPIES or not stretch.must:
            continue
        if stretch.stream == finding.stream and end >= start:
            spans.append((start, end))
    length_s = finding.end_s - finding.start_s
    return bool(spans) and union_s(spans) >= EXPLAINED_SHARE * length_s
