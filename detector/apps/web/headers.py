"""Headers of every answer: nothing from elsewhere, nothing inline, in no frame."""

from __future__ import annotations

from fastapi import FastAPI, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: A report is a page of its own: its style and script are allowed by their hashes, which it names
#: itself, and it has no access to the console's session.
REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; img-src 'self' data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"
)
#: Most that a form or a call of the API holds, bytes.
_FORM_BYTES = 1_000_000
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Headers:
    """Adds the headers where an answer has none of that name; takes in no more than it must: only
    audits are uploaded, ``upload_bytes`` at most."""

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self._app, self._upload_bytes = app, upload_bytes

    def _refused(self, scope: Scope) -> int | None:
        """The status with which a body is refused unread; None where it is taken."""
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        told = dict(scope["headers"])
        length = told.get(b"content-length", b"0" if b"transfer-encoding" not in told else b"")
        if not length.isdigit():
            return 411
        most = self._upload_bytes + _FORM_BYTES if scope["path"] == "/audits" else _FORM_BYTES
        return 413 if int(length) > most else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            most = self._upload_bytes if scope["path"] == "/audits" else _FORM_BYTES
            text = (
                f"Too much at once: {most / 1e6:,.0f} MB at most. 一次最多 {most / 1e6:,.0f} MB。"
            )
            answer = Response(text if refused == 413 else None, refused, media_type="text/plain")
            await answer(scope, receive, send)
            return
        static = scope["path"].startswith(("/static/", "/report.css"))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "max-age=3600" if static else "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, told)


def install(app: FastAPI, upload_bytes: int) -> None:
    """Have an application's answers carry them."""
    app.add_middleware(Headers, upload_bytes=upload_bytes)
