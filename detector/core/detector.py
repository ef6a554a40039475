"""What every detector is: it learns what is normal, reads observations, and scores."""

from __future__ import annotations

from typing import ClassVar, Protocol

from detector.core.observation import Device, Frames, Readings, Segment, Tick, Views
from detector.core.score import Scores

Observation = Frames | Views | Segment | Readings | Device | Tick


class Detector(Protocol):
    """A detector bound to the streams of one watch.

    ``learn`` is fed what is known of the streams before they are judged (audit: the whole
    recording, live: the stored past); it changes what the detector takes for normal and never
    returns a score. ``update`` returns scores for what it can now judge, ``finish`` for what was
    still pending when the streams ended. The scores do not depend on how the streams were cut.
    """

    name: ClassVar[str]
    unit: ClassVar[str]

    def learn(self, observation: Observation) -> None:
        """Take an observation as an example of how the stream is."""

    def update(self, observation: Observation) -> list[Scores]:
        """Score an observation (kinds the detector does not read give no scores)."""

    def finish(self) -> list[Scores]:
        """Score what was still pending."""
