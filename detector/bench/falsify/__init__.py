"""Falsified readings with ground truth: the tamper kit for sensors."""

from __future__ import annotations

from detector.bench.falsify.arrivals import BackFill, ClockBack, ClockDrift, ClockRounded, Silence
from detector.bench.falsify.falsification import Falsification, Seed, Table
from detector.bench.falsify.made_up import Fabricate
from detector.bench.falsify.showings import CopyStream, ReplayPast
from detector.bench.falsify.table import KINDS, ReadingsTruth, falsify, plain, write_readings
from detector.bench.falsify.values import (
    Cap,
    Displace,
    DitherHold,
    FaultCode,
    HoldValue,
    SayCalibrating,
    ScaleValues,
    SpikeValue,
)

__all__ = [
    "KINDS",
    "BackFill",
    "Cap",
    "ClockBack",
    "ClockDrift",
    "ClockRounded",
    "CopyStream",
    "Displace",
    "DitherHold",
    "Fabricate",
    "Falsification",
    "FaultCode",
    "HoldValue",
    "ReadingsTruth",
    "ReplayPast",
    "SayCalibrating",
    "ScaleValues",
    "Seed",
    "Silence",
    "SpikeValue",
    "Table",
    "falsify",
    "plain",
    "write_readings",
]
