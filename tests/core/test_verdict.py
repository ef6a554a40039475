"""Verdicts: what repeats does not count twice, what is independent makes sure."""

from __future__ import annotations

from typing import Any

import pytest

from detector.core.verdict import Claim, verdict_of


def claim(detector: str, stream: str, start: float = 0, end: float = 60, **more: Any) -> Claim:
    more = {"identity": f"{detector}-{stream}-{start:g}", "kind": "", **more}
    return Claim(detector=detector, stream=stream, start=start, end=end, **more)


def test_nothing_says_nothing() -> None:
    assert verdict_of([]) is None


def test_a_covered_camera_that_is_also_held_and_dead_is_one_piece() -> None:
    told = verdict_of(
        [
            claim("frozen_frame", "cam"),
            claim("inconsistent_shaft", "cam", rests_on=frozenset({"hoist"})),
            claim("uninformative_frame", "cam"),
        ]
    )
    assert told is not None
    assert [c.detector for c in told.claims] == ["uninformative_frame"]
    assert len(told.repeats) == 2
    assert (told.kind, told.sure, told.independent) == ("picture", "weak", 1)


def test_one_after_the_other_on_one_stream_is_no_independent_evidence() -> None:
    told = verdict_of([claim("frozen_frame", "cam"), claim("moved_camera", "cam", 100, 160)])
    assert told is not None
    assert (len(told.claims), told.repeats, told.sure) == (2, (), "weak")


def test_picture_against_hoist_and_belt_against_the_declaration_is_strong() -> None:
    told = verdict_of(
        [
            claim("inconsistent_shaft", "cam", rests_on=frozenset({"hoist"})),
            claim("inconsistent_production", "hoist", kind="hoist_at_work"),
            claim("inconsistent_production", "hoist", 500, 900, kind="hoist_at_work"),
            claim("inconsistent_production", "belt", kind="belt_scale_at_work"),
            claim("spike", "methane"),
        ]
    )
    assert told is not None
    assert (told.kind, told.sure, told.independent) == ("picture_and_signals", "strong", 3)
    assert len(told.pieces) == 4
    assert told.repeats == ()


def test_what_was_told_from_readings_found_themselves_repeats_them() -> None:
    undeclared = claim("inconsistent_production", "declared", rests_on=frozenset({"hoist"}))
    told = verdict_of([undeclared, claim("inconsistent_production", "hoist", kind="at_work")])
    assert told is not None
    assert told.repeats == ((undeclared.identity, "inconsistent_production-hoist-0"),)
    assert told.sure == "weak"


def test_both_sides_of_a_copy_are_one() -> None:
    told = verdict_of(
        [claim("copied_signal", "a", other="b"), claim("copied_signal", "b", other="a")]
    )
    assert told is not None
    assert (len(told.repeats), told.independent, told.kind) == (1, 1, "readings")


def test_faults_alone_say_little_and_support_nothing() -> None:
    faults = [claim("spike", "a"), claim("silence", "b"), claim("out_of_range", "c")]
    alone, beside = verdict_of(faults), verdict_of([*faults, claim("flat_signal", "d")])
    assert alone is not None and beside is not None
    assert (alone.kind, alone.sure) == ("faults", "weak")
    assert (beside.kind, beside.sure, beside.independent) == ("readings", "weak", 1)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_does_not_matter(order: int) -> None:
    claims = [claim("flat_signal", "a"), claim("capped_signal", "a"), claim("frozen_frame", "c")]
    assert verdict_of(claims[::order]) == verdict_of(claims)


def test_suspicions_alone_are_never_strong() -> None:
    odd = [claim("fabricated_signal", name) for name in "abcd"]
    few, many = verdict_of(odd[:2]), verdict_of(odd)
    assert few is not None and many is not None
    assert (few.sure, many.sure) == ("weak", "fair")
    supported = verdict_of([*odd, claim("replayed_signal", "e")])
    assert supported is not None and supported.sure == "strong"


def test_relations_that_change_as_production_begins_repeat_it() -> None:
    """A stopped mine that begins to produce: its air goes otherwise than before, too."""
    day = 86400.0
    production = [
        claim("inconsistent_production", s, (n + 0.6) * day, (n + 0.9) * day, kind="at_work")
        for s in ("belt", "hoist")
        for n in (5, 6, 7)
    ]
    wind = claim("scaled_signal", "wind", 5.1 * day, 14 * day, kind="factor")
    told = verdict_of([wind, *production])
    assert told is not None
    assert (told.sure, told.independent) == ("fair", 2)
    assert told.repeats == (("scaled_signal-wind-440640", production[0].identity),)
    for other in (
        claim("scaled_signal", "wind", 1.1 * day, 14 * day, kind="factor"),
        claim("scaled_signal", "wind", 5.1 * day, 14 * day, kind="steps"),
        claim("displaced_sensor", "T1", 5.1 * day, 6 * day, kind="calm"),
    ):
        told = verdict_of([other, *production])
        assert told is not None and (told.sure, told.repeats) == ("strong", ())


def test_a_copy_or_a_cap_explains_why_a_stream_is_unlike_itself() -> None:
    odd = [claim(d, "T1", -30, 90) for d in ("fabricated_signal", "displaced_sensor")]
    for detector in ("copied_signal", "replayed_signal", "flat_signal", "capped_signal"):
        told = verdict_of([*odd, claim(detector, "T1")])
        assert told is not None
        assert [c.detector for c in told.claims] == [detector]
        assert len(told.repeats) == 2
