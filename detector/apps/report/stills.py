"""Stills of the evidence folder as data URIs: bounded, and nothing from outside the folder."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import quote

import cv2
import numpy as np

from detector.apps.report.schema import Episode, Still

#: Stills of one episode, and bytes of all stills together, that go into the page.
STILLS_PER_EPISODE = 8
TOTAL_BYTES = 24_000_000
#: With less than this left, no further still is tried.
LEAST_BYTES = 2_000
#: A larger picture goes in smaller: this many bytes as it is, else this many pixels wide.
AS_IT_IS_BYTES = 60_000
WIDTH_PX = 560
#: A file larger than this is no still.
FILE_BYTES = 20_000_000

State = Literal["shown", "left_out", "missing", "refused"]


@dataclass(frozen=True)
class Shown:
    """A still as the page shows it: inlined (``uri``), or the reason why not."""

    path: str
    detail: Still | None
    state: State
    uri: str = ""

    @property
    def href(self) -> str:
        """The relative address of the picture in full size."""
        return quote(self.path)


def inside(path: str, out_dir: Path) -> Path | None:
    """The file of a still, or None where the path leaves the evidence folder of ``out_dir``."""
    folder = (out_dir / "evidence").resolve()
    if "\\" in path or PurePosixPath(path).is_absolute():
        return None
    try:
        file = (out_dir / path).resolve()
    except (OSError, RuntimeError, ValueError):  # a symlink loop, a NUL in the name
        return None
    return file if file.is_relative_to(folder) and file != folder else None


def embed(
    episodes: Iterable[Episode], out_dir: Path, total_bytes: int = TOTAL_BYTES
) -> list[list[Shown]]:
    """The stills of every episode. Where not all fit, each episode's first ones go before any
    episode's later ones."""
    lists = [_details(episode) for episode in episodes]
    made: list[list[Shown | None]] = [[None] * len(stills) for stills in lists]
    order = sorted((rank, i) for i, stills in enumerate(lists) for rank in range(len(stills)))
    left = total_bytes
    for rank, i in order:
        path, detail = lists[i][rank]
        allowed = left if rank < STILLS_PER_EPISODE and left > LEAST_BYTES else 0
        shown = _one(path, detail, out_dir, allowed)
        left -= len(shown.uri)
        made[i][rank] = shown
    return [[shown for shown in row if shown is not None] for row in made]


def _details(episode: Episode) -> list[tuple[str, Still | None]]:
    paths = episode.evidence.stills
    details = episode.evidence.still_details or itertools.repeat(None, len(paths))
    return list(zip(paths, details, strict=True))


def _one(path: str, detail: Still | None, out_dir: Path, allowed: int) -> Shown:
    file = inside(path, out_dir)
    if file is None:
        return Shown(path, detail, "refused")
    if not file.is_file():
        return Shown(path, detail, "missing")
    if not allowed:
        return Shown(path, detail, "left_out")
    uri = _uri(file)
    if uri is None:
        return Shown(path, detail, "refused")
    return (
        Shown(path, detail, "shown", uri)
        if len(uri) <= allowed
        else Shown(path, detail, "left_out")
    )


def _uri(file: Path) -> str | None:
    """The picture as a data URI, or None where it is none."""
    if file.stat().st_size > FILE_BYTES:
        return None
    raw = file.read_bytes()
    kind = "jpeg" if raw.startswith(b"\xff\xd8\xff") else "png" if raw[:8] == _PNG else None
    if kind is None:
        return None
    if len(raw) > AS_IT_IS_BYTES:
        smaller = _smaller(raw)
        if smaller is None:
            return None
        kind, raw = "jpeg", smaller
    return f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"


_PNG = b"\x89PNG\r\n\x1a\n"


def _smaller(raw: bytes) -> bytes | None:
    picture = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    height, width = picture.shape[:2]
    if width > WIDTH_PX:
        size = (WIDTH_PX, max(1, round(height * WIDTH_PX / width)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return coded.tobytes() if done else None
