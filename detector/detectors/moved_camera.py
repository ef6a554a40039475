"""moved_camera: seconds during which a camera shows another view than the one it had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.observation import F32, U8, Views
from detector.core.score import Scores
from detector.detectors.lasting import Lasting
from detector.signals.change import expand
from detector.signals.information import empty_kind
from detector.signals.looks import Look, Looks, Seen
from detector.signals.places import HIDDEN, NOWHERE, PASSING, Alignment, Places
from detector.signals.registration import Motion
from detector.signals.view import Sight, sights

NOTHING = "the picture says nothing"
NO_REFERENCE = "the view has not stayed the same long enough to be known"
RESTLESS = "the camera keeps changing its view"


@dataclass(frozen=True)
class MovedCameraParameters(Alignment):
    """Parameters of :class:`MovedCamera`, beside those of :class:`Alignment`.

    * ``passing_s``: what drove into the view and stays for longer is another view, s;
    * ``turns``: a camera that changed its place so often, staying ``stay_s`` s on average or less,
      patrols and is not judged; ``cuts`` and ``shot_s`` are the same for edited film;
    * ``restless_part``: nor is one whose pictures show a known view less often than this (0..1),
      once ``restless_rows`` pictures were seen.
    """

    passing_s: float = 60.0
    turns: int = 6
    stay_s: float = 120.0
    cuts: int = 2
    shot_s: float = 8.0
    restless_part: float = 0.4
    restless_rows: int = 5


class MovedCamera:
    """The view is no longer the one the camera had: shifted, turned, zoomed, or another view.

    Score: seconds since the view changed, until it comes back. Reference is the view the camera had
    first. What stays over many pictures is compared, by gradients and then by registration, so
    light, night, compression, and what passes or stops before the camera are no moves; a view that
    does not stay (a jolt) is none either. Misses: moves below about 2 % of the picture's width.
    Blind while the picture says nothing (see uninformative_frame), until a view is known, and for
    cameras that move by themselves.
    """

    name: ClassVar[str] = "moved_camera"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: MovedCameraParameters | None = None) -> None:
        self.parameters = parameters or MovedCameraParameters()
        self._cameras: dict[str, _Camera] = {}

    def learn(self, observation: Observation) -> None:
        """Learn the views of a camera from a recording of it."""
        if isinstance(observation, Views):
            camera = self._camera(observation.stream)
            camera.read(observation)
            camera.timeline.take()

    def update(self, observation: Observation) -> list[Scores]:
        """Judge views against the one their camera had."""
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

    def __init__(self, stream: str, parameters: MovedCameraParameters) -> None:
        self._parameters = parameters
        self._stream = stream
        self._places = Places(parameters)
        self._looks = Looks(self._places.place_of)
        self._seen = self._known = 0
        self._passed_s = 0.0
        self._time = -np.inf
        self._judging = self._by_nature = False
        self._kind = ""
        self._came: float | None = None
        self.timeline = Lasting(MovedCamera.name, MovedCamera.unit, stream)

    def judging(self) -> None:
        """What was read so far was learned; what comes now is judged."""
        if not self._judging:
            self._judging, self._time, self._by_nature = True, -np.inf, self._restless()
            self._looks.pause()
            self._places.pause()
            self._came = None
            self.timeline = Lasting(MovedCamera.name, MovedCamera.unit, self._stream)

    def read(self, views: Views) -> None:
        """Judge rows one after another; rows that do not go forward in time are left out."""
        detail, limits = expand(views.detail), self._parameters
        for i, sight in enumerate(sights(views)):
            time = float(views.time[i])
            if time > self._time:
                if np.isfinite(self._time):
                    self._passed_s += min(time - self._time, limits.stay_s)
                self._time = time
                self._places.aspect = float(views.size[i, 0]) / max(1.0, float(views.size[i, 1]))
                self._judge(time, views.layout[i], detail[i], sight)

    def _judge(self, time: float, layout: U8, detail: F32, sight: Sight) -> None:
        if empty_kind(layout, detail, sight.crisp) is not None:
            self._looks.pause()
            self.timeline.blind(time, NOTHING)
            return
        seen = self._looks.see(sight, time)
        place = self._place(seen.look, time)
        self._seen += 1
        self._known += seen.look is not None
        self._places.note(sight, seen, self._looks.looks)
        reference = self._places.reference()
        if reference is None:
            self.timeline.blind(time, NO_REFERENCE)
        elif self._restless():
            self.timeline.blind(time, RESTLESS)
        elif place == NOWHERE:
            self.timeline.blind(time, NOTHING)
        elif place == reference or (
            place in (None, HIDDEN, PASSING) and not self.timeline.in_state
        ):
            self.timeline.clear(time)
        else:
            self._hold(time, seen, place)

    def _hold(self, time: float, seen: Seen, place: int | None) -> None:
        figures: dict[str, float] = {}
        since = None
        if place is not None and place >= 0 and seen.look is not None:
            motion = self._places.motion(place, self._looks.looks)
            self._kind, figures = _described(motion, self._places.aspect)
            since = seen.look.start if seen.formed else self._came
        self.timeline.hold(time, self._kind, figures, since)

    def _place(self, look: Look | None, time: float) -> int | None:
        """The place of a look; what drove in and stays too long for that is another view."""
        if look is None:
            return None
        if look.place != PASSING:
            self._came = None
        elif self._came is None:
            self._came = time
        elif time - self._came >= self._parameters.passing_s:
            look.place = self._places.settle()
        return look.place

    def _restless(self) -> bool:
        limits = self._parameters
        if self._by_nature or self._seen < limits.restless_rows:
            return self._by_nature
        if self._known < limits.restless_part * self._seen:
            return True
        turns, places = self._places.turns, self._places.count
        stay_s = self._passed_s / (turns + 1)
        patrols = turns >= limits.turns and stay_s < limits.stay_s
        return patrols or (places > limits.cuts and turns >= limits.cuts and stay_s < limits.shot_s)


def _described(motion: Motion | None, aspect: float) -> tuple[str, dict[str, float]]:
    """Kind and figures of a move."""
    if motion is None:
        return "other view", {}
    figures = {
        "similarity_in_place": round(motion.before, 2),
        "similarity_aligned": round(motion.after, 2),
        "shift_right_percent": round(100 * motion.right, 1),
        "shift_down_percent": round(100 * motion.down, 1),
        "rotation_degrees": round(motion.degrees, 1),
        "zoom_factor": round(motion.zoom, 3),
    }
    parts = {
        "shifted": Motion(motion.right, motion.down, 0.0, 1.0, 0.0, 0.0, 1.0),
        "turned": Motion(0.0, 0.0, motion.degrees, 1.0, 0.0, 0.0, 1.0),
        "zoomed": Motion(0.0, 0.0, 0.0, motion.zoom, 0.0, 0.0, 1.0),
    }
    return max(parts, key=lambda kind: parts[kind].displacement(aspect)), figures
