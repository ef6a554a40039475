"""What Sparkplug's births told, kept in a file: after a restart data still have their names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from detector.edge.payloads.sparkplug import Nodes, rebirth

#: Seconds before a node is asked for its births again.
AGAIN_S = 60.0


class Births:
    """The edge nodes, kept in the file ``path``; one that makes no sense is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.nodes = Nodes(_read(path))
        self._kept = self.nodes.births
        self._asked: dict[tuple[str, str], float] = {}

    def keep(self) -> None:
        """Write the file where there were births since; before they are acknowledged. Where it
        cannot be written it is tried again the next time; at worst births are asked for."""
        if self._kept == self.nodes.births:
            return
        half = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with half.open("w") as file:
                json.dump(self.nodes.known, file)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._path)
        except OSError:
            half.unlink(missing_ok=True)
            return
        self._kept = self.nodes.births

    def wanted(self, now_s: float) -> list[tuple[str, bytes]]:
        """Topics and payloads that ask nodes for their births, none more often than it helps."""
        due = [
            node
            for node in sorted(self.nodes.reborn)
            if not 0 <= now_s - self._asked.get(node, -AGAIN_S) < AGAIN_S
        ]
        self.nodes.reborn.difference_update(due)
        self._asked.update(dict.fromkeys(due, now_s))
        return [rebirth(group, edge, now_s) for group, edge in due]


def _read(path: Path) -> dict[str, dict[str, object]]:
    try:
        told = json.loads(path.read_text())
        return {
            str(node): {
                "seq": None,  # what came meanwhile is not known
                "aliases": {
                    str(device): {str(alias): str(name) for alias, name in names.items()}
                    for device, names in known["aliases"].items()
                },
            }
            for node, known in told.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
