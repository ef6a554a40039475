"""Decoding on a cluster: a real scheduler with two workers, on loopback."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from detector.apps.report.schema import Report
from detector.core.errors import UsageError
from detector.edge.cluster import Cluster
from tests.apps.audit.conftest import Auditor, Recordings
from tests.servers import free_port


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    folder, port = tmp_path_factory.mktemp("dask"), free_port()
    address = f"tcp://127.0.0.1:{port}"
    log = (folder / "log").open("wb")
    plain = ["--no-dashboard"]
    begun = [_started(["scheduler", "--host", "127.0.0.1", "--port", str(port), *plain], log)]
    one = ["--nthreads", "1", "--host", "127.0.0.1", "--local-directory", str(folder), *plain]
    begun += [_started(["worker", address, "--nworkers", "2", *one], log)]
    try:
        _await_workers(address, 2)
        yield address
    finally:
        for process in reversed(begun):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        log.close()


def _started(arguments: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    return subprocess.Popen(command, stdout=log, stderr=log)


def _await_workers(address: str, count: int) -> None:
    client_of: Any = importlib.import_module("distributed").Client
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with client_of(address, timeout=2, set_as_default=False) as client:
                client.wait_for_workers(count, timeout=30)
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("the scheduler did not start")


def test_an_audit_on_a_cluster_says_what_one_at_home_says(
    scheduler: str, recordings: Recordings, audit: Auditor, tmp_path: Path
) -> None:
    folder = tmp_path / "recorder"
    folder.mkdir()
    recordings.put("clean", folder / "gallery.mp4")
    recordings.put("held", folder / "hoist.mp4")
    (folder / "empty.mp4").write_bytes(b"")
    reports = []
    for name, more in (("home", ()), ("cluster", ("--cluster", scheduler))):
        out = tmp_path / name
        assert audit(folder, out=out, more=("--no-cache", *more)).status == 1
        reports.append(Report.model_validate_json((out / "report.json").read_bytes()))
        assert list((out / "evidence").glob("*.jpg"))
    home, cluster = reports
    assert home.inputs == cluster.inputs and home.coverage == cluster.coverage
    assert home.episodes == cluster.episodes


def test_a_scheduler_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="no scheduler answers"), Cluster("tcp://127.0.0.1:1"):
        pass
