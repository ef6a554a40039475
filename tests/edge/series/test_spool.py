"""What could not be stored is stored later, in order, and none of it is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from detector.edge.series import Key, Stored, StoreUnavailable
from detector.edge.series.spool import Spool, SpooledWriter, SpoolFull
from detector.edge.series.sqlite import SqliteSeries
from tests.edge.series.making import pictures, readings

MINE = "220600000001"


class Faltering(SqliteSeries):
    """A store that is down while ``down``."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.down, self.batches = False, 0

    def store(self, batch: Sequence[Stored]) -> None:
        if self.down:
            raise StoreUnavailable("it is down")
        self.batches += 1
        super().store(batch)


class Setting:
    def __init__(self, tmp_path: Path, most: int = 10**9) -> None:
        self.now = 0.0
        self.series = Faltering(tmp_path / "series.db")
        self.folder = tmp_path / "spool"
        self.writer = SpooledWriter(lambda: self.series, Spool(self.folder, most), lambda: self.now)

    def store(self, time: float) -> None:
        self.writer.store([(MINE, readings("MM1", [time], [time]))])

    def stored(self) -> list[float]:
        found = self.series.readings(Key(MINE, "MM1"), -np.inf, np.inf)
        return [float(value) for value in found.value]


def test_what_could_not_be_stored_comes_in_order(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    setting.store(0)
    setting.series.down = True
    for time in range(1, 20):
        setting.store(time)
    assert setting.writer.trouble == "it is down"
    assert len(setting.writer.spool) == 19
    setting.series.down = False
    setting.store(20)  # not yet time to try again
    assert setting.stored() == [0]
    setting.now = 5.0
    setting.store(21)
    assert setting.stored() == list(range(22))
    assert (len(setting.writer.spool), setting.writer.spool.bytes) == (0, 0)
    assert setting.writer.trouble == ""
    assert setting.series.batches == 2
    setting.series.close()


def test_the_store_is_tried_ever_more_seldom(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    setting.series.down = True
    tried = []
    setting.store(0)
    for tenth in range(1200):
        before, setting.now = setting.writer._again, tenth / 10
        setting.writer.drain()
        if setting.writer._again != before:
            tried.append(setting.now)
    assert tried == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5]
    setting.series.close()


def test_the_spool_survives_its_process(tmp_path: Path) -> None:
    frames, views = pictures("shaft", 3)
    Spool(tmp_path / "spool").append([(MINE, frames), (MINE, views)])
    Spool(tmp_path / "spool").append([("雪", readings("甲烷\n", [1], [np.nan]))])
    (tmp_path / "spool" / "000000000009.half").write_bytes(b"half")
    again = Spool(tmp_path / "spool")
    numbers, batch = again.oldest()
    assert numbers == [1, 2]
    assert [(mine, block.stream) for mine, block in batch] == [
        (MINE, "shaft"),
        (MINE, "shaft"),
        ("雪", "甲烷\n"),
    ]
    np.testing.assert_array_equal(batch[1][1].layout, views.layout)  # type: ignore[union-attr]
    assert again.oldest(1)[0] == [1]
    again.done([1, 2])
    assert os.listdir(tmp_path / "spool") == []


def test_a_full_spool_refuses_the_new(tmp_path: Path) -> None:
    setting = Setting(tmp_path, most=400)
    setting.series.down = True
    kept = 0
    while setting.writer.spool.bytes < 300:
        setting.store(kept)
        kept += 1
    with pytest.raises(SpoolFull, match="full"):
        setting.store(kept)
    assert len(setting.writer.spool) == kept
    setting.series.down, setting.now = False, 100.0
    assert setting.writer.drain()
    assert setting.stored() == list(range(kept))
    setting.store(kept)
    assert setting.stored() == list(range(kept + 1))
    setting.series.close()


def test_a_full_spool_empties_when_the_store_is_back(tmp_path: Path) -> None:
    setting = Setting(tmp_path, most=1000)
    setting.series.down = True
    kept = 0
    while setting.writer.spool.bytes < 900:
        setting.store(kept)
        kept += 1
    with pytest.raises(SpoolFull):
        setting.store(kept)
    setting.series.down = False
    setting.now += 100.0
    setting.store(kept)
    assert setting.stored() == [*range(kept + 1)]
    setting.series.close()


def test_a_full_disk_refuses_the_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting(tmp_path)
    setting.series.down = True
    setting.store(0)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(SpoolFull, match="No space left"):
            setting.store(1)
    assert len(os.listdir(setting.folder)) == 1
    setting.store(2)
    setting.series.down, setting.now = False, 100.0
    assert setting.writer.drain()
    assert setting.stored() == [0, 2]
    setting.series.close()


@pytest.mark.parametrize("damage", [b"", b"trueshaft.spool/1\n", b"x" * 100])
def test_a_damaged_file_does_not_stand_in_the_way(tmp_path: Path, damage: bytes) -> None:
    setting = Setting(tmp_path)
    setting.series.down = True
    for time in range(3):
        setting.store(time)
    (setting.folder / "000000000002.batch").write_bytes(damage)
    setting.series.down, setting.now = False, 100.0
    assert setting.writer.drain()
    assert setting.stored() == [0, 2]
    assert setting.writer.spool.damaged == 1
    assert os.listdir(setting.folder) == ["000000000002.damaged"]
    assert Spool(setting.folder).damaged == 1
    setting.series.close()


def test_a_batch_that_can_never_be_stored_is_put_aside(tmp_path: Path) -> None:
    setting = Setting(tmp_path)
    setting.series.down = True
    for time in (13, 0, 1):
        setting.store(time)
    store = setting.series.store

    def broken(batch: Sequence[Stored]) -> None:
        if any(13 in block.value for _, block in batch):  # type: ignore[union-attr]
            raise ValueError("never")
        store(batch)

    setting.series.down = False
    setting.series.store = broken  # type: ignore[method-assign]
    setting.now = 100.0
    while not setting.writer.drain():
        continue
    assert setting.writer.refused == "ValueError: never"
    setting.store(13)
    assert setting.stored() == [0, 1]
    assert setting.writer.spool.damaged == 2
    setting.series.close()


def test_a_killed_writer_loses_nothing(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from detector.edge.series.spool import Spool
from tests.edge.series.making import readings
spool = Spool(Path({str(tmp_path)!r}))
for time in range(100):
    spool.append([("7", readings("MM1", [time], [time]))])
    if time == 9:
        os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    _, batch = Spool(tmp_path).oldest()
    assert [block.value[0] for _, block in batch] == list(range(10))  # type: ignore[union-attr]
