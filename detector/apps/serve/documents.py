"""Episodes of live streams as report.json shows them, and as the store keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.apps.audit.findings import Stills, episode_of
from detector.apps.audit.sensors import Plots
from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.serve.telling import english
from detector.core.episode import Episode, Threshold
from detector.core.observation import Readings
from detector.edge.series import Block, EpisodeRow


@dataclass(frozen=True)
class _Held:
    blocks: Sequence[Readings]

    def observations(self) -> Iterable[Readings]:
        return self.blocks


class Documents:
    """Makes documents of one judgement's episodes; ``now`` s is how far its streams were seen.

    A live stream is a recording that began in 1970: ``start_s`` are Unix seconds.
    """

    def __init__(self, mine: str, blocks: Sequence[Block], now: float) -> None:
        self._mine = mine
        self._texts = english()
        self._plots = Plots([_Held([b for b in blocks if isinstance(b, Readings)])])
        kinds = {b.stream: isinstance(b, Readings) for b in blocks}
        self._timelines = Timelines([self._stream(s, r, now) for s, r in kinds.items()])

    def _stream(self, stream: str, readings: bool, now: float) -> Recording:
        kind = "sensors" if readings else "cameras"
        return Recording(
            path=Path(stream),
            shown=f"mines/{self._mine}/{kind}/{stream}",
            stream=stream,
            sha256=None,
            status="ok",
            reason=None,
            wall=True,
            duration_s=now,
            kind="readings" if readings else "video",
        )

    def row(self, episode: Episode, threshold: Threshold) -> EpisodeRow:
        """An episode to be stored."""
        stills = Stills(Path())
        shown = episode_of(episode, self._timelines, threshold, stills, self._plots, self._texts)
        evidence = shown.evidence.model_copy(update={"stills": [], "still_details": []})
        shown = shown.model_copy(update={"evidence": evidence})
        return EpisodeRow(
            id=shown.id,
            detector=shown.detector,
            stream=shown.stream,
            start=shown.start_s,
            end=max(shown.end_s, shown.start_s),
            closed=not shown.until_end,
            peak=shown.peak,
            document=shown.model_dump(mode="json"),
        )
