"""Configuration: site, thresholds, parameters; parsed, validated, digested."""

from detector.config.configuration import Configuration, digest, load, parameters
from detector.config.pattern import RecordingName, RecordingPattern
from detector.config.shipped import shipped
from detector.config.show import shown
from detector.config.site import Camera, Console, Mine, Mqtt, Recordings, Series, Site, Stream
from detector.config.thresholds import read_thresholds

__all__ = [
    "Camera",
    "Configuration",
    "Console",
    "Mine",
    "Mqtt",
    "RecordingName",
    "RecordingPattern",
    "Recordings",
    "Series",
    "Site",
    "Stream",
    "digest",
    "load",
    "parameters",
    "read_thresholds",
    "shipped",
    "shown",
]
