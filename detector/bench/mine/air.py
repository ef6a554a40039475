"""Gas, air, people and electricity of a simulated mine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.bench.mine.machines import late, of_day, shift, slow, wander
from detector.bench.mine.settings import CHANGES_S, DAY_S, ZONE_S, MineSettings, Work

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Days between calibrations of a methane sensor, how long its gas flows, s, and what it is, %.
CALIBRATED_DAYS, CALIBRATED_S, CALIBRATION_GAS = 15, 300.0, 2.0


def pressure(settings: MineSettings, time: F64) -> F64:
    """Air pressure (n,), hPa: weather, and the tides of the day."""
    random = settings.random(11)
    memory = float(np.exp(-settings.period_s / (30 * 3600)))
    tide = 0.9 * np.sin(4 * np.pi * (of_day(time) / DAY_S - 0.2))
    fine = 0.05 * random.standard_normal(len(time))
    return _digits(1092 + 6 * wander(random, len(time), memory) + tide + fine, 1)


def wind(settings: MineSettings, work: Work, time: F64) -> tuple[F64, F64]:
    """Wind (n,) in the intake of the face, m/s, and air (n,) of the main fan, m3/min."""
    random = settings.random(12)
    memory = float(np.exp(-settings.period_s / 1800))
    part = work.air * (1 + 0.03 * wander(random, len(time), memory))
    draught = 0.12 + 0.03 * wander(random, len(time), memory)
    speed = 2.2 * part + draught + 0.03 * random.standard_normal(len(time))
    flow = 6800 * part + 30 * wander(random, len(time), 0.5)
    return _digits(np.maximum(speed, 0.0), 2), _digits(np.maximum(flow, 0.0) * (work.air > 0), 0)


def methane(
    settings: MineSettings, work: Work, time: F64, cut: F64, speed: F64, hpa: F64
) -> tuple[F64, F64, F64]:
    """Methane (n,) in the intake, at the face's return corner and in the return, %: what the coal
    gives off rises with the cutting, lags behind it, is thinned by the air, and follows falling
    pressure."""
    random, period = settings.random(13), settings.period_s
    n = len(time)
    memory = float(np.exp(-period / 3600))
    air = np.maximum(slow(speed, 300.0, period), 0.1) / 2.3
    falling = -slow(np.gradient(slow(hpa, 3600.0, period), time) * 3600, 3600.0, period)
    seam = work.gas * (0.16 + 0.03 * wander(random, n, memory) + 0.02 * falling)
    fresh = work.gas * 0.30 * slow(late(cut, 120.0, period), 420.0, period) / 600
    blown = _blasts(work, time)
    freely = 0.02 if work.air else 0.35
    intake = freely + 0.004 * wander(random, n, memory)
    gusts = 1 + 0.10 * wander(random, n, float(np.exp(-period / 240)))
    corner = intake + (seam + fresh + blown) * gusts / air
    given = intake + 0.75 * (seam + slow(fresh + blown, 300.0, period)) / air
    back = late(given, 240.0, period) + 0.01 * wander(random, n, 0.9)
    devices = []
    for number, value in enumerate((intake, corner, back)):
        noisy = value + 0.006 * random.standard_normal(n)
        devices.append(_calibrated(settings, time, np.maximum(noisy, 0.0), number))
    return devices[0], devices[1], devices[2]


def _blasts(work: Work, time: F64) -> F64:
    """Gas (n,) set free by the blast before each hoisting of rock, %."""
    if not work.rock_h:
        return np.zeros(len(time))
    since = (of_day(time) - 2.5 * 3600) % DAY_S % (8 * 3600)
    return np.asarray(0.25 * work.gas * (since / 300) * np.exp(1 - since / 300))


def calibrating(settings: MineSettings, time: F64, number: int) -> tuple[Bools, F64]:
    """Whether gas flows onto a methane sensor to calibrate it (n,), and for how long, s (n,)."""
    day = (time + ZONE_S) // DAY_S
    due = (day + 5 * number + settings.seed) % CALIBRATED_DAYS == 0
    since = of_day(time) - (10 + number) * 3600
    return due & (since >= 0) & (since < CALIBRATED_S), since


def _calibrated(settings: MineSettings, time: F64, value: F64, number: int) -> F64:
    """The readings (n,) with the gas of the calibrations every fifteen days, to 0.01 %."""
    inside, since = calibrating(settings, time, number)
    gas = CALIBRATION_GAS * (1 - np.exp(-np.maximum(since, 0.0) / 20))
    return _digits(np.where(inside, np.maximum(gas, value), value), 2)


def carbon_monoxide(settings: MineSettings, work: Work, time: F64, cut: F64) -> F64:
    """Carbon monoxide (n,) in the return, ppm: a little from the coal, some after each blast."""
    random = settings.random(14)
    blown = 30 * _blasts(work, time)
    memory = float(np.exp(-settings.period_s / 3600))
    level = 2.5 * work.gas * (1 + 0.2 * wander(random, len(time), memory))
    coal = 2.0 * slow(cut, 600.0, settings.period_s) / 600
    noise = 0.1 * random.standard_normal(len(time))
    return _digits(np.maximum(level + coal + blown + noise, 0.0), 1)


def temperature(settings: MineSettings, time: F64, cut: F64) -> F64:
    """Temperature (n,) at the face, degrees Celsius."""
    random = settings.random(15)
    memory = float(np.exp(-settings.period_s / (6 * 3600)))
    machines = 1.2 * slow(cut, 2400.0, settings.period_s) / 600
    level = 24.5 + 0.5 * wander(random, len(time), memory)
    return _digits(level + machines + 0.04 * random.standard_normal(len(time)), 1)


def people(settings: MineSettings, work: Work, time: F64) -> F64:
    """People underground (n,): a crew for each shift, both for a while when shifts change."""
    if not work.people:
        return np.zeros(len(time))
    random = settings.random(16)
    count = int(settings.days * 3) + 8
    first = int((time[0] + ZONE_S - CHANGES_S[0]) // (8 * 3600)) - 2
    total = np.zeros(len(time))
    for number in range(first, first + count):
        begin = number * 8 * 3600 - ZONE_S + CHANGES_S[0]
        size = work.people if number % 3 in _working(work) else work.watch
        total += _crew(random, time, begin, round(size * random.uniform(0.9, 1.1)))
    return total


def _crew(random: np.random.Generator, time: F64, begin: float, size: int) -> F64:
    """People (n,) of one shift: a cage holds up to nine, and some come and go between."""
    cages = -(-size // 9)
    down = begin + np.sort(random.uniform(-1500, 600, cages))
    up = begin + 8 * 3600 + np.sort(random.uniform(300, 2400, cages))
    visits = random.poisson(3)
    came = begin + random.uniform(1800, 6 * 3600, visits)
    went = came + random.uniform(1200, 3600, visits)
    below = 9 * (
        np.searchsorted(down, time, side="right") - np.searchsorted(up, time, side="right")
    )
    inside = np.searchsorted(np.sort(came), time, side="right")
    inside = inside - np.searchsorted(np.sort(went), time, side="right")
    return np.asarray(np.minimum(9 * below, size) + inside, dtype=np.float64)


def _working(work: Work) -> tuple[int, ...]:
    return work.coal_shifts or ((0, 1, 2) if work.rock_h else (0,))


def power(settings: MineSettings, work: Work, machines: F64, time: F64) -> F64:
    """Power (n,) of the whole mine, kW: ``machines`` (n,) and what runs day and night."""
    random = settings.random(17)
    memory = float(np.exp(-settings.period_s / 900))
    lights = 40 * (shift(time) == 0) if work.people else 0.0
    steady = work.power_kw * (1 + 0.03 * wander(random, len(time), memory)) + 700 * work.air
    jolts = 1 + 0.04 * random.standard_normal(len(time))
    steady = steady * (1 + 0.01 * random.standard_normal(len(time)))
    return _digits(steady + lights + machines * jolts, 0)


def _digits(value: F64, digits: int) -> F64:
    """As a device with so many digits reports it."""
    return np.asarray(np.round(value, digits), dtype=np.float64)
