"""What is known of each mine: its configuration, parameters, models and shafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from detector.apps.serve.shard import in_force
from detector.apps.serve.swap import Source
from detector.config import Configuration, load
from detector.config.live import Live
from detector.config.site import Site
from detector.core.errors import ConfigError
from detector.core.observation import Device
from detector.edge.models import Models, load_models


@dataclass(frozen=True)
class Desk:
    """One mine."""

    mine: str
    configuration: Configuration
    models: Models

    @property
    def site(self) -> Site:
        """What its SITE.toml says."""
        return self.configuration.site

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters in force."""
        from detector.apps.in_force import parameters_in_force  # noqa: PLC0415 - imports much

        return parameters_in_force(self.configuration)

    def devices(self, streams: Sequence[str]) -> list[Device]:
        """What is known of the streams' devices."""
        from detector.apps.audit.sensors import devices  # noqa: PLC0415 - imports much

        new = [stream for stream in streams if stream not in self._devices]
        if new:
            self._devices.update({d.stream: d for d in devices(new, self.configuration)})
        return [self._devices[stream] for stream in streams]

    @cached_property
    def _devices(self) -> dict[str, Device]:
        return {}

    def shaft(self, stream: str) -> str:
        """The shaft that a camera or stream belongs to, "" where to none."""
        return self._shafts.get(stream, "")

    @cached_property
    def _shafts(self) -> dict[str, str]:
        from detector.apps.audit.shafts import shafts_of  # noqa: PLC0415 - imports much

        cameras = [c.name for c in self.site.cameras]
        streams = [s.name for s in self.site.streams]
        shafts = shafts_of(self.site, cameras, streams)
        own = {s.name: s.shaft for s in self.site.streams if s.shaft}
        return own | {n: s.name for s in shafts for n in (*s.cameras, *s.streams)}


class Desks:
    """The desks of all mines: of a SITE.toml, of those it names, and of any other mine."""

    def __init__(self, path: Path | None) -> None:
        """Raises ConfigError of what cannot be used."""
        self.main = load(path)
        self.live = self.main.site.live or Live()
        self.shard = in_force()
        folder = (path.parent if path is not None else Path()) / self.live.folder
        self.folder = folder.with_name(folder.name + self.shard.suffix)
        self.beside = path.parent if path is not None else Path()
        self._known: dict[str, Desk] = {}
        self._source_of: dict[str, Source] = {}
        self._main_source = Source(path, self.main) if path is not None else None
        for configuration, where in [
            (self.main, path),
            *((load(self.beside / p), self.beside / p) for p in self.live.mines),
        ]:
            if configuration.site.mine is not None:
                self._add(configuration.site.mine.code, configuration, where)
            elif configuration is not self.main:
                raise ConfigError("it has no [mine]", str(where), "add the mine's code")
        bare = self.main.site.model_copy(update={"mine": None, "streams": (), "cameras": ()})
        self._bare = replace(self.main, site=bare)

    def _add(self, mine: str, configuration: Configuration, where: Path | None) -> None:
        if mine in self._known:
            raise ConfigError(f"mine {mine} is configured twice", str(where), "keep one of them")
        live, models = configuration.site.live, Models()
        if live is not None and live.models is not None and where is not None:
            models = load_models(where.parent / live.models)
        self._known[mine] = Desk(mine, configuration, models)
        if where is not None:
            main = self._main_source if configuration is self.main else None
            self._source_of[mine] = main or Source(where, configuration)

    def __getitem__(self, mine: str) -> Desk:
        """The desk of a mine; one that no SITE.toml names has streams of kind ``other``."""
        desk = self._known.get(mine)
        if desk is None:
            desk = self._known[mine] = Desk(mine, self._bare, Models())
        return desk

    def takes(self, mine: str, stream: str) -> bool:
        """Whether a stream is taken: none of another shard's mine; else all are learned, or only
        those that a SITE.toml names."""
        if not self.shard.holds(mine):
            return False
        if self.live.unknown == "learn":
            return True
        desk = self._known.get(mine)
        if desk is None:
            return False
        names = {s.name for s in desk.site.streams} | {c.name for c in desk.site.cameras}
        return stream in names

    def source(self, mine: str) -> Source | None:
        """Where the thresholds of a mine come from; None where there is no SITE.toml."""
        return self._source_of.get(mine, self._main_source)

    def sharing(self, mine: str) -> list[str]:
        """The mines known that have their thresholds from where this one has."""
        own = self.source(mine)
        return sorted({mine, *(m for m in self._known if self.source(m) is own)})

    def renewed(self) -> list[dict[str, Any]]:
        """Take up thresholds that were changed: what each SITE.toml now has in force."""
        told = []
        for source in self._all_sources():
            changes = source.renewed()
            if changes:
                told.append({"site": source.path.name, "changes": changes})
                self._take_up(source)
        return told

    def problems(self) -> list[str]:
        """What is wrong with files of thresholds that are not taken up."""
        return [source.problem for source in self._all_sources() if source.problem]

    def _all_sources(self) -> list[Source]:
        found = [self._main_source, *self._source_of.values()]
        return list({id(source): source for source in found if source is not None}.values())

    def _take_up(self, source: Source) -> None:
        if source is self._main_source:
            self.main = source.configuration
            bare = self._bare.site
            self._bare = replace(self.main, site=bare)
        for mine, desk in self._known.items():
            if self.source(mine) is source:
                site, fresh = desk.site, source.configuration
                self._known[mine] = replace(desk, configuration=replace(fresh, site=site))
