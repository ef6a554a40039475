"""The catalogue: every detector by name, with the class of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from detector.core.detector import Detector
from detector.detectors.duplicated_video import DuplicatedVideo, DuplicatedVideoParameters
from detector.detectors.frozen_frame import FrozenFrame, FrozenFrameParameters
from detector.detectors.moved_camera import MovedCamera, MovedCameraParameters
from detector.detectors.recording_gap import RecordingGap, RecordingGapParameters
from detector.detectors.replayed_video import ReplayedVideo, ReplayedVideoParameters
from detector.detectors.uninformative_frame import UninformativeFrame, UninformativeFrameParameters

#: Detectors that compare streams with each other; all others watch one stream each.
ACROSS = frozenset({"duplicated_video"})

#: Detectors that watch cameras; all others watch readings.
VIDEO = frozenset(
    {
        "frozen_frame",
        "uninformative_frame",
        "moved_camera",
        "replayed_video",
        "recording_gap",
        "duplicated_video",
    }
)

CATALOGUE: dict[str, tuple[Callable[[Any], Detector], type]] = {
    "frozen_frame": (FrozenFrame, FrozenFrameParameters),
    "uninformative_frame": (UninformativeFrame, UninformativeFrameParameters),
    "moved_camera": (MovedCamera, MovedCameraParameters),
    "replayed_video": (ReplayedVideo, ReplayedVideoParameters),
    "recording_gap": (RecordingGap, RecordingGapParameters),
    "duplicated_video": (DuplicatedVideo, DuplicatedVideoParameters),
}
