"""Shearer, belt, hoists and pumps of a simulated mine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from detector.bench.mine.settings import CHANGES_S, DAY_S, ZONE_S, MineSettings, Work
from detector.bench.scenes.machines import hoist_starts
from detector.bench.scenes.settings import Settings

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Seconds of a cycle of the main hoist, and by how much cycles differ.
CYCLE_S, CYCLE_JITTER_S = 90.0, 4.0
#: Power of the main hoist at full load and of the auxiliary hoist, kW.
MAIN_KW, AUXILIARY_KW = 1800.0, 400.0
#: Parts of a cycle in which the cage travels: up loaded, down empty.
_UP, _DOWN = (0.2, 0.5), (0.7, 1.0)


def of_day(time: F64) -> F64:
    """Seconds since local midnight (n,)."""
    return np.asarray((time + ZONE_S) % DAY_S)


def shift(time: F64) -> NDArray[np.intp]:
    """The shift (n,): 0 from 8:00, 1 from 16:00, 2 from midnight."""
    return np.asarray(((of_day(time) - CHANGES_S[0]) % DAY_S // (8 * 3600)).astype(np.intp))


def wander(random: np.random.Generator, n: int, memory: float) -> F64:
    """A stationary series (n,) of variance 1 with this correlation from row to row."""
    noise = random.standard_normal(n)
    noise[1:] *= np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], noise), dtype=np.float64)


def slow(value: F64, seconds: float, period_s: float) -> F64:
    """The series (n,) as it follows with this time constant."""
    keep = float(np.exp(-period_s / max(seconds, 1e-9)))
    start = [keep * float(value[0])] if len(value) else [0.0]
    return np.asarray(lfilter([1 - keep], [1.0, -keep], value, zi=start)[0], dtype=np.float64)


def late(value: F64, seconds: float, period_s: float) -> F64:
    """The series (n,) so much later."""
    rows = min(round(seconds / period_s), len(value))
    return np.concatenate([np.full(rows, value[0]), value[: len(value) - rows]])


def cutting(settings: MineSettings, work: Work, time: F64) -> F64:
    """Coal (n,) that the shearer cuts, t/h: cuts of some 40 minutes between pauses of some 15,
    none in the first and last half hour of a shift."""
    if not work.coal_shifts:
        return np.zeros(len(time))
    random = settings.random(1)
    count = int(settings.days * 40) + 40
    spans = np.column_stack([random.gamma(8, 300, count), random.gamma(3, 300, count)]).ravel()
    edges = time[0] - 3600 + np.cumsum(spans)
    on = np.searchsorted(edges, time, side="right") % 2 == 0
    within = (of_day(time) - CHANGES_S[0]) % (8 * 3600)
    on &= np.isin(shift(time), work.coal_shifts) & (within > 1800) & (within < 7 * 3600 + 1800)
    rate = work.coal_t_per_h * (1 + 0.12 * wander(random, len(time), 0.9))
    return np.asarray(np.where(on, np.maximum(rate, 0.1 * work.coal_t_per_h), 0.0))


def belt(settings: MineSettings, cut: F64) -> F64:
    """Coal (n,) on the main belt's scale, t/h, some minutes after the shearer."""
    flow = slow(late(cut, 360.0, settings.period_s), 90.0, settings.period_s)
    noise = 1 + 0.03 * settings.random(2).standard_normal(len(cut))
    return np.asarray(np.where(flow > 4.0, np.round(flow * noise), 0.0))


def winding(settings: MineSettings, work: Work, time: F64, flow: F64) -> F64:
    """Mean power (n,) of the main hoist, kW: it winds coal from the bunker, rock, or nothing but
    for the slow inspection of its rope each day."""
    period = settings.period_s
    wanted = slow(late(flow, 900.0, period), 1200.0, period) > 0.25 * work.coal_t_per_h
    if not work.coal_t_per_h:
        wanted = _rock(settings, work, time)
    random = settings.random(3)
    count = int((time[-1] - time[0]) / (CYCLE_S - 5 * CYCLE_JITTER_S)) + 3
    starts = time[0] - CYCLE_S + np.cumsum(random.normal(CYCLE_S, CYCLE_JITTER_S, count))
    row = np.clip(np.searchsorted(time, starts), 0, len(time) - 1)
    begins, ends = starts[:-1], starts[1:]
    use = wanted[row[:-1]]
    begins, ends = _filmed(settings, begins[use], ends[use])
    load = random.normal(1.0, 0.05, len(begins))
    power = _cycles(time, period, begins, ends, MAIN_KW * load)
    if work.air > 0:
        slowly = 0.04 * MAIN_KW * random.uniform(0.6, 1.4, len(time))
        power += np.where(_inspected(time), slowly, 0.0)
    return np.asarray(np.round(power))


