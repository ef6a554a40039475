"""The looks of a camera: stretches in which its view stays the same, remembered and recognised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from detector.core.observation import F32, LAYOUT, TILES
from detector.signals.view import Sight, Structure, structure

#: Pictures that weigh in a look's mean; later ones replace earlier ones gradually.
_MEMORY = 64
#: Looks remembered at most; the one seen least is forgotten first.
_LOOKS = 24
#: A picture shows a look for certain, or at all, where this share of the look's tiles is present.
_CERTAIN, _PARTLY = 0.8, 0.5
#: Pictures and seconds after which something that stays becomes a look.
ROWS, _SECONDS = 3, 1.9
#: Pictures after which a look is kept, to notice how it drifts.
_SETTLED = 16
#: A picture with fewer tiles of structure shows no look.
_FEWEST = 12


@dataclass
class Look:
    """One look of the view: the means of its pictures' layout, energy and crispness.

    ``place`` numbers camera positions: looks of one place differ in light or in what stands there.
    ``start``, ``end`` s and ``rows``: when and how often it was seen; ``snapshot`` is how it
    was once it had settled.
    """

    place: int
    start: float
    end: float
    rows: int = 0
    luma: F32 = field(default_factory=lambda: np.zeros(LAYOUT, dtype=np.float32))
    energy: F32 = field(default_factory=lambda: np.zeros(TILES, dtype=np.float32))
    sharp: F32 = field(default_factory=lambda: np.zeros(TILES, dtype=np.float32))
    snapshot: Look | None = None
    grain: float = 0.0
    light: float = 0.0
    _fresh: int = 0
    _structure: Structure | None = None

    def copy(self) -> Look:
        """The look as it is now, to be kept."""
        return replace(self, snapshot=None)

    def sight(self) -> Sight:
        """The look as one clean picture would show it."""
        known = self.structure
        return Sight(
            *(known.luma, known.across, known.along, known.energy),
            *(self.sharp, self.grain, self.light),
        )

    def add(self, sight: Sight, time: float) -> None:
        """Take a picture of this look in."""
        weight = np.float32(1.0 / min(self.rows + 1, _MEMORY))
        self.luma = self.luma + weight * (sight.luma - self.luma)
        self.energy = self.energy + weight * (sight.energy - self.energy)
        self.sharp = self.sharp + weight * (sight.crisp - self.sharp)
        self.grain += float(weight) * (sight.grain - self.grain)
        self.light += float(weight) * (sight.light - self.light)
        self.rows += 1
        self.end = max(self.end, time)
        if self.rows <= 8 or self.rows - self._fresh >= 8:
            self._structure = None

    @property
    def structure(self) -> Structure:
        """Its structure, renewed every eight pictures."""
        if self._structure is None:
            self._fresh = self.rows
            self._structure = structure(self.luma, self.energy, min(self.rows, _MEMORY))
        return self._structure


@dataclass(frozen=True)
class Seen:
    """What a picture shows: the look that fits best and the share 0..1 of it that is there.

    ``certain``: it is this look; ``formed``: the look was formed by this picture.
    """

    look: Look | None
    share: float
    certain: bool = False
    formed: bool = False


class Looks:
    """Remembers the looks of one camera and recognises them.

    ``place_of`` says at which place a look that just formed is, given the looks before it.
    """

    def __init__(self, place_of: Callable[[Look, list[Look]], int] | None = None) -> None:
        self.looks: list[Look] = []
        self._place_of = place_of or (lambda _look, looks: len(looks))
        self._forming: Look | None = None
        self._last: Look | None = None

    def see(self, sight: Sight, time: float, take: bool = True) -> Seen:
        """Recognise a picture and, where ``take``, learn from it."""
        if sight.structured < _FEWEST:
            return Seen(None, 0.0)
        look, share = self._best(sight)
        if look is not None and share >= _CERTAIN:
            self._last = look
            if take:
                self._forming = None
                self._grow(look, sight, time)
            return Seen(look, share, certain=True)
        if take:
            formed = self._form(sight, time)
            if formed is not None:
                return Seen(formed, 1.0, certain=True, formed=True)
        return Seen(look if share >= _PARTLY else None, share)

    def pause(self) -> None:
        """What comes next does not follow on what came before."""
        self._forming = None

    def _best(self, sight: Sight) -> tuple[Look | None, float]:
        best: tuple[Look | None, float] = (None, 0.0)
        if self._last is not None:
            best = (self._last, self._last.structure.match(sight))
            if best[1] >= _CERTAIN:
                return best
        for look in self.looks:
            if look is not self._last:
                share = look.structure.match(sight)
                if share > best[1]:
                    best = (look, share)
        return best

    def _form(self, sight: Sight, time: float) -> Look | None:
        forming = self._forming
        if forming is None or forming.structure.match(sight) < _PARTLY:
            self._forming = forming = Look(-1, time, time)
        forming.add(sight, time)
        if forming.rows < ROWS or forming.end - forming.start < _SECONDS:
            return None
        if np.count_nonzero(forming.structure.own) < _FEWEST:
            return None
        forming.place = self._place_of(forming, self.looks)
        self._remember(forming)
        self._forming, self._last = None, forming
        return forming

    def _remember(self, look: Look) -> None:
        if len(self.looks) >= _LOOKS:
            least = min(self.looks[1:], key=lambda known: known.rows)
            self.looks = [known for known in self.looks if known is not least]
        self.looks.append(look)

    def _grow(self, look: Look, sight: Sight, time: float) -> None:
        """Take a picture in; where the look has drifted far, keep how it was as a look too."""
        look.add(sight, time)
        if look.snapshot is None and look.rows >= _SETTLED:
            look.snapshot = look.copy()
        if look.snapshot is None or look.rows % _MEMORY:
            return
        if look.snapshot.structure.match(look.sight()) < _CERTAIN:
            self._remember(look.snapshot)
            look.snapshot = look.copy()
            others = [known for known in self.looks if known is not look]
            look.place = self._place_of(look, others)
