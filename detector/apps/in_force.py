"""What of a configuration is in force for the detectors there are."""

from __future__ import annotations

from typing import Any

from detector.config import Configuration
from detector.detectors import CATALOGUE


def parameters_in_force(configuration: Configuration) -> dict[str, Any]:
    """The parameters of every detector: its defaults with the site's on top. ConfigError."""
    return {
        name: configuration.parameters(name, parameters)
        for name, (_, parameters) in CATALOGUE.items()
    }
