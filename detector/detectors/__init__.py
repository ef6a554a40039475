"""The catalogue: every detector by name, with the class of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from detector.core.detector import Detector
from detector.core.signs import Signs
from detector.detectors.calibration_fault import CalibrationFault, CalibrationFaultParameters
from detector.detectors.capped_signal import CappedSignal, CappedSignalParameters
from detector.detectors.clock_fault import ClockFault, ClockFaultParameters
from detector.detectors.copied_signal import CopiedSignal, CopiedSignalParameters
from detector.detectors.displaced_sensor import DisplacedSensor, DisplacedSensorParameters
from detector.detectors.duplicated_video import DuplicatedVideo, DuplicatedVideoParameters
from detector.detectors.fabricated_signal import FabricatedSignal, FabricatedSignalParameters
from detector.detectors.flat_signal import FlatSignal, FlatSignalParameters
from detector.detectors.frozen_frame import FrozenFrame, FrozenFrameParameters
from detector.detectors.frozen_signs import FrozenSigns
from detector.detectors.inconsistent_production import (
    InconsistentProduction,
    InconsistentProductionParameters,
)
from detector.detectors.inconsistent_readings import (
    InconsistentReadings,
    InconsistentReadingsParameters,
)
from detector.detectors.inconsistent_shaft import (
    InconsistentShaft,
    InconsistentShaftParameters,
)
from detector.detectors.moved_camera import MovedCamera, MovedCameraParameters
from detector.detectors.out_of_range import OutOfRange, OutOfRangeParameters
from detector.detectors.recording_gap import RecordingGap, RecordingGapParameters
from detector.detectors.replay_signs import ReplaySigns
from detector.detectors.replayed_signal import ReplayedSignal, ReplayedSignalParameters
from detector.detectors.replayed_video import ReplayedVideo, ReplayedVideoParameters
from detector.detectors.scaled_signal import ScaledSignal, ScaledSignalParameters
from detector.detectors.silence import Silence, SilenceParameters
from detector.detectors.silence_signs import SilenceSigns
from detector.detectors.spike import Spike, SpikeParameters
from detector.detectors.uninformative_frame import UninformativeFrame, UninformativeFrameParameters

#: Detectors that compare streams with each other; all others watch one stream each.
ACROSS = frozenset(
    {
        "duplicated_video",
        "copied_signal",
        "scaled_signal",
        "displaced_sensor",
        "calibration_fault",
        "inconsistent_production",
        "inconsistent_readings",
    }
)

#: Detectors that compare the cameras of a shaft with its readings.
SHAFT = frozenset({"inconsistent_shaft"})

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
    "flat_signal": (FlatSignal, FlatSignalParameters),
    "spike": (Spike, SpikeParameters),
    "silence": (Silence, SilenceParameters),
    "out_of_range": (OutOfRange, OutOfRangeParameters),
    "clock_fault": (ClockFault, ClockFaultParameters),
    "capped_signal": (CappedSignal, CappedSignalParameters),
    "replayed_signal": (ReplayedSignal, ReplayedSignalParameters),
    "fabricated_signal": (FabricatedSignal, FabricatedSignalParameters),
    "copied_signal": (CopiedSignal, CopiedSignalParameters),
    "scaled_signal": (ScaledSignal, ScaledSignalParameters),
    "displaced_sensor": (DisplacedSensor, DisplacedSensorParameters),
    "calibration_fault": (CalibrationFault, CalibrationFaultParameters),
    "inconsistent_production": (InconsistentProduction, InconsistentProductionParameters),
    "inconsistent_readings": (InconsistentReadings, InconsistentReadingsParameters),
    "inconsistent_shaft": (InconsistentShaft, InconsistentShaftParameters),
}

#: What tells whether a detector that judges all anew is worth asking, of its parameters.
SIGNS: dict[str, Callable[[Any], Signs]] = {
    "frozen_frame": FrozenSigns,
    "replayed_video": ReplaySigns,
    "silence": SilenceSigns,
}
