"""uninformative_frame: seconds during which a camera's picture says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from detector.core.detector import Observation
from detector.core.observation import F32, U8, Bool, Views
from detector.core.score import Scores
from detector.detectors.lasting import Lasting
from detector.signals.change import expand
from detector.signals.information import (
    DARK_LIGHT,
    band_agreement,
    empty_kind,
    saturated,
)
from detector.signals.looks import Look, Looks
from detector.signals.richness import alive, full_looks, sharp_from
from detector.signals.view import PRESENT, Sight, sights, tile_averages

#: Light that falls below this part from one picture to the next is no nightfall.
_FALL = 0.4
#: Luma from which on a tile is flooded with light (video range ends at 235).
_FLOOD = 222.0
#: Rows after which it is worked out anew which looks hold the camera's information.
_RENEWED = 32
NO_REFERENCE = "the view has not stayed the same long enough to be known"
RESTLESS = "the view never stays the same"
_Verdict = tuple[str | None, dict[str, float]]


@dataclass(frozen=True)
class UninformativeFrameParameters:
    """Parameters of :class:`UninformativeFrame`.

    * ``lost_part``: part of the view's own structure that must be gone for it to be covered (0..1);
    * ``alive_part``: of the tiles that lost it, at most this part may hold anything sharp (0..1);
    * ``left_part``: of the sharp tiles of the view at most this part may be left, anywhere (0..1);
    * ``new_part``: of the sharp tiles of the view, at most this part may be where it had none left:
      more is another view (0..1);
    * ``uncovered``: what is covered correlates less than this with what was there (0..1);
    * ``repainted_part``: and in at least this part of it the light differs from what was there, a
      common change apart, by ``repainted_grey`` grey levels (0..1);
    * ``flooded_part``: part of the structure lost to light in an over-exposed picture (0..1), of
      which at least ``saturated_part`` is saturated; ``blinding_part`` of it is too much anyway;
    * ``sharp_part``: strong edges below this part of their height are out of focus (0..1);
    * ``blurred_part``: the same where the blur is so wide that the edges seem lost (0..1);
    * ``agreement``: such a blurred picture correlates at least so far with its view (0..1);
    * ``edge_grey``: edges lower than this are not asked about focus, grey levels;
    * ``edge_tiles``: so many tiles with such edges are needed to judge focus;
    * ``least_light``: focus is not judged below this part of the usual light (0..1);
    * ``slack``: limits are this factor laxer while the picture is taken to say nothing;
    * ``restless_part``: a camera whose pictures show a known view less often than this is not
      judged (0..1), once ``restless_rows`` pictures were seen.
    """

    lost_part: float = 0.45
    alive_part: float = 0.35
    left_part: float = 0.75
    new_part: float = 0.3
    uncovered: float = 0.5
    repainted_grey: float = 2.5
    repainted_part: float = 0.55
    flooded_part: float = 0.3
    saturated_part: float = 0.5
    blinding_part: float = 0.75
    sharp_part: float = 0.5
    blurred_part: float = 0.3
    agreement: float = 0.7
    edge_grey: float = 8.0
    edge_tiles: int = 4
    least_light: float = 0.35
    slack: float = 1.25
    restless_part: float = 0.4
    restless_rows: int = 5


class UninformativeFrame:
    """Black, over-exposed, covered, defocused, or a slate instead of a picture.

    Score: seconds since the picture says nothing. Black, over-exposed and a slate are seen from the
    first picture on; covered and defocused against the view the camera has had: covered where its
    own edges are gone from about half of it or more and nothing sharp stands in their place,
    defocused where the edges are at their places but fine detail is lost far beyond contrast.
    Not called: a change of brightness, night, haze (they keep edges, or lose fine and coarse
    alike), a vehicle or crowd before the camera (sharp), another view (see moved_camera). Blind for
    covered and defocused until a view is known, and for cameras whose view never stays.
    """

    name: ClassVar[str] = "uninformative_frame"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: UninformativeFrameParameters | None = None) -> None:
        self.parameters = parameters or UninformativeFrameParameters()
        self._cameras: dict[str, _Camera] = {}

    def learn(self, observation: Observation) -> None:
        """Learn the views of a camera from a recording of it."""
        if isinstance(observation, Views):
            camera = self._camera(observation.stream)
            camera.read(observation)
            camera.timeline.take()

    def update(self, observation: Observation) -> list[Scores]:
        """Judge views against what is known of their camera so far."""
        if not isinstance(observation, Views):
            return []
        camera = self._camera(observation.stream)
        camera.judging()
        camera.read(observation)
        return camera.timeline.take()

    @property
    def pending(self) -> bool:
        """Whether the end would tell anything that has not been told."""
        return any(camera.timeline.in_state for camera in self._cameras.values())

    def finish(self) -> list[Scores]:
        """Close what is still going on."""
        scores = []
        for stream in sorted(self._cameras):
            camera = self._cameras[stream]
            camera.timeline.end()
            scores += camera.timeline.take()
        return scores

    def _camera(self, stream: str) -> _Camera:
        if stream not in self._cameras:
            self._cameras[stream] = _Camera(stream, self.parameters)
        return self._cameras[stream]


class _Camera:
    """What is known of one camera and its scores."""

    def __init__(self, stream: str, parameters: UninformativeFrameParameters) -> None:
        self._parameters = parameters
        self._stream = stream
        self._looks = Looks()
        self._full: list[Look] = []
        self._renewed = (0, 0)
        self._seen = self._known = 0
        self._judging = False
        self._start()

    def _start(self) -> None:
        self._time = -np.inf
        self._before: Sight | None = None
        self._lit: float | None = None
        self.timeline = Lasting(UninformativeFrame.name, UninformativeFrame.unit, self._stream)

    def judging(self) -> None:
        """What was read so far was learned; what comes now is judged."""
        if not self._judging:
            self._judging = True
            self._looks.pause()
            self._start()

    def read(self, views: Views) -> None:
        """Judge rows one after another, learning from those that say something.

        Rows that do not go forward in time are left out.
        """
        detail = expand(views.detail)
        for i, sight in enumerate(sights(views)):
            time = float(views.time[i])
            if time > self._time:
                self._time = time
                self._judge(time, views.layout[i], detail[i], sight)

    def _judge(self, time: float, layout: U8, detail: F32, sight: Sight) -> None:
        kind = empty_kind(layout, detail, sight.crisp, self._sudden(sight))
        figures: dict[str, float] = {}
        full = self._full_looks()
        if kind is None and full and not self._restless():
            kind, figures = self._against(sight, full)
        self._before = sight
        if kind is not None:
            self._looks.pause()
            figures["mean_luma_grey"] = round(float(layout.mean()), 1)
            self.timeline.hold(time, kind, figures)
            return
        seen = self._looks.see(sight, time)
        self._seen += 1
        self._known += seen.look is not None
        if not full:
            self.timeline.blind(time, NO_REFERENCE)
        elif self._restless():
            self.timeline.blind(time, RESTLESS)
        else:
            self.timeline.clear(time)

    def _sudden(self, sight: Sight) -> bool:
        """Whether light fell at once, not as by night, since the picture was last lit."""
        if sight.light < (DARK_LIGHT if self._lit is None else _FALL * self._lit):
            return True
        self._lit = sight.light
        return False

    def _restless(self) -> bool:
        limits = self._parameters
        seldom = self._known < limits.restless_part * self._seen
        return seldom and self._seen >= limits.restless_rows

    def _against(self, sight: Sight, full: list[Look]) -> _Verdict:
        """Whether the structure of the view that a picture fits best is gone or out of focus."""
        limits = self._parameters
        slack = limits.slack if self.timeline.in_state else 1.0
        fits = [(known, known.structure.presence(sight)) for known in full]
        look, presence = max(fits, key=lambda fit: fit[0].structure.part(fit[1]))
        own = look.structure.own
        lost = own & (presence < PRESENT)
        part = float(np.count_nonzero(lost) / np.count_nonzero(own))
        figures = {"structure_lost_percent": round(100 * part, 1)}
        if _flooded(sight, look, lost, limits, slack):
            return "over-exposed", figures
        lit = min(sight.light / known.light for known in full)
        if part < limits.lost_part / (1 + (slack - 1) / 2):
            contrast = np.clip(look.structure.contrast(sight, presence), 0.1, 1.0)
            height = _edge_height(sight, look, own & ~lost, limits, contrast)
            if height is None or lit < limits.least_light:
                return None, figures
            figures["edge_height_percent"] = round(100 * height, 1)
            return ("defocused" if height < limits.sharp_part * slack else None), figures
        agreement = band_agreement(sight.luma, look.luma, lost)
        height = _edge_height(sight, look, own, limits)
        if agreement >= limits.agreement and height is not None and lit >= limits.least_light:
            figures["edge_height_percent"] = round(100 * height, 1)
            return ("defocused" if height < limits.blurred_part else None), figures
        deep = band_agreement(sight.luma, look.luma, _deep(lost, own))
        if deep >= limits.uncovered or not _repainted(sight, look, lost, limits):
            return None, figures
        return self._covered(sight, look, lost, slack, figures)

    def _covered(
        self, sight: Sight, look: Look, lost: Bool, slack: float, figures: dict[str, float]
    ) -> _Verdict:
        """Whether nothing sharp stands where structure was lost, nor instead of it elsewhere."""
        limits = self._parameters
        sharp = sharp_from(look)
        living = alive(sight, self._before, sharp)
        usual = alive(look.sight(), look.sight(), sharp)
        held = float(np.mean(living[lost]))
        left = float(living.sum() / max(1, usual.sum()))
        figures |= {
            "sharp_percent": round(100 * held, 1),
            "information_percent": round(100 * left, 1),
        }
        stayed = 1 - float(np.count_nonzero(lost) / np.count_nonzero(look.structure.own))
        most = min(limits.left_part, stayed + limits.new_part)
        covered = held <= limits.alive_part * slack and left <= most * slack
        return ("covered" if covered else None), figures

    def _full_looks(self) -> list[Look]:
        """The looks that hold the camera's information: not those covered or out of focus."""
        looks = self._looks.looks
        state = (len(looks), sum(look.rows for look in looks) // _RENEWED)
        if state != self._renewed:
            self._renewed, self._full = state, full_looks(looks)
        return self._full


def _flooded(
    sight: Sight, look: Look, lost: Bool, limits: UninformativeFrameParameters, slack: float
) -> bool:
    """Whether a picture is, beyond what is usual, saturated or has lost structure to light."""
    part = saturated(sight.luma)
    if part < limits.saturated_part or part < 2 * saturated(look.luma):
        return False
    flooded = lost & (tile_averages(sight.luma[None])[0] >= _FLOOD)
    lacking = float(np.count_nonzero(flooded) / np.count_nonzero(look.structure.own))
    return part >= limits.blinding_part or lacking >= limits.flooded_part / slack


def _repainted(sight: Sight, look: Look, lost: Bool, limits: UninformativeFrameParameters) -> bool:
    """Whether other light than what was there, not just more or less of it, comes from tiles."""
    for gain in (1.0, sight.light / look.light):
        change = tile_averages((sight.luma - np.float32(gain) * look.luma)[None])[0][lost]
        other = np.abs(change - np.median(change)) >= limits.repainted_grey
        if float(np.mean(other)) < limits.repainted_part:
            return False
    return True


def _deep(lost: Bool, own: Bool) -> Bool:
    """The lost tiles with no tile of the view beside them that is there, or all where all have:
    strong edges that reach over from there would speak for what is gone."""
    there = cv2.dilate((own & ~lost).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    deep = lost & ~there
    return deep if deep.any() else lost


def _edge_height(
    sight: Sight,
    look: Look,
    tiles: Bool,
    limits: UninformativeFrameParameters,
    contrast: F32 | None = None,
) -> float | None:
    """How high strong edges rise for what they do in the look, at its light or its contrast.

    None where too few are strong enough to tell.
    """
    expected = look.sharp * np.float32(min(1.0, sight.light / look.light))
    asked = tiles & (expected >= limits.edge_grey)
    if np.count_nonzero(asked) < limits.edge_tiles:
        return None
    if contrast is not None:
        expected = look.sharp * contrast
    return float(np.median(sight.crisp[asked] / expected[asked]))
