"""Fixtures shared by the tests of this folder."""

from __future__ import annotations

import pytest

from tests.detectors.footage import Studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Films, tampers with, encodes and decodes footage; the same only once."""
    return Studio(tmp_path_factory.mktemp("footage"))
