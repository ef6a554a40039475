"""Features come back from disk as they were, whatever happened to their writer."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from detector.edge import store
from detector.edge.store import FeatureStore
from detector.signals.rows import ViewRows
from tests.edge.faulty import rows


def test_blocks_are_read_back_as_one(tmp_path: Path) -> None:
    written = FeatureStore(tmp_path)
    assert written.write(rows(3)) == 3
    assert written.write(rows(2, first=3)) == 2
    frames, _ = FeatureStore(tmp_path).read("camera")
    expected = rows(5)
    assert frames.stream == "camera"
    for field in fields(expected):
        if field.name != "stream":
            column, read = getattr(expected, field.name), getattr(frames, field.name)
            assert read.dtype == column.dtype
            np.testing.assert_array_equal(read, column)


def test_views_are_read_back(tmp_path: Path) -> None:
    made = ViewRows("")
    rng = np.random.default_rng(0)
    for second in range(3):
        luma = rng.integers(0, 256, (72, 96), dtype=np.uint8)
        made.add(float(second), luma, key=second != 1)
    (block,) = made.blocks(0)
    FeatureStore(tmp_path).write(block)
    _, views = FeatureStore(tmp_path).read("camera")
    empty = FeatureStore(tmp_path / "none").read("camera")[1]
    for field in fields(block):
        if field.name != "stream":
            column = getattr(block, field.name)
            np.testing.assert_array_equal(getattr(views, field.name), column)
            nothing = getattr(empty, field.name)
            assert nothing.dtype == column.dtype
            assert nothing.shape == (0, *column.shape[1:])


def test_an_empty_store_has_no_rows(tmp_path: Path) -> None:
    frames, views = FeatureStore(tmp_path).read("camera")
    assert len(frames) == len(views) == 0
    assert frames.motion.shape[1:] == rows(1).motion.shape[1:]


def test_large_columns_are_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "READ_BYTES", 100)
    FeatureStore(tmp_path).write(rows(20))
    frames, _ = FeatureStore(tmp_path).read("camera")
    assert not frames.motion.flags.writeable
    assert isinstance(frames.motion.base, np.memmap)
    np.testing.assert_array_equal(frames.motion, rows(20).motion)


def test_a_block_cut_off_is_not_seen(tmp_path: Path) -> None:
    FeatureStore(tmp_path).write(rows(3))
    FeatureStore(tmp_path).write(rows(2, first=3))
    for name, bytes_left in (("frames.time", 4 * 8), ("frames.stir", 3 * 144 + 70)):
        with (tmp_path / name).open("r+b") as file:
            file.truncate(bytes_left)
    frames, _ = FeatureStore(tmp_path).read("camera")
    assert frames.coded.tolist() == [0, 1, 2]


def test_damage_to_a_sealed_store_is_noticed(tmp_path: Path) -> None:
    sealed = FeatureStore(tmp_path)
    sealed.write(rows(3))
    assert sealed.facts() is None
    sealed.seal({"pictures": 3})
    assert FeatureStore(tmp_path).facts() == {"pictures": 3}
    data = bytearray((tmp_path / "frames.motion").read_bytes())
    data[7] ^= 1
    (tmp_path / "frames.motion").write_bytes(data)
    assert FeatureStore(tmp_path).facts() is None


@pytest.mark.parametrize("text", ["", "[]", '{"frames": 3}', '{"frames": {"time": []}}', "\0"])
def test_a_store_that_makes_no_sense_is_empty(tmp_path: Path, text: str) -> None:
    FeatureStore(tmp_path).write(rows(3))
    (tmp_path / "columns.json").write_text(text)
    (tmp_path / "sealed.json").write_text(text)
    assert FeatureStore(tmp_path).facts() is None
    assert len(FeatureStore(tmp_path).read("camera")[0]) == 0


def test_columns_stay_in_their_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(8))
    types = {"frames": {"/../../secret": ["<f8", []]}}
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "columns.json").write_text(json.dumps(types))
    assert FeatureStore(folder).columns("frames")["secret"].size == 0
