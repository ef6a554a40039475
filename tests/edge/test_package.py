"""Packages that were changed in any way are told; those that were not are not."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from detector.core.errors import ConfigError
from detector.edge import package as module
from detector.edge.ledger import Ledger, canonical
from detector.edge.package import MANIFEST, SIGNATURE, packed, proved
from detector.edge.site_key import NAME, fingerprint, public_of, public_text, site_key

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, bytes]:
    ledger = Ledger(tmp_path / "ledger.jsonl", lambda: 0.0)
    lines = b"".join(ledger.append("alert", {"id": str(i)}).line() for i in range(2))
    ledger.close()
    return {"ledger.jsonl": lines, "readings/a.csv": b"time,value\n", "alert.json": b"{}"}


def written(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, told in content.items():
            archive.writestr(name, told)
    return path


def content_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_was_not_changed_is_sound(
    tmp_path: Path, key: Ed25519PrivateKey, files: dict[str, bytes]
) -> None:
    made = packed(files, {"alert": "x"}, key)
    assert made == packed(dict(reversed(files.items())), {"alert": "x"}, key)
    path = tmp_path / "e.zip"
    path.write_bytes(made)
    known = fingerprint(public_text(key.public_key()))
    proof = proved(path, known)
    assert proof.problems == () and proof.key == known
    assert proof.manifest is not None and proof.manifest["alert"] == "x"
    (problem,) = proved(path, "0" * 64).problems
    assert "another key" in problem
    again = written(tmp_path / "again.zip", content_of(made))  # packed anew: the same content
    assert proved(again).problems == ()


def rewritten(content: dict[str, bytes]) -> None:
    manifest = json.loads(content[MANIFEST])
    manifest["by"] = "somebody else"
    content[MANIFEST] = canonical(manifest)


def signed_by_another(content: dict[str, bytes]) -> None:
    other = Ed25519PrivateKey.generate()
    content[SIGNATURE] = base64.b64encode(other.sign(content[MANIFEST]))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c.update({"alert.json": b"[]"}), "'alert.json' was changed"),
        (lambda c: c.update({"alert.json": b"{ }"}), "'alert.json' was changed"),
        (lambda c: c.update({"more.txt": b""}), "'more.txt' was added"),
        (lambda c: c.update({"../up.txt": b""}), "'../up.txt' was added"),
        (lambda c: c.pop("readings/a.csv"), "'readings/a.csv' is missing"),
        (lambda c: c.pop(MANIFEST), "is missing"),
        (lambda c: c.pop(SIGNATURE), "is missing"),
        (lambda c: c.update({SIGNATURE: b"nonsense"}), "changed after signing"),
        (lambda c: c.update({MANIFEST: b"[1]"}), "cannot be read"),
        (lambda c: c.update({MANIFEST: b'{"files": [], "public_key": "x"}'}), "cannot be read"),
        (rewritten, "changed after signing"),
        (signed_by_another, "changed after signing"),
    ],
)
def test_any_change_is_told(
    tmp_path: Path, key: Ed25519PrivateKey, files: dict[str, bytes], change: Change, told: str
) -> None:
    content = content_of(packed(files, {}, key))
    change(content)
    problems = proved(written(tmp_path / "e.zip", content)).problems
    assert problems and told in problems[0]


def test_a_forged_entry_of_the_ledger_is_told_even_if_it_was_signed(
    tmp_path: Path, key: Ed25519PrivateKey, files: dict[str, bytes]
) -> None:
    files["ledger.jsonl"] = files["ledger.jsonl"].replace(b'{"id":"1"}', b'{"id":"2"}')
    path = tmp_path / "e.zip"
    path.write_bytes(packed(files, {}, key))
    (problem,) = proved(path).problems
    assert "ledger.jsonl:2" in problem and "hash" in problem


def test_what_is_no_package_is_told(tmp_path: Path, key: Ed25519PrivateKey) -> None:
    path = tmp_path / "e.zip"
    for content in (b"", b"PK\x03\x04 nothing", packed({"a": b"x" * 9999}, {}, key)[:-40]):
        path.write_bytes(content)
        assert proved(path).problems
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", b"2")
    assert proved(path).problems == ("a file is in it twice",)
    broken = bytearray(packed({"a": bytes(range(256)) * 40}, {}, key))
    broken[60] ^= 0xFF
    path.write_bytes(broken)
    assert proved(path).problems


def test_names_that_are_no_text_and_offsets_before_the_file_are_told(
    tmp_path: Path, key: Ed25519PrivateKey
) -> None:
    path, whole = tmp_path / "e.zip", packed({"矿.csv": b"x"}, {}, key)
    path.write_bytes(whole.replace("矿".encode(), b"\xff\xff\xff"))
    assert "no whole ZIP" in proved(path).problems[0]
    before = bytearray(whole)
    before[-6:-2] = (2**31).to_bytes(4, "little")  # where the directory begins
    path.write_bytes(before)
    assert "no whole ZIP" in proved(path).problems[0]
    with pytest.raises(FileNotFoundError):
        proved(tmp_path / "none.zip")


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE, "ledger.jsonl"])
def test_what_is_read_as_a_whole_is_bounded(
    name: str, tmp_path: Path, key: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "e.zip", content_of(packed({"ledger.jsonl": b""}, {}, key)))
    assert not proved(path).problems
    content = content_of(path.read_bytes()) | {name: b"0" * 20_000}
    monkeypatch.setitem(module._WHOLE, name, 19_999)
    assert "larger than any" in proved(written(path, content)).problems[0]


def test_the_site_has_one_key_for_its_eyes_only(tmp_path: Path) -> None:
    key, new = site_key(tmp_path)
    again, not_new = site_key(tmp_path)
    public = public_text(key.public_key())
    assert new and not not_new and public_text(again.public_key()) == public
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    known = fingerprint(public)
    assert public_of(str(tmp_path / "site-key.pub")) == known
    assert public_of(public) == known and public_of(known.upper()) == known
    for wrong in ("", "abc", "z" * 64, str(tmp_path / "none.pub"), "AAAA"):
        assert public_of(wrong) is None
    (tmp_path / NAME).write_text("nothing", "utf-8")
    with pytest.raises(ConfigError, match="no key"):
        site_key(tmp_path)
