"""`trueshaft verify`."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.cli import main
from detector.edge.ledger import Ledger


def test_verify_tells_whole_and_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    entries = [ledger.append("alert", {"n": n}) for n in range(3)]
    ledger.close()
    known = f"{entries[1].seq}:{entries[1].hash}"
    assert main(["verify", str(tmp_path), "--known", known]) == 0
    assert "3 entries are as they were written" in capsys.readouterr().out
    text = ledger.path.read_text().replace('"n":1', '"n":7')
    ledger.path.write_text(text)
    assert main(["verify", str(ledger.path)]) == 1
    assert f"{ledger.path}:2: its content does not have its hash" in capsys.readouterr().out


def test_verify_of_nothing_is_wrong_usage(tmp_path: Path) -> None:
    assert main(["verify", str(tmp_path)]) == 2
    (tmp_path / "ledger.jsonl").write_text("")
    assert main(["verify", str(tmp_path), "--known", "1:abc"]) == 2
