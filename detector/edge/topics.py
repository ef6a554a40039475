"""Topics: their layout in named parts, and the route that a message takes.

>>> Topics({"frame": "mines/{mine}/cameras/{camera}/frame"}).route("mines/7/cameras/shaft/frame")
('frame', {'mine': '7', 'camera': 'shaft'})
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from detector.core.errors import ConfigError

#: Layouts in force where the configuration has none: several of a route are told apart by "|".
LAYOUTS = {
    "sensor": "mines/{mine}/sensors/{stream}",
    "readings": "mines/{mine}/readings",
    "frame": "mines/{mine}/cameras/{camera}/frame",
    "features": "mines/{mine}/cameras/{camera}/features",
    "sparkplug": "spBv1.0/{mine}/{type}/{edge}|spBv1.0/{mine}/{type}/{edge}/{device}",
}
#: Parts that the layouts of a route must and may have.
PARTS = {
    "sensor": ({"mine", "stream"}, set[str]()),
    "readings": ({"mine"}, set[str]()),
    "frame": ({"mine", "camera"}, {"time"}),
    "features": ({"mine", "camera"}, set[str]()),
    "sparkplug": ({"mine", "type", "edge"}, {"device"}),
}
#: Parts of which a stream's name is made; they may hold what printable text may hold.
_PART = re.compile(r"\{([a-z]+)\}")
_LONGEST = 128
#: Topics whose routes are remembered.
_REMEMBERED = 50_000


class Topics:
    """The layouts of all routes; ConfigError says which of them cannot be."""

    def __init__(self, layouts: Mapping[str, str] = LAYOUTS) -> None:
        self._known: list[tuple[str, re.Pattern[str]]] = []
        self.filters: list[str] = []
        self._routes: dict[str, tuple[str, dict[str, str]] | None] = {}
        for route, told in layouts.items():
            for layout in told.split("|"):
                self._add(route, layout.strip())

    def _add(self, route: str, layout: str) -> None:
        where = f"topics.{route}"
        if route not in PARTS:
            raise ConfigError(f"there is no route {route!r}", where, f"one of {', '.join(PARTS)}")
        must, may = PARTS[route]
        names = _PART.findall(layout)
        if not must <= set(names) <= must | may or len(set(names)) != len(names):
            todo = f"it needs each of {', '.join(sorted(must))} once"
            raise ConfigError(f"the layout {layout!r} has other parts", where, todo)
        pattern, levels = [], []
        for level in layout.split("/"):
            part = _PART.fullmatch(level)
            if part is None and (not level or set(level) & set("{}+#")):
                todo = "a level is either a name or a part in braces"
                raise ConfigError(f"the layout {layout!r} has a level {level!r}", where, todo)
            pattern.append(f"(?P<{part[1]}>[^/]+)" if part else re.escape(level))
            levels.append("+" if part else level)
        self._known.append((route, re.compile("/".join(pattern))))
        self.filters.append("/".join(levels))

    def route(self, topic: str) -> tuple[str, dict[str, str]] | None:
        """Route and parts of a topic, not to be changed; None where no layout fits or a part is no
        name."""
        if topic in self._routes:
            return self._routes[topic]
        if len(self._routes) >= _REMEMBERED:
            self._routes.clear()
        found = self._routes[topic] = self._routed(topic)
        return found

    def _routed(self, topic: str) -> tuple[str, dict[str, str]] | None:
        for route, pattern in self._known:
            found = pattern.fullmatch(topic)
            if found is not None:
                parts = found.groupdict()
                good = all(len(p) <= _LONGEST and p.isprintable() for p in parts.values())
                return (route, parts) if good else None
        return None
