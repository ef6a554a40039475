"""Real servers on free ports of the loopback, for tests: started, killed, started again."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from email.message import Message
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """Path of a program of Debian's package; the test is skipped where it is absent."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed (scripts/setup-system does it)")
    return found


def eventually(true: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait until something is true; the test fails where it does not become so."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class Server:
    """A program that listens on ``port``; what it says goes to ``log``."""

    def __init__(
        self, command: Sequence[str], port: int, log: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self._command, self.port, self.log, self._env = command, port, log, env
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens; what a test leaves running ends with the tests."""
        atexit.register(self.stop)
        with self.log.open("ab") as log:
            env = {**os.environ, **self._env} if self._env else None
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=env)
        eventually(self._listens, 30)

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-2000:]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, or kill it, and wait until it has ended."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def mosquitto(folder: Path, *settings: str) -> Server:
    """A Mosquitto that keeps sessions in ``folder`` across restarts."""
    port = free_port()
    lines = [f"listener {port} 127.0.0.1", "persistence true", f"persistence_location {folder}/"]
    lines += [
        "autosave_interval 1",
        "autosave_on_changes true",
        f"user {os.environ.get('USER', 'root')}",
    ]
    if not any(line.startswith("allow_anonymous") for line in settings):
        lines.append("allow_anonymous true")
    path = folder / "mosquitto.conf"
    path.write_text("\n".join([*lines, *settings, ""]))
    return Server([program("mosquitto"), "-c", str(path)], port, folder / "mosquitto.log")


def certificates(folder: Path) -> Path:
    """A folder with ca.crt, and server and client certificates and keys signed by it."""
    openssl = program("openssl")
    folder.mkdir(exist_ok=True)

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=ca")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    for name in ("server", "client"):
        run("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
        run("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.crt", "-days", "2")
    return folder


def influxdb(folder: Path) -> Server:
    """An InfluxDB of Debian's package (1.6) that keeps its data in ``folder``."""
    port = free_port()
    path = folder / "influxdb.conf"
    path.write_text(
        f"""
reporting-disabled = true
bind-address = "127.0.0.1:{free_port()}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
"""
    )
    return Server([program("influxd"), "-config", str(path)], port, folder / "influxdb.log")


def rtsp(folder: Path, *login: str) -> Server:
    """A camera with the stream ``/shaft`` (GStreamer's RTSP server)."""
    python = program("/usr/bin/python3")
    needs = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if subprocess.run([python, "-c", needs], capture_output=True, check=False).returncode:
        pytest.skip("GStreamer's RTSP server is not installed (scripts/setup-system does it)")
    port = free_port()
    script = Path(__file__).with_name("rtsp_server.py")
    return Server([python, str(script), str(port), *login], port, folder / "rtsp.log")


class _Quiet(ThreadingHTTPServer):
    """Says nothing of clients that are killed while they ask."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class V2Writes:
    """A reverse proxy that gives an InfluxDB 1.6 the path ``/api/v2/write``, as 1.8 has it.

    While ``down`` it answers as a proxy does whose server is gone.
    """

    def __init__(self, server: Server) -> None:
        proxy = self
        self.server, self.down, self.writes = server, False, 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = proxy.forward(self.path, body, self.headers)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *told: object) -> None:
                return

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def forward(self, path: str, body: bytes, headers: Message) -> tuple[int, bytes]:
        """Status and answer of the server behind."""
        split = urlsplit(path)
        asked = {key: values[0] for key, values in parse_qs(split.query).items()}
        target = path
        if split.path == "/api/v2/write":
            target = f"/write?{urlencode({'db': asked['bucket'], 'precision': 'n'})}"
            self.writes += 1
        elif split.path.startswith("/api/"):
            return 404, b"{}"
        if self.down:
            return 502, b"bad gateway"
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        kept = {k: v for k, v in headers.items() if k in ("Content-Type", "Content-Encoding")}
        try:
            connection.request("POST", target, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 502, b"bad gateway"
        finally:
            connection.close()

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
