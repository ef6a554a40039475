"""POST over HTTP, its errors told as :class:`NotSent`."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping

from detector.edge.notify import NotSent

#: Seconds for which an answer is waited for.
WAIT_S = 10.0
#: Answers that will not change by asking again.
_FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """A signed message goes to the address that was configured, nowhere else."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Post ``body``; NotSent where it is not answered with a status of 2xx."""
    told = {"Content-Type": "application/json", "User-Agent": "trueshaft", **headers}
    request = urllib.request.Request(url, body, told, method="POST")  # noqa: S310 - the configuration takes only http
    context = ssl.create_default_context() if url.startswith("https") else None
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=WAIT_S) as answer:
            answer.read(1000)
    except urllib.error.HTTPError as error:
        told_back = error.read(200).decode("utf-8", "replace")
        error.close()
        raise NotSent(f"{error.code} {told_back}".strip(), error.code not in _FINAL) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
