"""Recordings shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edge import nasty


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The nasty recording of this name, made once."""
    builders = {**nasty.ODD, **nasty.DAMAGED, **nasty.UNREADABLE}
    known: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in known:
            known[name] = builders[name](tmp_path_factory.mktemp(name))
        return known[name]

    return make
