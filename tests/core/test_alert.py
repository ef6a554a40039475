"""Alerts: joined, over, escalated, handled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detector.core.alert import (
    Alert,
    Part,
    Policy,
    escalated,
    handled,
    joined,
    joins,
    opened,
    settled,
    worst,
    worth_telling,
)

POLICY = Policy(cool_down_s=100.0, escalate_after_s=60.0, escalations=2)
PART = Part("a", "frozen_frame", "shaft-1", 10.0, 20.0, False, "warning")


def alert() -> Alert:
    return opened("m", "main", PART, 1000.0)


def test_an_episode_of_the_same_shaft_joins() -> None:
    other = replace(PART, id="b", stream="belt", detector="inconsistent_production")
    assert joins(alert(), "m", "main", other)
    assert not joins(alert(), "m", "auxiliary", other)
    assert not joins(alert(), "n", "main", other)


def test_faults_are_an_alert_of_their_own() -> None:
    assert not joins(alert(), "m", "main", replace(PART, id="b", detector="silence"))


def test_an_episode_known_stays_whatever_became_of_the_alert() -> None:
    done = replace(alert(), state="done", closed=5.0)
    assert joins(done, "m", "main", PART)
    assert not joins(done, "m", "main", replace(PART, id="b"))


def test_severity_is_the_worst_and_growth_alone_is_not_told() -> None:
    first = alert()
    longer = joined(first, replace(PART, end=30.0), 1010.0)
    assert longer.parts[0].end == 30.0 and not worth_telling(first, longer)
    worse = joined(longer, replace(PART, id="b", severity="critical"), 1020.0)
    assert worse.severity == "critical" and worth_telling(longer, worse)
    assert worst(["info", "critical", "warning"]) == "critical"


def test_joining_what_is_known_changes_nothing() -> None:
    assert joined(alert(), PART, 2000.0) == alert()


def test_over_after_the_cool_down_and_not_before() -> None:
    assert settled(alert(), 9e9, POLICY).closed is None
    calm = joined(alert(), replace(PART, closed=True), 1050.0)
    assert settled(calm, 1149.0, POLICY).closed is None
    over = settled(calm, 1150.0, POLICY)
    assert over.closed == 1150.0 and worth_telling(calm, over)
    assert not joins(over, "m", "main", replace(PART, id="b"))


def test_escalated_until_acknowledged_each_time_later() -> None:
    first = alert()
    assert escalated(first, 1059.0, POLICY) == first
    once = escalated(first, 1060.0, POLICY)
    assert once.escalated == 1 and escalated(once, 1179.0, POLICY) == once
    twice = escalated(once, 1180.0, POLICY)
    assert twice.escalated == 2 and escalated(twice, 9e9, POLICY) == twice
    seen = handled(first, "acknowledged", None, 1010.0)
    assert escalated(seen, 9e9, POLICY) == seen


def test_done_needs_a_disposition_that_is_known() -> None:
    with pytest.raises(ValueError, match="say what it was"):
        handled(alert(), "done", None, 0.0)
    with pytest.raises(ValueError, match="no disposition"):
        handled(alert(), "done", "nice", 0.0)
    done = handled(alert(), "done", "false_alarm", 7.0)
    assert (done.state, done.disposition, done.updated) == ("done", "false_alarm", 7.0)
