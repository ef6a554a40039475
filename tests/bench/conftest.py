"""Tiny clips for the tamper kit."""

from pathlib import Path

import pytest

from detector.bench.clip import Clip
from detector.bench.encoding import Encoding
from detector.bench.scenes import Settings, scene
from detector.bench.tamper import tamper


@pytest.fixture
def clip() -> Clip:
    """Four seconds of people in a gallery at 10 pictures a second; every picture differs."""
    return scene("gallery", Settings(seconds=4, size="128x96", fps=10, passers_per_min=30))


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same footage as a file."""
    path = tmp_path_factory.mktemp("bench") / "gallery.mp4"
    settings = Settings(seconds=4, size="128x96", fps=10, passers_per_min=30)
    tamper(scene("gallery", settings), path, [], Encoding(gop=10, crf=12))
    return path
