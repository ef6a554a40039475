"""What is distributed: the wheel and the lock."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the checkout, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = folder.glob("trueshaft-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "unpacked")
    return folder / "unpacked"


def test_the_wheel_finds_what_ships_with_it(unpacked: Path) -> None:
    code = "from detector.config import load, shipped; load(); print(shipped('models'))"
    path = f"import sys; sys.path.insert(0, {str(unpacked)!r})"
    run = [sys.executable, "-P", "-c", f"{path}; {code}"]
    shown = subprocess.run(run, cwd=unpacked, check=True, capture_output=True, text=True)
    assert Path(shown.stdout.strip()) == unpacked / "detector" / "_shipped" / "models"


def test_the_wheel_holds_everything_of_the_package(unpacked: Path) -> None:
    kept = {".py", ".html", ".css", ".js", ".json", ".toml", ".typed"}
    ours = {p.relative_to(CHECKOUT) for p in (CHECKOUT / "detector").rglob("*") if p.suffix in kept}
    held = {p.relative_to(unpacked) for p in unpacked.rglob("*")}
    assert {p for p in ours if "_shipped" not in p.parts} <= held
    assert {p.parts[0] for p in held} == {"detector", unpacked_metadata(unpacked)}


def unpacked_metadata(unpacked: Path) -> str:
    (metadata,) = unpacked.glob("*.dist-info")
    assert "trueshaft = detector.cli:main" in (metadata / "entry_points.txt").read_text()
    assert (metadata / "licenses" / "LICENSE").is_file()
    return metadata.name


def test_the_lock_is_of_everything_with_hashes_and_without_addresses() -> None:
    lock = (CHECKOUT / "requirements.lock").read_text()
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["bench"],
        *project["dependency-groups"]["dev"],
    ]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in wanted}
    pinned = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)
    assert names <= set(pinned)
    assert lock.count("\n    --hash=sha256:") >= len(pinned)
    assert not re.search(r"://|index-url|find-links", lock)
