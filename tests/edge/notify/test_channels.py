"""Webhook and Alertmanager, each against a real server on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from detector.core.errors import ConfigError
from detector.edge.notify import Notice, NotSent
from detector.edge.notify.alertmanager import Alertmanager
from detector.edge.notify.chat import Chat
from detector.edge.notify.webhook import Webhook

ALERT = {
    "schema": "trueshaft.alert/1",
    "id": "0123456789abcdef",
    "mine": "220600000001",
    "shaft": "main",
    "state": "open",
    "severity": "critical",
    "title": "Shaft main: held picture",
    "summary": "The picture was held.",
    "opened": "2026-01-02T03:04:05.000+00:00",
    "updated": "2026-01-02T03:04:05.000+00:00",
    "closed": None,
}
NOTICE = Notice("0123456789abcdef-7", "【严重】", "画面冻结", "critical", ALERT, "http://x/1")


class Server:
    """Keeps what is posted to it, and answers with ``status``."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status, self.location = 200, ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def test_webhook_is_signed(server: Server) -> None:
    Webhook(server.url, "secret", clock=lambda: 1767225600.5).send(NOTICE)
    headers, body = server.got[0]
    told = hmac.new(b"secret", b"1767225600." + body, hashlib.sha256).hexdigest()
    assert headers["x-trueshaft-signature"] == f"t=1767225600,v1={told}"
    assert headers["x-trueshaft-id"] == NOTICE.id
    assert json.loads(body)["document"] == ALERT and json.loads(body)["text"] == "画面冻结"


def test_webhook_without_a_secret_is_not_signed(server: Server) -> None:
    Webhook(server.url, "").send(NOTICE)
    assert "x-trueshaft-signature" not in server.got[0][0]


@pytest.mark.parametrize(("status", "again"), [(500, True), (429, True), (404, False)])
def test_what_is_refused_was_not_sent(server: Server, status: int, again: bool) -> None:
    server.status = status
    with pytest.raises(NotSent, match=str(status)) as told:
        Webhook(server.url, "").send(NOTICE)
    assert told.value.again is again


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.location = 307, server.url + "/elsewhere"
    with pytest.raises(NotSent):
        Webhook(server.url, "secret").send(NOTICE)
    assert len(server.got) == 1


def test_a_server_that_is_down_was_not_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(NotSent) as told:
            Webhook(url, "").send(NOTICE)
    assert told.value.again


def test_apprise_sends_title_text_and_link(server: Server) -> None:
    Chat(server.url.replace("http://", "json://"), "X").send(NOTICE)
    told = json.loads(server.got[0][1])
    assert (told["title"], told["message"]) == ("【严重】", "画面冻结\nhttp://x/1")
    server.status = 500
    with pytest.raises(NotSent):
        Chat(server.url.replace("http://", "json://"), "X").send(NOTICE)


def test_a_picture_goes_with_it_where_the_channel_takes_one(server: Server) -> None:
    picture = b"\xff\xd8" + bytes(range(256))
    notice = replace(NOTICE, still=picture)
    Webhook(server.url, "secret").send(notice)
    Chat(server.url.replace("http://", "json://"), "X").send(notice)
    signed, chat = (json.loads(body) for _, body in server.got)
    assert signed["still"]["type"] == "image/jpeg"
    assert base64.b64decode(signed["still"]["base64"]) == picture
    (attached,) = chat["attachments"]
    assert attached["mimetype"] == "image/jpeg" and base64.b64decode(attached["base64"]) == picture
    Webhook(server.url, "").send(NOTICE)
    assert "still" not in json.loads(server.got[-1][1])


def test_apprise_refuses_what_is_no_url() -> None:
    for url in ("", "nonsense"):
        with pytest.raises(ConfigError):
            Chat(url, "TRUESHAFT_WECOM_URL")


@pytest.fixture
def alertmanager(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        pytest.skip("prometheus-alertmanager is not installed")
    (tmp_path / "am.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            program,
            f"--config.file={tmp_path / 'am.yml'}",
            f"--storage.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{url}/-/ready", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def active(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{url}/api/v2/alerts", timeout=5) as answer:
        told: list[dict[str, Any]] = json.load(answer)
    return told


def test_alertmanager_has_it_until_it_is_over(alertmanager: str) -> None:
    channel = Alertmanager(alertmanager + "/")
    channel.send(NOTICE)
    (told,) = active(alertmanager)
    assert told["labels"]["mine"] == "220600000001" and told["labels"]["alert"] == ALERT["id"]
    assert told["annotations"]["summary"] == ALERT["title"]
    worse = {**ALERT, "severity": "critical", "summary": "more"}
    other = {**ALERT, "id": "fedcba9876543210", "shaft": None}
    document = {"alerts": [worse, other]}
    channel.send(Notice("digest", "2", "", "critical", document))
    assert len(active(alertmanager)) == 2
    over = {**ALERT, "closed": "2026-01-02T04:00:00.000+00:00"}
    channel.send(Notice("x", "", "", "critical", over))
    (left,) = active(alertmanager)
    assert left["labels"]["alert"] == other["id"]
    done = {**other, "state": "done", "updated": "2026-01-02T05:00:00.000+00:00"}
    channel.send(Notice("y", "", "", "critical", done))
    assert active(alertmanager) == []
