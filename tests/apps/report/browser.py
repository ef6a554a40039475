"""A headless Chromium, spoken to over its DevTools pipe; no driver and no network."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe"),
]
#: Events that mean that something in the page went wrong.
FAULTS = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
#: Puts two pipes where the browser expects them and becomes the browser.
_PLACE = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execvp(sys.argv[3], sys.argv[3:])"
)


def chromium() -> str | None:
    """The browser to use: $CHROMIUM, else what is installed."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


class Page:
    """One tab. ``faults`` collects exceptions, console messages and policy violations."""

    def __init__(self, write: int, read: int, wait_s: float) -> None:
        self.faults: list[str] = []
        self._write, self._read, self._wait_s = write, read, wait_s
        self._rest, self._last, self._session = b"", 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; RuntimeError where the browser refuses it."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._last:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def open(self, address: str, width: int, height: int = 900) -> None:
        """Load an address at a width (CSS px) and wait until it has loaded."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Page.navigate", url=address)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression (or of its promise) in the page."""
        how = {"returnByValue": True, "awaitPromise": True}
        answer = self.call("Runtime.evaluate", expression=expression, **how)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def picture(self, file: Path) -> None:
        """A PNG of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, file: Path) -> None:
        """The page as it prints."""
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        file.write_bytes(base64.b64decode(printed["data"]))

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + self._wait_s
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            got = os.read(self._read, 1 << 20) if ready else b""
            if not got:
                raise RuntimeError("the browser does not answer")
            self._rest += got
        line, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(line)
        if message.get("method") in FAULTS:
            self.faults.append(json.dumps(message["params"])[:600])
        return message


@contextmanager
def browser(program: str, profile: Path, wait_s: float = 60.0) -> Iterator[Page]:
    """A tab of a browser with a profile of its own, ended on leaving."""
    inward, outward = os.pipe(), os.pipe()
    theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (inward[0], outward[1])]

    command = [sys.executable, "-c", _PLACE, *map(str, theirs), program, *FLAGS]
    silent = subprocess.DEVNULL
    process = subprocess.Popen(
        [*command, f"--user-data-dir={profile}"],
        pass_fds=theirs,
        stdin=silent,
        stdout=silent,
        stderr=silent,
    )
    for fd in (*theirs, inward[0], outward[1]):
        os.close(fd)
    try:
        page = Page(inward[1], outward[0], wait_s)
        yield page
    finally:
        process.terminate()
        process.wait(timeout=20)
        os.close(inward[1])
        os.close(outward[0])
