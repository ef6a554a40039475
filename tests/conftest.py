"""Fixtures shared by all tests: the real footage and readings, where they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small products on one thread, as in the audit: threads waiting for each other cost more."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of development data: $TRUESHAFT_DATA, else ../shared/data beside the checkout."""
    named = os.environ.get("TRUESHAFT_DATA")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no development data: set TRUESHAFT_DATA or put it at ../shared/data")
    return folder


@pytest.fixture(scope="session")
def video(data_dir: Path) -> Callable[[str], Path]:
    """The real recording of this name; the test is skipped where it is absent."""
    return _named(data_dir / "video")


@pytest.fixture(scope="session")
def sensor(data_dir: Path) -> Callable[[str], Path]:
    """The real readings of this name; the test is skipped where they are absent."""
    return _named(data_dir / "sensor")


def _named(folder: Path) -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = folder / name
        if not path.is_file():
            pytest.skip(f"{folder.name}/{name} is not among the development data")
        return path

    return find
