"""Where the files that ship with the package are."""

from __future__ import annotations

from pathlib import Path

from detector.core.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """The path of a file or folder that ships with the package, as it is named in the checkout.

    In a checkout these are ``config/`` and ``models/`` beside the package, in an installed package
    they are inside it. Raises ConfigError where it is absent.

    >>> shipped("config/thresholds.toml").name
    'thresholds.toml'
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parent):
        path = root / name
        if path.exists():
            return path
    raise ConfigError(
        f"{name} is missing from the installation",
        str(_PACKAGE),
        "install the package again",
    )
