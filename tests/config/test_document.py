"""TOML files: where things are written, and how problems are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.config.document import name_of, read_document
from detector.core.errors import ConfigError

TEXT = """\
# a comment

top = 1
[a.b]
list = [
  [1, 2],
  { x = 1 },
]
text = '''
[not.a.table]
key = 1
'''
"quoted key".deep = 3
[[rows]]
name = "one"
[rows.more]
x = 1
[[rows]]
name = "two" # with = sign
inline = { p = 1, q = [ { r = 2 } ] }
"""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_knows_the_line_of_everything(document: Path, ending: str) -> None:
    document.write_bytes(TEXT.replace("\n", ending).encode())
    lines = read_document(document).lines
    assert lines == {
        ("top",): 3,
        ("a", "b"): 4,
        ("a", "b", "list"): 5,
        ("a", "b", "list", 0): 5,
        ("a", "b", "list", 0, 0): 5,
        ("a", "b", "list", 0, 1): 5,
        ("a", "b", "list", 1): 5,
        ("a", "b", "list", 1, "x"): 5,
        ("a", "b", "text"): 9,
        ("a", "b", "quoted key"): 13,
        ("a", "b", "quoted key", "deep"): 13,
        ("rows", 0): 14,
        ("rows", 0, "name"): 15,
        ("rows", 0, "more"): 16,
        ("rows", 0, "more", "x"): 17,
        ("rows", 1): 18,
        ("rows", 1, "name"): 19,
        ("rows", 1, "inline"): 20,
        ("rows", 1, "inline", "p"): 20,
        ("rows", 1, "inline", "q"): 20,
        ("rows", 1, "inline", "q", 0): 20,
        ("rows", 1, "inline", "q", 0, "r"): 20,
    }


def test_a_place_that_is_not_written_is_where_its_table_is(document: Path) -> None:
    document.write_text(TEXT)
    read = read_document(document)
    assert read.where(("rows", 1, "absent")) == f"{document}:18"
    assert read.where(("absent",)) == str(document)
    assert name_of(("rows", 1, "absent")) == "rows[2].absent"


def test_a_byte_order_mark_is_no_matter(document: Path) -> None:
    document.write_bytes("\ufeffname = '井'\n".encode())
    assert read_document(document).values == {"name": "井"}


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b"a = 1\nb = \n", ":2", "Invalid value"),
        (b"a = 1\na = 2\n", ":2", "overwrite"),
        ("name = '井'".encode("gbk"), "", "not UTF-8"),
    ],
)
def test_tells_what_is_no_toml(document: Path, content: bytes, line: str, what: str) -> None:
    document.write_bytes(content)
    with pytest.raises(ConfigError, match=what) as caught:
        read_document(document)
    assert caught.value.where == f"{document}{line}"
    assert caught.value.todo


def test_tells_what_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.toml"):
        with pytest.raises(ConfigError) as caught:
            read_document(path)
        assert caught.value.where == str(path)
