"""The work done in decoder processes: packets, features, stills of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detector.edge.job import Job
from detector.edge.packets import Packets, read_packets
from detector.edge.recording import Extraction
from detector.edge.stills import save_stills
from detector.edge.store import FeatureStore
from detector.edge.video import extract

Windows = Sequence[tuple[float, float]]


def packets(job: Job, path: Path, folder: Path) -> dict[str, Any]:
    """Store the packets of a recording; read them back with :func:`load_packets`."""
    cv2.setNumThreads(1)
    found = read_packets(path, job.progress)
    store = FeatureStore(folder)
    job.delivered(
        store.append("packets", {"time": found.time, "size": found.size, "key": found.key})
    )
    facts = asdict(found)
    for name in ("time", "size", "key"):
        del facts[name]
    for fault in found.faults:
        job.fault(fault)
    return facts


def load_packets(folder: Path, facts: dict[str, Any]) -> Packets:
    """The packets that :func:`packets` stored in ``folder``; ``facts`` is what it returned."""
    columns: dict[str, Any] = {**FeatureStore(folder).columns("packets")}
    return Packets(**columns, **{**facts, "faults": tuple(facts["faults"])})


def features(
    job: Job,
    path: Path,
    folder: Path,
    keys_only: bool = False,
    windows: Windows | None = None,
    between: tuple[float, float] | None = None,
    known: Packets | None = None,
) -> dict[str, Any]:
    """Store features of a recording, all pictures, key frames or windows (:func:`extract`).

    ``known`` packets save reading them again for windows.
    """
    cv2.setNumThreads(1)
    store = FeatureStore(folder)
    extraction = Extraction(beat=job.progress)
    for block in extract(
        path,
        "",
        extraction,
        keys_only=keys_only,
        between=between,
        windows=windows,
        packets=known,
    ):
        job.delivered(store.write(block))
    for fault in extraction.faults:
        job.fault(fault)
    return {
        "pictures": extraction.pictures,
        "last_time": extraction.last_time,
        "sizes": sorted(extraction.sizes),
        "seekable": extraction.seekable,
    }


def stills(
    job: Job,
    path: Path,
    times_s: Sequence[float],
    targets: Sequence[Path],
    max_width: int = 960,
    known: Packets | None = None,
    seekable: bool = False,
) -> dict[str, Any]:
    """Save pictures of a recording as JPEG (:func:`detector.edge.stills.save_stills`)."""
    cv2.setNumThreads(1)
    saved = save_stills(path, times_s, targets, max_width, known, job.progress, seekable)
    job.delivered(int(np.count_nonzero(saved)))
    return {"saved": list(saved)}
