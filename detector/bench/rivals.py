"""What a user would otherwise pick, on the same files: ffmpeg's filters and PDQ frame matching."""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pdqhash
from numpy.typing import NDArray
from pydantic import TypeAdapter

from detector.bench.judge import Answers
from detector.bench.making import Pool, kept_beside
from detector.core.accuracy import Finding, Showing
from detector.core.errors import TrueshaftError

RIVALS = ("freezedetect", "freezedetect tuned", "blackdetect", "PDQ")
FREEZE_TUNED = "n=0.003:d=5"
#: PDQ's own advice for a match, and its least quality of a picture worth hashing.
_DISTANCE, _QUALITY = 31, 50
#: Seconds in a row at one lag that make a match, and the shortest lag to the own past.
_RUN_S, _MIN_LAG_S = 4, 4
_SIDE = 512
_VERSION = 1


@dataclass(frozen=True)
class Measured:
    """What the rivals say of one recording: stretches in s, and a hash a second ("" = none)."""

    frozen: list[tuple[float, float]]
    frozen_tuned: list[tuple[float, float]]
    black: list[tuple[float, float]]
    hashes: list[str]


def rivals_of(pool: Pool, footage: Path, work: Path) -> dict[str, Answers]:
    """What each rival says of a pool; measured once for each recording and kept."""
    told = [
        (recipe, _kept(*kept_beside(recipe, footage, work, f"rivals{_VERSION}.json")))
        for recipe in pool.recipes
    ]
    found: dict[str, list[Finding]] = {rival: [] for rival in RIVALS}
    for recipe, values in told:
        for rival, detector, stretches in (
            ("freezedetect", "frozen_frame", values.frozen),
            ("freezedetect tuned", "frozen_frame", values.frozen_tuned),
            ("blackdetect", "uninformative_frame", values.black),
        ):
            for start_s, end_s in stretches:
                span = start_s + recipe.offset_s, end_s + recipe.offset_s
                found[rival].append(Finding(detector, recipe.stream, *span))
    hashes = [(r.stream, r.offset_s, _bits(m.hashes)) for r, m in told]
    for stream, offset_s, own in hashes:
        for at, before, run in matches(own, own, _MIN_LAG_S):
            other = Showing(stream, before + offset_s, at - before)
            span = at + offset_s, at + run + offset_s
            found["PDQ"].append(Finding("replayed_video", stream, *span, other))
    for (stream, offset_s, own), (mate, mate_s, its) in combinations(hashes, 2):
        for at, there, run in matches(own, its):
            other = Showing(mate, there + mate_s, at + offset_s - there - mate_s)
            span = at + offset_s, at + run + offset_s
            same = "replayed_video" if mate == stream else "duplicated_video"
            found["PDQ"].append(Finding(same, stream, *span, other))
    return {rival: Answers(tuple(findings)) for rival, findings in found.items()}


def matches(
    own: NDArray[np.uint8], other: NDArray[np.uint8], min_lag: int | None = None
) -> list[tuple[int, int, int]]:
    """(own second, other second, seconds) of runs in which hashes match at one lag.

    Hashes are (n, 256) bits, 255 where there is none. The longest runs first, none of whose own
    seconds overlap. With `min_lag` (s) only earlier seconds of the other count: its own past.
    """
    usable = (own[:, :1] < 2) & (other[:, :1] < 2).T if len(own) and len(other) else None
    if usable is None:
        return []
    a, b = own.astype(np.int32), other.astype(np.int32)
    near = usable & (a @ (1 - b).T + (1 - a) @ b.T <= _DISTANCE)
    runs = []
    lowest = min_lag if min_lag is not None else 1 - len(other)
    for lag in range(lowest, len(own)):
        line = np.diagonal(near, -lag)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(np.int8), [0]])))
        for first, last in edges.reshape(-1, 2):
            if last - first >= _RUN_S:
                runs.append(
                    (int(first) + max(0, lag), int(first) + max(0, -lag), int(last - first))
                )
    taken = np.zeros(len(own), dtype=bool)
    found = []
    for at, there, run in sorted(runs, key=lambda r: (-r[2], r)):
        if not taken[at : at + run].any():
            taken[at : at + run] = True
            found.append((at, there, run))
    return sorted(found)


def _kept(path: Path, kept: Path) -> Measured:
    form = TypeAdapter(Measured)
    if kept.exists():
        return form.validate_json(kept.read_bytes())
    measured = _measured(path)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(form.dump_python(measured)))
    return measured


def _measured(path: Path) -> Measured:
    with tempfile.TemporaryDirectory(prefix="rivals-") as name:
        folder = Path(name)
        graph = (
            "[0:v:0]split=4[a][b][c][d];"
            "[a]freezedetect,metadata=print:file=usual.txt[x];"
            f"[b]freezedetect={FREEZE_TUNED},metadata=print:file=tuned.txt[y];"
            "[c]blackdetect,metadata=print:file=black.txt[z];"
            f"[d]fps=1,scale={_SIDE}:{_SIDE}[h]"
        )
        command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", str(path.resolve())]
        command += ["-filter_complex", graph]
        for end in ("x", "y", "z"):
            command += ["-map", f"[{end}]", "-f", "null", "-"]
        command += ["-map", "[h]", "-f", "rawvideo", "-pix_fmt", "rgb24", "hashed.raw"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        raw = folder / "hashed.raw"
        if not raw.is_file():
            raise TrueshaftError(
                f"ffmpeg failed: {done.stderr.strip()[-300:]}", str(path), "install ffmpeg"
            )
        pictures = np.fromfile(raw, dtype=np.uint8).reshape(-1, _SIDE, _SIDE, 3)
        return Measured(
            frozen=_stretches(folder / "usual.txt", "freeze", len(pictures)),
            frozen_tuned=_stretches(folder / "tuned.txt", "freeze", len(pictures)),
            black=_stretches(folder / "black.txt", "black", len(pictures)),
            hashes=[_hash(picture) for picture in pictures],
        )


def _stretches(log: Path, what: str, seconds: float) -> list[tuple[float, float]]:
    """Stretches that a filter wrote into the pictures' metadata; one may last to the end."""
    text = log.read_text()
    starts = [float(time) for time in re.findall(rf"{what}_start=([\d.]+)", text)]
    ends = [float(time) for time in re.findall(rf"{what}_end=([\d.]+)", text)]
    ends += [max([seconds, *starts])] if len(starts) > len(ends) else []
    return list(zip(starts, ends, strict=True))


def _hash(picture: NDArray[np.uint8]) -> str:
    bits, quality = pdqhash.compute(np.ascontiguousarray(picture))
    return np.packbits(bits.astype(np.uint8)).tobytes().hex() if quality >= _QUALITY else ""


def _bits(hashes: Sequence[str]) -> NDArray[np.uint8]:
    rows = np.full((len(hashes), 256), 255, dtype=np.uint8)
    for row, text in zip(rows, hashes, strict=True):
        if text:
            row[:] = np.unpackbits(np.frombuffer(bytes.fromhex(text), dtype=np.uint8))
    return rows
