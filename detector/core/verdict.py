"""Verdicts: what the episodes of one shaft (or mine) say together, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["picture_and_signals", "signals", "picture", "readings", "faults"]
Sure = Literal["weak", "fair", "strong"]

#: What an episode of each detector is evidence of; of others: readings.
FAMILY: Mapping[str, str] = {
    "inconsistent_shaft": "picture_and_signals",
    "inconsistent_production": "signals",
    "inconsistent_readings": "signals",
    "frozen_frame": "picture",
    "replayed_video": "picture",
    "duplicated_video": "picture",
    "uninformative_frame": "picture",
    "moved_camera": "picture",
    "recording_gap": "picture",
    "out_of_range": "faults",
    "spike": "faults",
    "silence": "faults",
    "clock_fault": "faults",
    "unreadable_messages": "faults",
    "failed_check": "faults",
    "store_down": "faults",
}
#: A stream that is unlike itself is a suspicion, however many such there are; that it repeats,
#: copies or contradicts another is not.
SUSPICIONS = frozenset(
    {"capped_signal", "displaced_sensor", "fabricated_signal", "flat_signal", "scaled_signal"}
)
#: Suspicions that are told from a stream's relation to others, as detector and kind: where machines
#: start that rested, relations change by themselves.
_OF_RELATIONS = frozenset({("scaled_signal", "factor"), ("displaced_sensor", "unanswering")})
#: Seconds between the starts of a change of regime and of what follows from it, at most.
_REGIME_S = 86400.0
#: Of episodes of one picture or stream at one time the first of these counts: it explains the
#: others.
_EXPLAINS = (
    *("duplicated_video", "replayed_video", "uninformative_frame", "recording_gap"),
    *("moved_camera", "frozen_frame", "inconsistent_shaft"),
    *("copied_signal", "replayed_signal", "flat_signal", "capped_signal"),
)
_KINDS: tuple[Kind, ...] = ("picture_and_signals", "signals", "picture", "readings", "faults")


@dataclass(frozen=True)
class Claim:
    """An episode as evidence: ``other`` is the stream that shows the same, ``rests_on`` are the
    streams whose readings it was told from besides its own."""

    identity: str
    detector: str
    kind: str
    stream: str
    start: float
    end: float
    other: str = ""
    rests_on: frozenset[str] = frozenset()

    @property
    def family(self) -> str:
        """What it is evidence of."""
        return FAMILY.get(self.detector, "readings")


@dataclass(frozen=True)
class Verdict:
    """``claims`` count, the first of each piece of evidence at its place; ``repeats`` are
    (repeating, repeated) identities that do not. ``independent``: pieces that do not depend on each
    other."""

    kind: Kind
    sure: Sure
    independent: int
    claims: tuple[Claim, ...]
    repeats: tuple[tuple[str, str], ...]

    @property
    def pieces(self) -> tuple[Claim, ...]:
        """The first claim of each detector, kind and stream."""
        first: dict[tuple[str, str, str], Claim] = {}
        for claim in self.claims:
            first.setdefault((claim.detector, claim.kind, claim.stream), claim)
        return tuple(first.values())


def verdict_of(claims: Sequence[Claim]) -> Verdict | None:
    """The verdict over the claims of one shaft or mine; None of none.

    What is independent is counted by the stream it comes from: one more finding on the same stream
    supports nothing. A finding repeats another where both are of one picture at one time (a
    covered camera is also held, and dead while the hoist works), where one shows what the other is
    a copy of, where it was told from readings that are found themselves at that time, and where a
    stream's relation to others changes within a day of production that is found on another stream:
    a change of regime. Faults (a spike, a silence) support nothing.
    """
    if not claims:
        return None
    ordered = sorted(claims, key=lambda c: (_rank(c), c.start, c.stream, c.identity))
    kept: list[Claim] = []
    repeats: list[tuple[str, str]] = []
    for claim in ordered:
        same = next((k for k in kept if _repeats(claim, k)), None)
        if same is None:
            kept.append(claim)
        else:
            repeats.append((claim.identity, same.identity))
    kept.sort(key=lambda c: (_KINDS.index(_kind(c)), c.start, c.stream, c.identity))
    telling = [c for c in kept if c.family != "faults"]
    independent = len({c.stream for c in telling or kept})
    kinds = {_kind(c) for c in kept}
    both = "picture" in kinds and "signals" in kinds
    kind: Kind = "picture_and_signals" if both else next(k for k in _KINDS if k in kinds)
    told = any(c.detector not in SUSPICIONS for c in telling)
    sure: Sure = "weak"
    if kind != "faults" and independent > (1 if told else 2):
        sure = "strong" if told and independent > 2 else "fair"
    return Verdict(kind, sure, independent, tuple(kept), tuple(repeats))


def _kind(claim: Claim) -> Kind:
    return next(k for k in _KINDS if k == claim.family)


def _rank(claim: Claim) -> int:
    """What explains others first; what was told from other streams' readings last."""
    told_from_others = claim.rests_on and claim.detector != "inconsistent_shaft"
    if told_from_others or _of_relations(claim):
        return len(_EXPLAINS) + 1
    if claim.detector in _EXPLAINS:
        return _EXPLAINS.index(claim.detector)
    return len(_EXPLAINS)


def _of_relations(claim: Claim) -> bool:
    return (claim.detector, claim.kind) in _OF_RELATIONS


def _repeats(claim: Claim, known: Claim) -> bool:
    if claim.start > known.end or known.start > claim.end:
        return False
    of_picture = {"picture", "picture_and_signals"}
    if claim.stream == known.stream:
        same = claim.family == known.family or {claim.family, known.family} <= of_picture
        return same and (claim.detector, claim.kind) != (known.detector, known.kind)
    if claim.detector == known.detector and claim.other == known.stream:
        return known.other in ("", claim.stream)
    if known.detector == "inconsistent_production" and _of_relations(claim):
        return abs(claim.start - known.start) <= _REGIME_S
    return known.stream in claim.rests_on and claim.family == known.family
