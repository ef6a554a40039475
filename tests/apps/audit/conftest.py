"""Recordings to audit, and audits of them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from detector.apps.report.schema import Report, dump
from detector.cli import main
from tests.detectors.footage import Studio

HOLD = "hold:start=8,seconds=6"


@dataclass(frozen=True)
class Audit:
    """An audit that was run: its exit status, its folder and its report, read back."""

    status: int
    out: Path

    @property
    def bytes(self) -> bytes:
        return (self.out / "report.json").read_bytes()

    @property
    def report(self) -> Report:
        """Valid by the models that the JSON Schema is made from, and in canonical form."""
        report = Report.model_validate_json(self.bytes)
        assert dump(report) == self.bytes
        return report


@dataclass(frozen=True)
class Auditor:
    """Runs ``trueshaft audit``, keeping what is decoded between runs."""

    cache: Path

    def __call__(self, *paths: Path, out: Path, more: tuple[str, ...] = ()) -> Audit:
        """Audit paths into ``out``."""
        cached = () if "--no-cache" in more else ("--cache", str(self.cache))
        names = [str(path) for path in paths]
        return Audit(main(["audit", *names, "--out", str(out), "--quiet", *cached, *more]), out)


@pytest.fixture(scope="session")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    """Runs an audit in this process."""
    return Auditor(tmp_path_factory.mktemp("cache"))


@dataclass(frozen=True)
class Recordings:
    """Small recordings, made once, to be copied to where a test wants them."""

    clean: Path
    held: Path
    other: Path
    copy: Path

    def put(self, name: str, to: Path) -> Path:
        """A copy of one of them at ``to``."""
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(getattr(self, name), to)
        return to


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    """A clean gallery, one held for 6 s, a hoist, and a copy of the clean gallery."""
    studio = Studio(tmp_path_factory.mktemp("recordings"))
    return Recordings(
        clean=studio.record("gallery,seconds=20"),
        held=studio.record("conveyor,seconds=20", HOLD, "clock"),
        other=studio.record("hoist,seconds=20"),
        copy=studio.record("gallery,seconds=20", "trim:start=4,seconds=12", "gamma:value=1.3"),
    )
