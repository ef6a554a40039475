"""Errors of the product: each says what, where and what to do."""

from __future__ import annotations


class TrueshaftError(Exception):
    """Something a user can act on: ``what`` went wrong, ``where``, and what ``todo``."""

    def __init__(self, what: str, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.todo = what, where, todo


class ConfigError(TrueshaftError):
    """The configuration cannot be used."""


class UsageError(TrueshaftError):
    """The command was called wrongly."""


class UnreadableInput(TrueshaftError):
    """An input cannot be read; ``what`` is the reason."""
