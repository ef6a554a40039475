"""report.json: the contract, its order, its bytes and its exit status."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from detector.apps.report.schema import (
    SCHEMA_FILE,
    Coverage,
    Episode,
    Evidence,
    Input,
    NotAudited,
    Report,
    Series,
    Still,
    dump,
    episode_id,
    exit_status,
    json_schema,
)

CONTRACT: dict[str, Any] = {
    "schema": "trueshaft.report/1",
    "version": "0.1.0",
    "config_digest": "sha256:00",
    "thresholds": {"frozen_frame": {"raise_at": 5.0}},
    "inputs": [
        {
            "path": "a.mp4",
            "sha256": "00",
            "kind": "video",
            "stream": "a",
            "status": "ok",
            "reason": None,
            "start": None,
            "duration_s": 63.2,
            "frames": 1938,
        }
    ],
    "coverage": [
        {
            "detector": "frozen_frame",
            "stream": "a",
            "judged_s": 60.1,
            "blind_s": 3.1,
            "blind_why": "no temporal noise survives the compression",
        }
    ],
    "episodes": [
        {
            "id": "1",
            "detector": "replayed_video",
            "stream": "a",
            "path": "a.mp4",
            "start_s": 12.0,
            "end_s": 42.0,
            "start": None,
            "end": None,
            "until_end": False,
            "peak": 30.0,
            "unit": "s",
            "threshold": 5.0,
            "other": {"stream": "a", "path": "a.mp4", "start_s": 0, "end_s": 30, "lag_s": 12.0},
            "summary": "one sentence",
            "evidence": {"stills": ["evidence/1.jpg"], "noise_grey": 0.03},
        }
    ],
}


def plain(**more: Any) -> Report:
    return Report(version="0", config_digest="sha256:00", **more)


def found(**more: Any) -> Episode:
    data = {**CONTRACT["episodes"][0], "other": None, "evidence": {}, **more}
    return Episode.model_validate(data)


def test_the_contract_is_read_and_written_back_unchanged() -> None:
    written = json.loads(dump(Report.model_validate(CONTRACT)))
    for key, value in CONTRACT.items():
        if isinstance(value, list):
            assert [
                {k: item[k] for k in want} for item, want in zip(written[key], value, strict=True)
            ] == value
        else:
            assert written[key] == value


def test_what_is_written_is_read_back_the_same(report: Report) -> None:
    assert Report.model_validate_json(dump(report)) == report
    assert dump(Report.model_validate_json(dump(report))) == dump(report)


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_things_were_found_leaves_no_trace(random: Any) -> None:
    inputs = [Input(path=f"{name}.mp4", stream="x", status="ok") for name in "cab"]
    episodes = [found(id=str(i), start_s=s, stream=n) for i, (s, n) in enumerate(_places())]
    coverage = [Coverage(detector=d, stream="x", judged_s=1, blind_s=0) for d in "qp"]
    lists: list[list[Any]] = [inputs, episodes, coverage]
    ordered = dump(plain(inputs=inputs, episodes=episodes, coverage=coverage))
    for items in lists:
        random.shuffle(items)
    assert dump(plain(inputs=inputs, episodes=episodes, coverage=coverage)) == ordered


def _places() -> list[tuple[float, str]]:
    return [(3.0, "b"), (1.0, "b"), (1.0, "a"), (12.0, "a"), (2.0, "a")]


def test_episodes_go_by_stream_and_time() -> None:
    made = plain(episodes=[found(start_s=s, stream=n) for s, n in _places()]).episodes
    assert [(e.start_s, e.stream) for e in made] == sorted(_places(), key=lambda p: (p[1], p[0]))


def test_measured_numbers_keep_three_decimals_and_settings_all() -> None:
    made = found(start_s=1.23456, peak=-0.0001, threshold=0.000123456)
    assert (made.start_s, str(made.peak), made.threshold) == (1.235, "0.0", 0.000123456)
    figures = {"small": 0.000123456, "large": 12.34567, "n": 3}
    evidence = Evidence.model_validate({"figures": figures, "more": [1.23456]})
    assert evidence.figures == {"small": 0.000123, "large": 12.346, "n": 3}
    assert evidence.model_dump()["more"] == [1.235]


def test_no_number_that_json_does_not_know() -> None:
    with pytest.raises(ValidationError):
        found(peak=float("nan"))
    assert Series(time_s=[0, 1], value=[float("nan"), 1]).value == [None, 1]
    free = Evidence.model_validate({"more": {"x": float("inf")}})
    assert free.model_dump()["more"] == {"x": None}


def test_file_names_that_are_no_text_are_written_visibly() -> None:
    made = plain(inputs=[Input(path="caf\udce9 中.mp4", status="ok")])
    assert "caf\\\\xe9 中.mp4" in dump(made).decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_s": 50.0},
        {"colour": "red"},
        {"evidence": {"similarity": {"time_s": [0.0], "value": []}}},
        {"evidence": {"figures": {"x": [1]}}},
        {"evidence": {"more": object()}},
        {"severity": "dreadful"},
    ],
)
def test_what_the_contract_does_not_know_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        found(**wrong)


def test_details_of_stills_are_told_in_their_order() -> None:
    detail = Still(path="evidence/b.jpg", at_s=1, label="during", stream="a")
    with pytest.raises(ValidationError, match="order"):
        Evidence(stills=["evidence/a.jpg"], still_details=[detail])


def test_absent_evidence_is_not_written() -> None:
    assert Evidence(kind="held").model_dump() == {"kind": "held", "stills": []}


@pytest.mark.parametrize(
    ("report_of", "status"),
    [
        ({"inputs": [Input(path="a", status="ok")]}, 0),
        ({"inputs": [Input(path="a", status="unreadable")], "episodes": [found()]}, 1),
        ({"inputs": [Input(path="a", status="unreadable")]}, 3),
        ({"inputs": [Input(path="a", status="partial")]}, 3),
        ({"not_audited": [NotAudited(path="a", reason="no permission")]}, 3),
        ({"interrupted": True}, 3),
        ({}, 0),
    ],
)
def test_exit_status(report_of: dict[str, Any], status: int) -> None:
    assert exit_status(plain(**report_of)) == status


def test_the_schema_that_ships_is_that_of_the_models() -> None:
    assert SCHEMA_FILE.read_bytes() == json_schema(), "run python -m detector.apps.report.schema"


def test_an_identity_tells_episodes_apart_and_lasts() -> None:
    assert episode_id("frozen_frame", "a", "a.mp4", 1.0) == episode_id(
        "frozen_frame", "a", "a.mp4", 1.0001
    )
    assert episode_id("frozen_frame", "a", "a.mp4", 1.0) != episode_id(
        "frozen_frame", "b", "a.mp4", 1.0
    )
    assert episode_id("duplicated_video", "a", "a.mp4", 1.0, "b") != episode_id(
        "duplicated_video", "a", "a.mp4", 1.0, "c"
    )
