"""`python -m detector.bench.console`: how fast the console answers with a district in store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from socket import socket
from urllib.parse import urlencode

import numpy as np

from detector.bench.district import PASSWORD, USER, District, make
from detector.bench.markdown import table

#: Seconds that may be taken: by pages, and by a comparison of thresholds.
_PAGE_S, _PREVIEW_S = 0.2, 1.0
_TIMES = 15
_SERVER = (
    "import sys; from pathlib import Path; from detector.apps.serve.processes import http_main;"
    " http_main(Path(sys.argv[1]))"
)


@dataclass(frozen=True)
class Timed:
    """Seconds from asking to the whole answer: the first time, then the median and the worst;
    ``busy``: processor seconds that the server then took for one."""

    what: str
    first: float
    busy: float
    median: float
    worst: float
    most_s: float
    kilobytes: float

    def row(self) -> tuple[str, ...]:
        """It as a row of a table; it is reckoned by its median."""
        figures = (self.most_s, self.median, self.worst, self.busy, self.first)
        told = "reached" if self.median < self.most_s else "**not reached**"
        return (self.what, *(f"{s * 1e3:.0f}" for s in figures), f"{self.kilobytes:.0f}", told)


def section(district: District | None = None) -> str:
    """The Markdown section: pages and comparisons over a district made for it."""
    district = district or District()
    with tempfile.TemporaryDirectory(prefix="trueshaft-bench-") as folder:
        port = _free_port()
        site = make(district, Path(folder) / "district", port)
        with _served(site, port, district.alerts) as (client, begun_s):
            timed = [_timed(client, *what) for what in _pages(district)]
    size = (
        f"{district.mines} mines, {district.streams:,} streams, {district.alerts:,} alerts in the"
        f" ledger, {district.days} days of one score in steps of 1 s"
    )
    load, cores = os.getloadavg()[0], os.cpu_count()
    how = (
        f"{size}. From asking to the whole answer over loopback, {_TIMES} times after the first, by"
        f" one process, and its processor time for one; {begun_s:.0f} s after its start it has read"
        f" the ledger. Load of the machine: {load:.0f} on {cores} cores."
    )
    heads = (
        "answer",
        "may take, ms",
        "median, ms",
        "worst, ms",
        "processor, ms",
        "first, ms",
        "kB",
        "",
    )
    return "\n\n".join(["## The console", how, table(heads, [t.row() for t in timed])])


def _pages(district: District) -> Iterator[tuple[str, list[str], float]]:
    """What is asked for: a name, addresses in turn, and the seconds that it may take."""
    step = max(1, district.alerts // (_TIMES + 1))
    alerts = [f"/alerts/{n:015x}a" for n in range(district.alerts, 0, -step)][: _TIMES + 1]
    newest = [f"/alerts/{district.alerts - n:015x}a/figure" for n in range(_TIMES + 1)]
    mine = district.code(0)
    yield "overview", ["/"], _PAGE_S
    yield "overview of one mine", [f"/?mine={mine}"], _PAGE_S
    yield "alert", alerts, _PAGE_S
    yield "alert, its figure", newest, _PAGE_S
    yield "alerts, JSON", ["/api/v1/alerts?limit=100"], _PAGE_S
    check = f"mine={mine}&detector=flat_signal&stream=s00&days={district.days}"
    previews = [f"/tuning/preview?{check}&raise_at={1.2 + n / 10:.1f}" for n in range(_TIMES + 1)]
    yield "tuning, another threshold", previews, _PREVIEW_S
    yield "tuning, the score drawn", [f"/tuning/scores?{check}"], _PREVIEW_S
    yield "tuning, trade-off", [f"/tuning/curve?{check}"], _PREVIEW_S
    yield "tuning, the page", [f"/tuning?{check}"], _PREVIEW_S


def _timed(client: _Client, what: str, addresses: list[str], most_s: float) -> Timed:
    taken, size, before = [], 0, 0.0
    for number in range(_TIMES + 1):
        before = client.busy_s() if number == 1 else before
        began = time.perf_counter()
        size = len(client.get(addresses[number % len(addresses)]))
        taken.append(time.perf_counter() - began)
    later, busy = taken[1:], (client.busy_s() - before) / _TIMES
    return Timed(what, taken[0], busy, float(np.median(later)), max(later), most_s, size / 1000)


class _Client:
    """Asks the console over one connection, signed in."""

    def __init__(self, port: int, server: int) -> None:
        self._server = Path(f"/proc/{server}/task")
        self._http = HTTPConnection("127.0.0.1", port, timeout=120.0)
        self._cookie = ""

    def sign_in(self) -> None:
        """Sign in; what is asked for then is asked as this user."""
        fields = urlencode({"name": USER, "password": PASSWORD})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self._http.request("POST", "/login", fields, form)
        answer = self._http.getresponse()
        answer.read()
        jar = SimpleCookie(answer.headers["set-cookie"])
        self._cookie = "; ".join(f"{name}={one.value}" for name, one in jar.items())

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def busy_s(self) -> float:
        """Processor seconds that the server has taken so far."""
        told = [path.read_text().split()[0] for path in self._server.glob("*/schedstat")]
        return sum(map(int, told)) / 1e9

    def get(self, address: str) -> bytes:
        """The answer's body; RuntimeError where it is no page."""
        self._http.request("GET", address, headers={"Cookie": self._cookie})
        answer = self._http.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} gave {answer.status}: {body[:200]!r}")
        return body


@contextmanager
def _served(site: Path, port: int, alerts: int) -> Iterator[tuple[_Client, float]]:
    """The console as a process of its own, and the seconds until it knew all alerts."""
    began = time.monotonic()
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(site)], stdout=subprocess.DEVNULL)
    client = _Client(port, server.pid)
    try:
        while not _listens(port):
            if server.poll() is not None or time.monotonic() - began > 300:
                raise RuntimeError("the console has not begun")
            time.sleep(0.1)
        client.sign_in()
        while json.loads(client.get("/api/v1/alerts?limit=1"))["total"] < alerts:
            time.sleep(0.5)
        yield client, time.monotonic() - began
    finally:
        client.close()
        server.terminate()
        server.wait(20)


def _listens(port: int) -> bool:
    with socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.stdout.write(section() + "\n")
