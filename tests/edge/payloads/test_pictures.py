"""Pictures and features in messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.edge.payloads import BadPayload, Features, Limits, Shot
from detector.edge.payloads.features import MAGIC, encoded
from detector.edge.payloads.jpeg import header, shot, stamped
from tests.edge.payloads.making import NOW, claiming, jpeg, told, with_exif
from tests.edge.series.making import T0, pictures

FRAME, FEATURES = "mines/7/cameras/shaft/frame", "mines/7/cameras/shaft/features"
TAKEN, OFFSET, FRACTION = 0x9003, 0x9011, 0x9291


def time_of(payload: bytes, properties: dict[str, str] | None = None) -> float:
    (found,) = told(FRAME, payload, properties)
    assert isinstance(found, Shot)
    return round(found.time - NOW, 6)


def test_a_picture() -> None:
    picture = jpeg(128, 72)
    assert told(FRAME, picture) == [Shot("7", "shaft", NOW, picture, 128, 72)]


def test_the_time_is_that_of_topic_property_exif_or_arrival() -> None:
    stamped = with_exif(jpeg(), {TAKEN: "2026:01:02 03:04:00"})
    assert time_of(stamped) == -5
    assert time_of(stamped, {"t": "2026-01-02T03:04:03Z"}) == -2
    assert time_of(jpeg(), {"t": "1767323044500"}) == -0.5
    parts = {"mine": "7", "camera": "shaft", "time": "1767323044"}
    assert shot(parts, stamped, {"t": "0"}, NOW, Limits()).time == NOW - 1


@pytest.mark.parametrize("order", "<>")
def test_exif_tells_zone_and_fraction(order: str) -> None:
    tags = {TAKEN: "2026:01:02 11:04:04", OFFSET: "+08:00", FRACTION: "25"}
    assert time_of(with_exif(jpeg(), tags, order)) == -0.75
    local = with_exif(jpeg(), {TAKEN: "2026:01:02 11:04:04"}, order)
    assert header(local, 8 * 3600)[2] == NOW - 1


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "", "2026-01-02", "x" * 60])
def test_exif_that_makes_no_sense_tells_no_time(text: str) -> None:
    assert time_of(with_exif(jpeg(), {TAKEN: text})) == 0


def test_a_size_beyond_the_limits_is_refused_before_decoding() -> None:
    for width, height in ((60_000, 60_000), (0, 72), (16_000, 16_000)):
        with pytest.raises(BadPayload, match=f"{width} x {height}"):
            told(FRAME, claiming(jpeg(), width, height))


@pytest.mark.parametrize("size", [0, 1, 2, 10, 100])
def test_what_is_cut_off_is_refused(size: int) -> None:
    with pytest.raises(BadPayload, match="picture"):
        told(FRAME, jpeg()[:size])


def test_scans_without_end_are_refused_before_decoding() -> None:
    picture = jpeg()
    assert isinstance(told(FRAME, picture[:-2] + b"\xff\xda" * 40 + picture[-2:]), list)
    with pytest.raises(BadPayload, match="scans"):
        told(FRAME, picture[:-2] + b"\xff\xda" * 100 + picture[-2:])


def test_messages_and_times_have_limits() -> None:
    with pytest.raises(BadPayload, match="size"):
        told(FRAME, jpeg(), limits=Limits(message_bytes=100))
    for time in ("1967323045", "3"):
        with pytest.raises(BadPayload, match="clock"):
            told(FRAME, jpeg(), {"t": time})
    with pytest.raises(BadPayload, match="time"):
        told(FRAME, jpeg(), {"t": "now"})


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    picture = bytearray(with_exif(jpeg(32, 32), {TAKEN: "2026:01:02 03:04:00", OFFSET: "+08:00"}))
    for _ in range(data.draw(st.integers(1, 8))):
        picture[data.draw(st.integers(0, 250))] = data.draw(st.integers(0, 255))
    try:
        told(FRAME, bytes(picture))
    except BadPayload:
        return


def test_features_come_back() -> None:
    for block in pictures("shaft", 3):
        block = type(block)(**{**vars(block), "time": block.time - T0 + NOW})
        (found,) = told(FEATURES, encoded(block))
        assert isinstance(found, Features)
        assert found.mine == "7"
        np.testing.assert_array_equal(found.block.stir, block.stir)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "features"),
        (MAGIC + b"{}\n", "features"),
        (MAGIC + b"[\n", "features"),
        (MAGIC + b'{"kind": "readings", "rows": 1}\n' + bytes(16), "features"),
        (MAGIC + b'{"kind": "views", "rows": true}\n', "features"),
        (MAGIC + b'{"kind": "views", "rows": 10}\nxxx', "features"),
        (MAGIC + b'{"kind": "views", "rows": 10000}\nxxx', "size"),
        (encoded(pictures("shaft", 2)[0])[:-5], "features"),
        (encoded(pictures("shaft", 2)[0]), "clock"),
    ],
)
def test_what_are_no_features_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(BadPayload, match=reason):
        told(FEATURES, payload)


@settings(deadline=None)
@given(st.floats(0, 4e9))
def test_a_picture_can_tell_its_time(time: float) -> None:
    told = header(stamped(jpeg(8, 8), time), zone_s=3600)[2]
    assert told is not None
    assert abs(told - time) <= 0.002
