"""What can be chosen about a simulated mine, and what each class of mine does."""

from __future__ import annotations

from dataclasses import dataclass as plain
from datetime import datetime
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

F64 = NDArray[np.float64]
Status = Literal["producing", "supply", "renovation", "construction", "stopped", "closed"]
Story = Literal["", "fake-shaft"]

DAY_S = 86400.0
#: Seconds by which the mine's clock is ahead of UTC.
ZONE_S = 8 * 3600.0
#: Where shifts change, s of the local day: the first is the maintenance shift.
CHANGES_S = (8 * 3600.0, 16 * 3600.0, 24 * 3600.0)


@dataclass(frozen=True)
class MineSettings:
    """`status` is what the mine is declared to be, `story` what it does about it.

    `film_s`, `film_seconds`, `film_seed`: from so many seconds after the start on, for so long, the
    main hoist winds in the cycles of the rendered scene `hoist` of that seed. `statuses`: there are
    statuses that say when each methane sensor is calibrated.
    """

    status: Status = "producing"
    days: Annotated[float, Field(gt=0, le=400, allow_inf_nan=False)] = 7.0
    period_s: Annotated[float, Field(ge=1, le=600, allow_inf_nan=False)] = 60.0
    seed: Annotated[int, Field(ge=0)] = 0
    story: Story = ""
    start: str = "2026-01-04T00:00:00Z"
    film_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    film_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    film_seed: Annotated[int, Field(ge=0)] = 0
    statuses: bool = False

    @property
    def start_at(self) -> float:
        """Unix time of the first reading, s."""
        return datetime.fromisoformat(self.start).timestamp()

    def times(self) -> F64:
        """Times (n,) of the readings, s."""
        n = max(3, round(self.days * DAY_S / self.period_s))
        return np.asarray(self.start_at + self.period_s * np.arange(n), dtype=np.float64)

    def random(self, what: int) -> np.random.Generator:
        """Chance for one part of the mine; ``what`` tells independent parts apart."""
        return np.random.default_rng((self.seed, 7, what))


@plain(frozen=True)
class Work:
    """What a mine does: ``coal_shifts`` of three produce coal at ``coal_t_per_h``; ``rock_h`` hours
    of rock hoisting a day; ``people`` underground in a working and ``watch`` in a resting shift;
    ``air`` is the part of full ventilation, ``power_kw`` what else runs."""

    coal_shifts: tuple[int, ...] = ()
    coal_t_per_h: float = 0.0
    rock_h: float = 0.0
    people: int = 0
    watch: int = 0
    air: float = 1.0
    power_kw: float = 600.0
    gas: float = 1.0


#: What each class of mine honestly does; shift 0 begins at 8:00 and is for maintenance.
WORK: dict[Status, Work] = {
    "producing": Work((1, 2), 600.0, people=120, watch=70, power_kw=900.0),
    "supply": Work((0, 1, 2), 750.0, people=140, watch=90, power_kw=1000.0),
    "renovation": Work(rock_h=3.0, people=60, watch=20, air=0.8, power_kw=500.0, gas=0.6),
    "construction": Work(rock_h=7.0, people=80, watch=30, air=0.7, power_kw=450.0, gas=0.3),
    "stopped": Work(people=14, watch=6, air=0.6, power_kw=300.0, gas=0.5),
    "closed": Work(air=0.0, power_kw=40.0, gas=0.0),
}
#: What a stopped mine with a fake shaft does: coal at night, more people than it declares.
HIDDEN = Work((2,), 450.0, people=60, watch=14, power_kw=350.0)
