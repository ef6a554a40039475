"""Decoders that fail, each in its way; run as tasks."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from detector.core.errors import UnreadableInput
from detector.core.observation import TILES, Frames
from detector.edge.job import Job
from detector.edge.store import FeatureStore


def rows(count: int, first: int = 0) -> Frames:
    """Rows that can be told apart."""
    time = np.arange(first, first + count, dtype=np.float64) * 0.2
    return Frames(
        stream="a",
        time=time,
        seconds=np.full(count, 0.2, np.float32),
        pictures=np.ones(count, np.int32),
        motion=np.full((count, *TILES), 3, np.int8),
        stir=np.full((count, *TILES), 4, np.uint8),
        coded=np.arange(first, first + count, dtype=np.int32),
    )


def decode(job: Job, folder: Path, count: int = 3) -> dict[str, Any]:
    """Behave well."""
    deliver(job, folder, count)
    return {"process": os.getpid()}


def deliver(job: Job, folder: Path, count: int) -> None:
    """Store and tell of ``count`` rows."""
    store = FeatureStore(folder)
    job.delivered(store.write(rows(count)))
    time.sleep(0.01)
    job.progress(count * 0.2)


def crash(job: Job, folder: Path, delivered: int = 0) -> dict[str, Any]:
    """Read address 0."""
    if delivered:
        deliver(job, folder, delivered)
    ctypes.string_at(0)
    return {}


def abort(job: Job) -> dict[str, Any]:
    """End as a C library does that finds its heap corrupted."""
    os.write(2, b"free(): invalid pointer\n")
    os.abort()


def leave(job: Job) -> dict[str, Any]:
    """End the process without a word."""
    os._exit(3)


def hang(job: Job, folder: Path, delivered: int = 0) -> dict[str, Any]:
    """Never come back."""
    if delivered:
        deliver(job, folder, delivered)
    while True:
        time.sleep(1)


def dawdle(job: Job) -> dict[str, Any]:
    """Show signs of life for ever."""
    at = 0.0
    while True:
        time.sleep(0.05)
        at += 0.001
        job.progress(at)


def hog(job: Job) -> dict[str, Any]:
    """Take all memory there is."""
    return {"taken": [np.ones(1_000_000) for _ in range(10_000)]}


def hog_in_c(job: Job) -> dict[str, Any]:
    """Take all memory there is and crash, as C does where it does not check."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while True:
        ctypes.memset(libc.malloc(ctypes.c_size_t(10_000_000)), 1, 10_000_000)


def fail(job: Job) -> dict[str, Any]:
    """Raise what nobody expects."""
    raise KeyError("no such box")


def refuse(job: Job) -> dict[str, Any]:
    """Find nothing that could be decoded."""
    raise UnreadableInput("there is no video in it")


def fill_disk(job: Job) -> dict[str, Any]:
    """Find no room to write."""
    raise OSError(28, "No space left on device")


def complain(job: Job, folder: Path) -> dict[str, Any]:
    """Come to an end, but not without faults."""
    deliver(job, folder, 2)
    job.fault("some pictures are damaged")
    return {}


def chatter(job: Job) -> dict[str, Any]:
    """Write to standard output and standard error."""
    for descriptor in (1, 2):
        os.write(descriptor, b"decoder noise\n")
    return {"limits": [os.nice(0)]}
