"""An alert's package has what belongs to it, and holds anywhere without a network."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from detector.apps.evidence.gathering import _name
from detector.apps.web.evidence import attached
from detector.cli import main
from detector.edge.ledger import parsed
from tests.apps.web.conftest import signed_in
from tests.apps.web.making import MINE, Hall
from tests.apps.web.test_tuning import tell


def fetched(hall: Hall, client: httpx.Client, stream: str, path: Path) -> zipfile.ZipFile:
    signed_in(client, "chen")
    answer = client.get(f"/alerts/{hall.alert_of(stream)}/evidence.zip")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    path.write_bytes(answer.content)
    return zipfile.ZipFile(path)


def test_what_belongs_to_an_alert_is_in_it(
    hall: Hall, client: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(hall, "methane")
    path = tmp_path / "e.zip"
    with fetched(hall, client, "methane", path) as package:
        names = set(package.namelist())
        fixed = {"alert.json", "configuration.json", "ledger.jsonl", "summary.en.html"}
        assert fixed | {"readings/methane.csv", "scores/flat_signal-methane.csv"} <= names
        rows = list(csv.DictReader(io.StringIO(package.read("readings/methane.csv").decode())))
        assert len(rows) > 100 and rows[0]["time"].endswith("+00:00") and float(rows[0]["value"])
        known = json.loads(package.read("configuration.json"))
        assert known["site"]["mine"]["code"] == MINE and "mqtt" not in known["site"]
        assert known["thresholds"]["flat_signal"]["raise_at"] == 1.5
        entries = [parsed(line) for line in package.read("ledger.jsonl").splitlines(True)]
        assert {"alert", "handled"} <= {e.kind for e in entries}
        english, chinese = (package.read(f"summary.{n}.html").decode() for n in ("en", "zh"))
        assert "Innocent explanations" in english and "可能的正常原因" in chinese
        assert "http" not in english.replace("http-equiv", "")
    (noted,) = hall.entries("evidence")
    assert noted.document["by"] == "chen"
    (made,) = hall.entries("site_key")
    key = made.document["fingerprint"]
    assert main(["verify", str(path), "--key", key]) == 0
    told = capsys.readouterr().out
    assert f"key {key} (as was asked for)" in told and "as they were signed" in told
    assert main(["verify", str(path), "--key", str(hall.folder / "site-key.pub")]) == 0
    assert main(["verify", str(path)]) == 0 and "compare it" in capsys.readouterr().out
    assert main(["verify", str(path), "--key", "0" * 64]) == 1
    assert main(["verify", str(path), "--key", "mine"]) == 2
    assert main(["verify", str(tmp_path / "none.zip")]) == 2


def test_the_first_that_was_told_is_in_the_excerpt(
    hall: Hall, client: httpx.Client, tmp_path: Path
) -> None:
    first = hall.alert_of("hoist")
    seqs = [e.seq for e in hall.entries("alert") if e.document["id"] == first]
    for begun in (900.0, 600.0):
        hall.clock.now += 60.0
        more = hall.found("inconsistent_production", "hoist", kind="hoist_at_work", begun=begun)
        seqs += [e.seq for e in more]
    with fetched(hall, client, "hoist", tmp_path / "e.zip") as package:
        lines = package.read("ledger.jsonl").splitlines(True)
    told = [e.seq for e in map(parsed, lines) if e.kind == "alert"]
    assert len(seqs) == 4 and told == [seqs[0], seqs[-1]]


def test_pictures_of_both_showings_are_in_it(
    hall: Hall, client: httpx.Client, tmp_path: Path
) -> None:
    with fetched(hall, client, "main-shaft", tmp_path / "e.zip") as package:
        shown = [name for name in package.namelist() if name.startswith("pictures/")]
        assert any("own" in n for n in shown) and any("other" in n for n in shown)
        assert all(package.read(n).startswith(b"\x89PNG") for n in shown)
        assert f'src="{shown[0]}"' in package.read("summary.en.html").decode()


def test_a_changed_package_is_told(
    hall: Hall, client: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed.zip"
    with (
        fetched(hall, client, "hoist", tmp_path / "e.zip") as package,
        zipfile.ZipFile(changed, "w") as other,
    ):
        for name in package.namelist():
            content = package.read(name)
            other.writestr(name, content.replace(b"critical", b"info"))
    assert main(["verify", str(changed)]) == 1
    assert "'alert.json' was changed" in capsys.readouterr().out


def test_it_is_for_those_who_may_see_the_alert(hall: Hall, client: httpx.Client) -> None:
    address = f"/alerts/{hall.alert_of('hoist')}/evidence.zip"
    assert client.get(address).status_code == 303
    signed_in(client, "wang")
    assert client.get(address).status_code == 404
    assert client.get("/alerts/none/evidence.zip").status_code == 404
    assert hall.entries("evidence") == []


def test_no_two_streams_are_one_file() -> None:
    streams = ("hoist", "Hoist", "ho.ist", "ho_ist", "ho/ist", "ho_2Fist", "井", "_E4_BA_95")
    names = {_name(stream).lower() for stream in streams}
    assert len(names) == len(streams) and "hoist" in names
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-") for name in names)


def test_a_mine_of_any_name_has_packages_to_download() -> None:
    told = attached('evidence-矿"7-1.zip')
    assert told.isascii() and 'filename="evidence-__7-1.zip"' in told
    assert told.endswith("filename*=UTF-8''evidence-%E7%9F%BF%227-1.zip")
