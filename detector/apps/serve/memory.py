"""What is known of Sparkplug's edge nodes, kept across restarts; births that are lacking are asked
for."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

from detector.edge.mqtt import Connection
from detector.edge.payloads.sparkplug import Nodes, rebirth

LOG = logging.getLogger("trueshaft.ingest")
#: Seconds between two writings, and between two requests to one node.
_WRITE_S, _ASK_S = 2.0, 30.0


class Memory:
    """The file of what is known."""

    def __init__(self, path: Path, nodes: Nodes) -> None:
        self._path, self._nodes = path, nodes
        self._written, self._asked = 0.0, dict[tuple[str, str], float]()
        try:
            nodes.known.update(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            pass
        except (OSError, ValueError, AttributeError, TypeError) as error:
            LOG.error("%s cannot be read, births are asked for: %s", path, error)

    def look(self, connection: Connection) -> None:
        """After messages were stored: write what is known, ask for what is not."""
        now = time.monotonic()
        for group, edge in list(self._nodes.reborn):
            if now >= self._asked.get((group, edge), 0.0) + _ASK_S:
                self._asked[group, edge] = now
                connection.publish(*rebirth(group, edge, time.time()))
        self._nodes.reborn.clear()
        if self._nodes.known and now >= self._written + _WRITE_S:
            self._written = now
            beside = self._path.with_suffix(".new")
            try:
                beside.write_text(json.dumps(self._nodes.known), "utf-8")
                beside.replace(self._path)
            except OSError as error:
                LOG.error("%s cannot be written: %s", self._path, error)
