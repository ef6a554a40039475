"""Files of readings: what is read, and what is said of what cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector.edge import readings as module
from detector.edge.readings import read_readings


def wrote(folder: Path, content: str | bytes) -> Path:
    path = folder / "readings.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_wide(tmp_path: Path) -> None:
    file = read_readings(
        wrote(
            tmp_path, "time,MM116,风速\n2026-01-01T00:00:00Z,0.4,\n2026-01-01T00:00:30Z,0.5,2.1\n"
        )
    )
    assert (file.status, file.rows, list(file.streams)) == ("ok", 2, ["MM116", "风速"])
    assert file.streams["MM116"].value.tolist() == [0.4, 0.5]
    assert file.streams["风速"].time.tolist() == [1767225630.0]
    assert file.span() == (1767225600.0, 1767225630.0)


def test_long(tmp_path: Path) -> None:
    rows = "2026-01-01T00:00:00Z,a,1\n2026-01-01T00:00:00Z,b,2\n2026-01-01T00:01:00Z,a,3\n"
    file = read_readings(wrote(tmp_path, "time,stream,value\n" + rows))
    assert {s: r.value.tolist() for s, r in file.streams.items()} == {"a": [1, 3], "b": [2]}


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1767225600),
        ("2026-01-01 00:00:00", 1767225600),
        ("2026-01-01T08:00:00+08:00", 1767225600),
        ("2026-01-01T00:00:00.25Z", 1767225600.25),
        ("1767225600", 1767225600),
    ],
)
def test_times(time: str, seconds: float, tmp_path: Path) -> None:
    file = read_readings(wrote(tmp_path, f"time,a\n{time},1\n"))
    assert file.streams["a"].time.tolist() == [seconds]


def test_times_in_order_of_arrival_and_unreadable_ones_are_kept(tmp_path: Path) -> None:
    rows = "2026-01-02,1\nnoon,2\n2026-01-01,3\n"
    file = read_readings(wrote(tmp_path, "time,a\n" + rows))
    readings = file.streams["a"]
    assert readings.value.tolist() == [1, 2, 3]
    assert np.isnan(readings.time[1]) and readings.time[0] > readings.time[2]
    assert (file.status, file.reasons) == ("partial", ["1 times cannot be read"])


@pytest.mark.parametrize("cell", ["n/a", "1,5e", "inf", "nan", "1e999", "9" * 300])
def test_values_that_are_no_numbers_are_told(cell: str, tmp_path: Path) -> None:
    file = read_readings(wrote(tmp_path, f'time,a\n2026-01-01,"{cell}"\n2026-01-02,2\n'))
    assert np.isnan(file.streams["a"].value[0]) and file.streams["a"].value[1] == 2
    assert file.status == "partial" and "'a'" in file.reasons[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "its first column is nothing"),
        ("a,b\n1,2\n", "its first column is 'a'"),
        ("time\n2026-01-01\n", "no column of readings"),
        ("time,a\n", "it has no rows"),
        ("time,a\nnoon,1\n", "no time can be read"),
        (b"\x00\x01\x02", "it is no text"),
        (b"time,a\n2026-01-01,\xff\xff\n", "it is no text"),
    ],
)
def test_what_is_no_readings_is_unreadable(content: str | bytes, said: str, tmp_path: Path) -> None:
    file = read_readings(wrote(tmp_path, content))
    assert file.status == "unreadable" and not file.streams
    assert said in file.reasons[0]


def test_rows_and_columns_that_do_not_fit_are_told(tmp_path: Path) -> None:
    file = read_readings(wrote(tmp_path, "time,a,a,\n2026-01-01,1,2,3\n2026-01-02,1\n"))
    assert list(file.streams) == ["a", "a (column 3)", "column 4"]
    assert file.status == "partial" and len(file.reasons) == 3


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_byte_order_marks_and_chinese_encodings(
    delimiter: str, tmp_path: Path
) -> None:
    content = f"\ufefftime{delimiter}甲烷\r\n2026-01-01{delimiter}1\r\n"
    assert list(read_readings(wrote(tmp_path, content)).streams) == ["甲烷"]
    encoded = content[1:].encode("gb18030")
    assert list(read_readings(wrote(tmp_path, encoded)).streams) == ["甲烷"]


def test_too_large_or_too_wide_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wrote(tmp_path, "time,a,b,c\n2026-01-01,1,2,3\n")
    monkeypatch.setattr(module, "MAX_STREAMS", 2)
    assert "columns" in read_readings(path).reasons[0]
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    assert "larger" in read_readings(path).reasons[0]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = read_readings(tmp_path / "none.csv")
    assert file.status == "unreadable" and "cannot be read" in file.reasons[0]


def test_what_cannot_be_reckoned_with_is_no_number(tmp_path: Path) -> None:
    rows = "".join(f"2026-01-01T00:0{i}:00Z,{v}\n" for i, v in enumerate(("1e300", "-inf", "3e38")))
    file = read_readings(wrote(tmp_path, "time,a\n" + rows))
    assert (file.status, file.reasons) == ("partial", ["2 values of 'a' are no numbers"])
    assert file.streams["a"].value[2] == 3e38


def test_cells_that_a_row_lacks_are_not_made_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[int] = []
    values = module._values

    def watched(cells: list[str], *more: Any) -> Any:
        looked_at.append(len(cells))
        return values(cells, *more)

    monkeypatch.setattr(module, "_values", watched)
    rows = "0,1,2\n" + "1\n" * 50 + "60,3\n61,4,5,6\n"
    file = read_readings(wrote(tmp_path, "time,a,b\n" + rows))
    assert looked_at == [3, 2] and file.rows == 53
    assert file.reasons == ["52 rows have more or fewer cells than the header"]
    assert file.streams["a"].time.tolist() == [0, 60, 61]
    assert file.streams["b"].time.tolist() == [0, 61]
    assert file.streams["b"].value.tolist() == [2, 5]
