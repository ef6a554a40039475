"""The rich report of these tests, painted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.apps.report.schema import Report
from tests.apps.report.sample import rich


@pytest.fixture(scope="session")
def out_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the evidence of the rich report."""
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="session")
def report(out_dir: Path) -> Report:
    """A report with everything in it."""
    return rich(out_dir)
