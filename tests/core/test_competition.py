"""The competition's score: by its definition, and by a slow count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from detector.core.accuracy import competition


def rows(text: str) -> NDArray[np.bool_]:
    return np.array([c == "#" for c in text])


def test_all_right_is_one_and_all_wrong_is_nothing() -> None:
    attacked = rows("..###...##")
    assert competition(attacked, attacked).s == 1.0
    wrong = competition(attacked, ~attacked)
    assert (wrong.s, wrong.detected, wrong.attacks, wrong.false) == (0.0, 0, 2, 5)


def test_no_alarm_at_all_is_a_quarter() -> None:
    told = competition(rows("..###..."), rows("........"))
    assert (told.s, told.s_ttd, told.s_cm, told.true_negative) == (0.25, 0.0, 0.5, 1.0)


def test_an_alarm_before_an_attack_is_none_in_it() -> None:
    told = competition(rows("..####.."), rows("##......"))
    assert told.detected == 0 and told.s_ttd == 0.0 and told.false == 2


def test_alarms_that_go_on_from_before_count_from_the_start() -> None:
    assert competition(rows("..####.."), rows("######..")).s_ttd == 1.0


@pytest.mark.parametrize("attacked", ["", "....", "####", "..##."])
def test_what_cannot_be_judged_is_refused(attacked: str) -> None:
    with pytest.raises(ValueError, match="one length"):
        competition(rows(attacked), rows("...."))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=60))
def test_by_a_slow_count(pairs: list[tuple[bool, bool]]) -> None:
    truth, alarm = [p[0] for p in pairs], [p[1] for p in pairs]
    if all(truth) or not any(truth):
        return
    waits: list[float] = []
    row = 0
    while row < len(truth):
        if not truth[row]:
            row += 1
            continue
        end = row
        while end < len(truth) and truth[end]:
            end += 1
        waited = next((i - row for i in range(row, end) if alarm[i]), end - row)
        waits.append(waited / (end - row))
        row = end
    right = sum(t and a for t, a in pairs) / sum(truth)
    quiet = sum(not t and not a for t, a in pairs) / truth.count(False)
    told = competition(np.array(truth), np.array(alarm))
    assert told.s_ttd == pytest.approx(1 - sum(waits) / len(waits))
    assert told.s == pytest.approx(0.5 * told.s_ttd + 0.25 * (right + quiet))