def _filmed(settings: MineSettings, begins: F64, ends: F64) -> tuple[F64, F64]:
    """Cycles as in the rendered scene while that is filmed, the others as they were."""
    if not settings.film_seconds:
        return begins, ends
    first = settings.start_at + settings.film_s
    scene = Settings(seconds=settings.film_seconds, seed=settings.film_seed)
    starts = first + hoist_starts(scene)
    keep = (ends <= starts[0]) | (begins >= starts[-1])
    begins = np.concatenate([begins[keep], starts[:-1]])
    ends = np.concatenate([ends[keep], starts[1:]])
    order = np.argsort(begins, kind="stable")
    return begins[order], ends[order]


def _rock(settings: MineSettings, work: Work, time: F64) -> Bools:
    """Whether (n,) rock is wound: after each of three blasts a day."""
    after = (of_day(time) - 3 * 3600) % DAY_S % (8 * 3600)
    day = ((time + ZONE_S) // DAY_S).astype(np.intp)
    lengths = settings.random(4).uniform(0.8, 1.2, int(day.max() - day.min()) + 1)
    return np.asarray(after < work.rock_h / 3 * 3600 * lengths[day - day.min()])


def _inspected(time: F64) -> Bools:
    """Whether (n,) the rope is inspected: a quarter of an hour a day, slowly."""
    return np.asarray(np.abs(of_day(time) - 9.5 * 3600) < 450)


def _cycles(time: F64, period: float, begins: F64, ends: F64, kw: F64) -> F64:
    """Mean power (n,) over the period before each time of cycles [begins, ends] with ``kw`` (m,)
    at full speed: as the cage's speed in both directions."""
    if not len(begins):
        return np.zeros(len(time))
    length = ends - begins
    at, gained = [], []
    for (a, b), part in ((_UP, 1.0), (_DOWN, 0.45)):
        for step in np.linspace(0, 1, 9):
            at.append(begins + (a + (b - a) * step) * length)
            done = step * step * (3 - 2 * step)
            before = 0.0 if part == 1.0 else 1.0
            gained.append((before + part * done) * kw * length * (b - a))
    steps = np.diff(np.stack(gained), axis=0, prepend=0.0)
    order = np.argsort(np.stack(at).T.ravel(), kind="stable")
    edge = np.stack(at).T.ravel()[order]
    energy = np.cumsum(steps.T.ravel()[order])
    return np.asarray(
        np.maximum(
            np.interp(time, edge, energy, left=0.0)
            - np.interp(time - period, edge, energy, left=0.0),
            0.0,
        )
        / period
    )


def riding(settings: MineSettings, work: Work, time: F64) -> F64:
    """Mean power (n,) of the auxiliary hoist, kW: people at the change of shifts, few besides."""
    if not work.people:
        return np.zeros(len(time))
    away = np.abs((of_day(time) - CHANGES_S[0] + 4 * 3600) % (8 * 3600) - 4 * 3600)
    share = np.clip(work.people / 120, 0.1, 1.0)
    rides = away < 1500 * share
    random = settings.random(5)
    rides |= random.random(len(time)) < 0.02 * share * settings.period_s / 60
    load = AUXILIARY_KW * random.uniform(0.3, 0.8, len(time))
    return np.asarray(np.round(np.where(rides, load, 0.0)))


def pumps(settings: MineSettings, time: F64) -> tuple[F64, F64]:
    """Level (n,) of the sump, m, and flow (n,) of the pumps, m3/h: a saw tooth of some hours."""
    random = settings.random(6)
    count = int(settings.days * 8) + 8
    fill, empty = random.normal(4 * 3600, 900, count), random.normal(1.4 * 3600, 400, count)
    edges = (
        time[0]
        - random.uniform(0, 18000)
        - 6 * 3600
        + np.cumsum(np.column_stack([np.maximum(fill, 3600), np.maximum(empty, 1200)]).ravel())
    )
    heights = np.resize([3.6, 1.2], len(edges)) + 0.08 * random.standard_normal(len(edges))
    level = np.interp(time, edges, heights) + 0.01 * random.standard_normal(len(time))
    running = np.searchsorted(edges, time, side="right") % 2 == 1
    flow = np.where(running, 260 + 6 * wander(random, len(time), 0.8), 0.0)
    return np.asarray(np.round(level, 2)), np.asarray(np.round(flow, 1), dtype=np.float64)
