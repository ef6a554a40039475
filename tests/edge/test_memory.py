"""Freed memory is kept, and whoever has no glibc is not bothered."""

from __future__ import annotations

import ctypes

import pytest

from detector.edge.memory import keep_memory


def test_the_library_is_told_all_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []

    class Library:
        def mallopt(self, what: int, size: int) -> int:
            told.append((what, size))
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    keep_memory()
    assert {what for what, _ in told} == {-1, -2, -3}


def test_another_library_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    keep_memory()
