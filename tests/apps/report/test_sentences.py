"""Sentences: complete in both languages, true to the figures, honest where nothing is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detector.apps.report import sentences
from detector.apps.report.schema import Episode, Other
from detector.apps.report.texts import LANGUAGES, Texts, catalogue
from tests.apps.report.making import episode

OTHER = Other(stream="hoist", path="h.mp4", start_s=2, end_s=32, lag_s=10)


def made(detector: str, kind: str | None, **more: Any) -> Episode:
    evidence = {"kind": kind, "period_s": 4.0, "repetitions": 7.5, **more.pop("evidence", {})}
    data = {"other": OTHER, "summary": "What the check said.", **more}
    span = more.pop("span", (12.0, 42.0))
    return episode(Path(), detector, "gate", "g.mp4", span, evidence=evidence, **data)


def told() -> list[tuple[str, str]]:
    keys = [
        k.split(".") for k in catalogue("en") if k.startswith("sentence.") and k.count(".") == 2
    ]
    return [(detector, kind) for _, detector, kind in keys]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("detector", "kind"), told())
def test_every_sentence_can_be_said(lang: str, detector: str, kind: str) -> None:
    text, known = sentences.sentence(made(detector, kind), Texts(lang))
    assert known
    assert "gate" in text
    assert "{" not in text


@pytest.mark.parametrize(
    ("detector", "kind", "words"),
    [
        ("frozen_frame", "held", "定格"),
        ("replayed_video", "loop", "循环重放"),
        ("replayed_video", "replay", "重放"),
        ("duplicated_video", "copy", "重复画面"),
        ("uninformative_frame", "black", "黑屏"),
        ("uninformative_frame", "covered", "遮挡"),
        ("uninformative_frame", "over-exposed", "过曝"),
        ("uninformative_frame", "defocused", "失焦"),
        ("uninformative_frame", "no signal", "无信号"),
        ("moved_camera", None, "视角移动"),
        ("recording_gap", "missing", "录像缺失"),
        ("frozen_frame", "no change", "无法判断"),
    ],
)
def test_chinese_uses_the_words_of_the_trade(detector: str, kind: str | None, words: str) -> None:
    assert words in sentences.sentence(made(detector, kind), Texts("zh"))[0]


KEYS_AGREE = {"key_change": 0.1, "live_key_change": 1.2}
NOISY = {"noise": 0.2, "live_noise": 0.3}
NOISE_NOT_KNOWN = {"noise": 0.0, "live_noise": 0.0}
STROKE = {"tiles_stopped": 31, "tiles_started": 27}


@pytest.mark.parametrize(
    ("figures", "english", "chinese"),
    [
        (KEYS_AGREE, "faint noise", "噪声"),
        ({"noise": 0.01, "live_noise": 0.3}, "faint noise", "噪声"),
        ({**KEYS_AGREE, **NOISE_NOT_KNOWN, **STROKE}, "faint noise", "噪声"),
        ({**NOISY, **STROKE}, "at one stroke, in 27 parts", "重新出现（涉及 27 个"),
        ({**NOISE_NOT_KNOWN, **STROKE}, "at one stroke, in 31 parts", "（涉及 31 个"),
        (
            {"key_change": 0.6, "live_key_change": 1.2, **STROKE},
            "movement set in again at one stroke",
            "重新出现",
        ),
        (
            {**NOISY, "tiles_stopped": 31, "tiles_started": 0},
            "in 31 parts of the picture, and nothing moved again",
            "（涉及 31 个画面分块），此后再未出现任何运动",
        ),
        ({"packets_fell": 9.3, "packets_rose": 7.4}, "nothing new in it to be coded", "数据包"),
        ({**NOISY, "tiles_stopped": 0, "tiles_started": 0}, "(30.0\u00a0s).", "30.0"),
    ],
)
def test_held_says_by_what_it_is_known(
    figures: dict[str, float], english: str, chinese: str
) -> None:
    held = made("frozen_frame", "held", evidence={"figures": figures})
    for lang, words, noise in (("en", english, "noise"), ("zh", chinese, "噪声")):
        text, known = sentences.sentence(held, Texts(lang))
        assert known and words in text
        assert (noise in text) == (noise in words)
        assert "定格" in text or lang == "en"


def test_a_sentence_without_its_figures_is_not_said() -> None:
    bare = episode(
        Path(), "replayed_video", "gate", "g.mp4", (1.0, 9.0), summary="It came again.", evidence={}
    )
    assert sentences.sentence(bare, Texts("en")) == ("It came again.", False)


def test_an_unknown_check_speaks_for_itself() -> None:
    strange = made("stuck_wiper", "left")
    assert sentences.sentence(strange, Texts("en")) == ("What the check said.", False)
    text, known = sentences.sentence(strange, Texts("zh"))
    assert not known
    assert "gate" in text
    assert sentences.title(strange, Texts("en")) == "stuck_wiper: left"
    assert sentences.letter("stuck_wiper", Texts("en")) == "?"


@pytest.mark.parametrize(
    ("lag_s", "words"),
    [(0.2, "at the same moment"), (10.0, "10.0\u00a0s earlier"), (-10.0, "10.0\u00a0s later")],
)
def test_who_showed_it_first(lag_s: float, words: str) -> None:
    other = OTHER.model_copy(update={"lag_s": lag_s})
    text, _ = sentences.sentence(made("duplicated_video", "copy", other=other), Texts("en"))
    assert words in text


def test_the_wall_clock_is_used_where_it_is_known() -> None:
    clock = {"start": "2026-01-02T23:59:50+08:00", "end": "2026-01-03T00:00:20+08:00"}
    text, _ = sentences.sentence(made("frozen_frame", "held", **clock), Texts("en"))
    assert "from 2026-01-02 23:59:50 to 2026-01-03 00:00:20" in text
    text, _ = sentences.sentence(made("frozen_frame", "held"), Texts("en"))
    assert "from 0:12.0 to 0:42.0" in text


def test_the_other_showing_has_its_own_clock() -> None:
    clock = {"start": "2026-01-02T14:00:02+08:00", "end": "2026-01-02T14:00:32+08:00"}
    other = OTHER.model_copy(update=clock)
    text, _ = sentences.sentence(made("replayed_video", "replay", other=other), Texts("en"))
    assert "on 2026-01-02 from 14:00:02 to 14:00:32" in text
    assert sentences.span_dash(other, Texts("en")) == "2026-01-02 14:00:02 – 14:00:32"


def test_end_and_mirror_are_told() -> None:
    both = made("duplicated_video", "copy", until_end=True, evidence={"flipped": True})
    text, _ = sentences.sentence(both, Texts("en"))
    assert text.endswith("mirrored left to right. It lasts until the recording ends.")


def test_explanations_of_the_check_come_before_the_usual_ones() -> None:
    t = Texts("en")
    usual = sentences.benign(made("uninformative_frame", "black"), t)
    assert t("benign.lights_out") in usual
    own = made("uninformative_frame", "black", evidence={"benign": ["dust", "A cat sat on it."]})
    assert sentences.benign(own, t) == [t("benign.dust"), "A cat sat on it."]


@pytest.mark.parametrize(
    ("why", "chinese"),
    [
        ("Permission denied", "没有读取权限"),
        ("time stamps run backward at 12.5 s", "时间戳在第 12.5 秒处倒退"),
        ("reading stopped early: I/O error", "读取提前中止：I/O error"),
        (
            "the decoder crashed (SIGSEGV), at 3.2 s of the recording",
            "解码进程崩溃（SIGSEGV）（录像第 3.2 秒处）",
        ),
        (
            "time stamps are missing; the nominal frame rate stands in",
            "缺少时间戳；改用标称帧率计时",
        ),
        ("something new", "something new"),
    ],
)
def test_reasons_are_told_in_the_language_of_the_page(why: str, chinese: str) -> None:
    assert sentences.reason(why, Texts("zh")) == chinese
    assert sentences.reason(why, Texts("en")).lower() == why.lower()


def test_figures_have_names() -> None:
    told = made("frozen_frame", "held", evidence={"figures": {"cropped": True, "new_s": 1.5}})
    assert sentences.figures(told, Texts("en")) == [("Cropped", "yes"), ("new_s", "1.5")]


def test_a_reason_without_words_is_told_as_such() -> None:
    assert sentences.reason(None, Texts("en")) == "no reason given"
    assert sentences.reason("odd; \u202eodder.", Texts("en")) == "odd; \\u202eodder"


def test_a_copy_between_recordings_without_a_clock_says_from_where_times_count() -> None:
    told, _ = sentences.sentence(made("duplicated_video", "copy"), Texts("en"))
    assert "first picture of each recording" in told
    both = OTHER.model_copy(update={"start": "2026-01-02T08:00:00+00:00"})
    timed = made("duplicated_video", "copy", other=both, start="2026-01-02T08:00:00+00:00")
    assert "first picture of each recording" not in sentences.sentence(timed, Texts("en"))[0]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "on 2026-01-02 at 03:04:05 (one reading)"), ("zh", "2026-01-02 03:04:05 期间")],
)
def test_a_single_reading_has_a_time_and_no_length(lang: str, words: str) -> None:
    at = "2026-01-02T03:04:05+08:00"
    single = episode(Path(), "spike", "MM116", "a.csv", (4.0, 4.0), start=at, end=at)
    text, known = sentences.sentence(single, Texts(lang))
    assert known and words in text and "0.0" not in text
