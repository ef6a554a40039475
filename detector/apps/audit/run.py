"""One run of an audit: what was found is read, judged, and its evidence gathered."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from threadpoolctl import threadpool_limits

from detector import __version__
from detector.apps.audit import findings
from detector.apps.audit.coverage import coverage_of
from detector.apps.audit.interruption import Interruption
from detector.apps.audit.progress import Progress
from detector.apps.audit.reading import Reader, Source, stills
from detector.apps.audit.sensors import Plots, SensorFile, devices, read_sensors
from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.audit.verdicts import timed, verdicts_of
from detector.apps.in_force import parameters_in_force
from detector.apps.report import schema
from detector.apps.report.html import prepare
from detector.apps.report.texts import Texts
from detector.apps.watches import bindings, watch
from detector.config import Configuration
from detector.core.detector import Observation
from detector.core.observation import join
from detector.detectors import CATALOGUE
from detector.edge.cache import Cache
from detector.edge.inputs import Found, printable
from detector.edge.models import Models
from detector.edge.task import Decoders
from detector.edge.worker import Workers
from detector.pipeline import Pipeline


def _decoders(stack: ExitStack, jobs: int, cluster: str | None, at_once: int) -> Decoders:
    """Where recordings are decoded: on a cluster, or in processes here."""
    if cluster:
        from detector.edge.cluster import Cluster  # noqa: PLC0415 - only those with a cluster need it

        return stack.enter_context(Cluster(cluster))
    return stack.enter_context(Workers(jobs, at_once=at_once))


class Audit:
    """One run over what was found."""

    def __init__(
        self,
        configuration: Configuration,
        found: Found,
        out: Path,
        lang: Literal["zh", "en"],
        models: Models,
    ) -> None:
        self._models = models
        self._configuration = configuration
        self._found = found
        self._out = out
        self._lang = lang
        self._interrupted = False
        self._parameters = parameters_in_force(configuration)

    def run(
        self,
        cache: Cache,
        jobs: int,
        cluster: str | None,
        thorough: bool,
        progress: Progress,
        interruption: Interruption,
    ) -> schema.Report:
        """Read, judge, and gather the evidence; that is not interrupted any more."""
        sources = self._sources()
        with ExitStack() as stack:
            # small products: threads waiting for each other cost more
            stack.enter_context(threadpool_limits(1))
            workers = _decoders(stack, jobs, cluster, len(sources))
            threading.Thread(target=prepare, args=(self._lang,), daemon=True).start()
            try:
                Reader(cache, workers, progress, thorough).read(sources)
            except KeyboardInterrupt:
                self._interrupted = True
                workers.stop()
                workers = stack.enter_context(Workers(jobs))
            finally:
                progress.close()
            recordings = [r for s in sources if (r := self._recording(s)) is not None]
            sensors = self._sensors(recordings)
            pipeline = self._judged(recordings, sensors)
            interruption.ignore()
            return self._report(recordings, sensors, pipeline, sources, workers)

    def _sources(self) -> list[Source]:
        videos = [i.path for i in self._found.inputs if i.kind == "video"]
        return [
            Source(path, printable(path), stream)
            for path, stream in zip(videos, self._streams(videos), strict=True)
        ]

    def _streams(self, paths: Sequence[Path]) -> list[str]:
        """Camera of each recording: by the site's pattern, else its stem, told apart by folder."""
        names = self._configuration.site.recordings.names()
        stems = [printable(Path(p.stem)) for p in paths]
        streams = []
        for path, stem in zip(paths, stems, strict=True):
            named = names.read(printable(path)) if names else None
            if named is not None:
                streams.append(named.camera)
            elif stems.count(stem) > 1:
                streams.append(printable(path.with_suffix("")))
            else:
                streams.append(stem)
        return streams

    def _recording(self, source: Source) -> Recording | None:
        """What was read of a source; None where the audit was interrupted before it."""
        if not source.done and not source.stores and source.status == "ok":
            return None
        names = self._configuration.site.recordings.names()
        named = names.read(source.shown) if names else None
        wall = named is not None and named.start is not None
        blocks = [store.read(source.stream) for store in source.stores]
        frames = [f for f, _ in blocks if len(f)]
        views = [v for _, v in blocks if len(v)]
        duration = source.packets.duration_s if source.packets else None
        return Recording(
            path=source.path,
            shown=source.shown,
            stream=source.stream,
            sha256=source.digest,
            status=source.status,
            reason="; ".join(source.reasons) or None,
            wall=wall,
            start=named.start.timestamp() if wall and named and named.start else 0.0,
            end=named.end.timestamp() if named and named.end else None,
            duration_s=duration,
            pictures=_pictures(source),
            frames=join(frames) if frames else None,
            views=join(views) if views else None,
            packets=source.packets,
            coarse=source.mode == "coarse",
        )

    def _sensors(self, recordings: Sequence[Recording]) -> list[SensorFile]:
        paths = [i.path for i in self._found.inputs if i.kind == "readings"]
        taken = frozenset(r.stream for r in recordings)
        return read_sensors(paths, self._configuration, taken)

    def _judged(self, recordings: Sequence[Recording], sensors: Sequence[SensorFile]) -> Pipeline:
        cameras = tuple(sorted({r.stream for r in recordings}))
        reported = tuple(sorted({s for f in sensors for s in f.names.values()}))
        watches = [
            watch(name, bound, self._parameters, self._models)
            for name, bound in bindings(self._configuration.site, cameras, reported)
        ]
        pipeline = Pipeline(watches, self._configuration.thresholds)
        try:
            for work in (pipeline.learn, pipeline.feed):
                for observation in self._observations(recordings, sensors):
                    work(observation)
            for sensor in sensors:
                for tick in sensor.ticks():
                    pipeline.feed(tick)
            pipeline.finish()
        except KeyboardInterrupt:
            self._interrupted = True
            pipeline.stop("the audit was interrupted before it")
        return pipeline

    def _observations(
        self, recordings: Sequence[Recording], sensors: Sequence[SensorFile]
    ) -> Iterator[Observation]:
        for recording in sorted(recordings, key=lambda r: (r.stream, r.start, r.shown)):
            segment = recording.segment()
            if segment:
                yield segment
            yield from recording.observations()
        names = {s for f in sensors for s in f.names.values()}
        yield from devices(sorted(names), self._configuration)
        for sensor in sensors:
            yield from sensor.observations()

    def _report(
        self,
        recordings: Sequence[Recording],
        sensors: Sequence[SensorFile],
        pipeline: Pipeline,
        sources: Sequence[Source],
        workers: Decoders,
    ) -> schema.Report:
        thresholds = self._configuration.thresholds
        timelines = Timelines([*recordings, *(r for s in sensors for r in s.recordings())])
        plots = Plots(sensors)
        wanted = findings.Stills(self._out / "evidence")
        zone = self._configuration.site.recordings.timezone
        texts = Texts("en", ZoneInfo(zone))
        episodes = [
            findings.episode_of(e, timelines, thresholds[e.detector], wanted, plots, texts)
            for e in pipeline.episodes()
        ]
        self._save_stills(wanted, sources, workers)
        starts = {s: rs[0].start for s in timelines.cameras() if (rs := timelines.recordings(s))}
        verdicts = verdicts_of(
            [timed(e, starts.get(e.stream, 0.0)) for e in episodes],
            self._configuration.site,
            recordings,
            sorted({s for f in sensors for s in f.names.values()}),
            plots,
        )
        reached = {id(r.path) for r in recordings}
        return schema.Report(
            version=__version__,
            config_digest=self._configuration.digest(self._parameters),
            thresholds={n: asdict(thresholds[n]) for n in CATALOGUE},
            parameters={n: asdict(p) for n, p in self._parameters.items()},
            digests={k: f"sha256:{d}" for k, d in self._models.digests.items()},
            timezone=zone,
            interrupted=self._interrupted,
            inputs=[*(_input(r) for r in recordings), *(s.input() for s in sensors)],
            not_audited=[
                schema.NotAudited(path=printable(path), reason=reason)
                for path, reason in self._found.problems
            ]
            + [
                schema.NotAudited(path=s.shown, reason="the audit was interrupted before it")
                for s in sources
                if id(s.path) not in reached
            ],
            coverage=coverage_of(pipeline.scores, timelines, pipeline.failures),
            episodes=[_without_missing(e, self._out) for e in episodes],
            verdicts=verdicts,
        )

    def _save_stills(
        self, wanted: findings.Stills, sources: Sequence[Source], workers: Decoders
    ) -> None:
        for _ in stills(workers, wanted.wanted, sources):
            pass


def _input(recording: Recording) -> schema.Input:
    return schema.Input(
        path=recording.shown,
        sha256=recording.sha256,
        kind="video",
        stream=recording.stream,
        status=recording.status,
        reason=recording.reason,
        start=recording.wall_clock(0.0),
        duration_s=recording.duration_s,
        frames=recording.pictures,
    )


def _pictures(source: Source) -> int | None:
    """Pictures decoded, or coded where not all were decoded."""
    if source.mode == "coarse" and source.packets is not None:
        return len(source.packets.time)
    return source.pictures or None


def _without_missing(episode: schema.Episode, out: Path) -> schema.Episode:
    """The episode without stills that could not be decoded."""
    details = [d for d in episode.evidence.still_details if (out / d.path).is_file()]
    if len(details) == len(episode.evidence.still_details):
        return episode
    evidence = episode.evidence.model_copy(
        update={"still_details": details, "stills": [d.path for d in details]}
    )
    return episode.model_copy(update={"evidence": evidence})
