"""Running a program and watching what it uses."""

import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

_POLL_S = 0.05


@dataclass(frozen=True)
class Run:
    """One run of a program: wall time, processor time, and the most memory of one process.

    `worker_mb` is of the largest process that the program started, `main_mb` its own.
    """

    wall_s: float
    cpu_s: float
    main_mb: float
    worker_mb: float


def watched(command: Sequence[str]) -> Run:
    """Runs a program, watching the memory of it and of the processes it starts."""
    before, begun = _cpu_s(), time.perf_counter()
    main_mb = worker_mb = 0.0
    with tempfile.TemporaryFile() as told:
        program = subprocess.Popen(command, stdout=told, stderr=told)
        process = psutil.Process(program.pid)
        while program.poll() is None:
            main_mb = max(main_mb, _resident_mb(process))
            worker_mb = max([worker_mb, *map(_resident_mb, _started_by(process))])
            time.sleep(_POLL_S)
    return Run(time.perf_counter() - begun, _cpu_s() - before, main_mb, worker_mb)


def _started_by(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
