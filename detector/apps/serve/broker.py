"""The embedded broker: for the demo, and for a site that has none."""

from __future__ import annotations

import asyncio
import socket
import time

from amqtt.broker import Broker

from detector.apps.serve.role import Stop, log_to_stderr


def broker_main(host: str, port: int) -> None:
    """Run a broker until told to end."""
    log_to_stderr("WARNING")
    asyncio.run(_run(host, port, Stop()))


async def _run(host: str, port: int, stop: Stop) -> None:
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    await broker.start()
    while not stop:
        await asyncio.sleep(0.1)
    await broker.shutdown()


def reachable(host: str, port: int, patience_s: float) -> bool:
    """Whether something listens there, waiting for it so long at most."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            socket.create_connection((host, port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
