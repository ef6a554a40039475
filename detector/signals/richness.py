"""How much a look or a picture holds: tiles in which anything sharp or fine can be made out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detector.core.observation import Bool
from detector.signals.information import band_agreement, saturated
from detector.signals.looks import Look
from detector.signals.view import PRESENT, Sight, tile_averages

#: Fine structure that stays, mean square in grey^2: three times what rounding can leave.
_FINE = 0.3
#: What counts as sharp: this part of the usual crispness, but between these grey levels.
_SHARP, _LEAST_GREY, _MOST_GREY = 0.4, 3.0, 10.0
#: Crispness makes a look richer from here on, and by so much at most, grey.
_POOR_GREY, _RICH_GREY = 4.0, 40.0
#: Edges that rise less than this all in all say nothing of how rich a look is, grey.
_FEW_EDGES = 200.0
#: Below both these shares of the tiles and of the edges of the richest a look holds little anyway.
_LITTLE_TILES, _LITTLE_EDGES = 0.5, 0.35
#: A look with fewer living tiles is dead. Half hidden, where it shows the same place, is one below
#: these shares of the tiles and of the edges of the richest.
_DEAD, _HIDDEN_TILES, _HIDDEN_EDGES = 30, 0.7, 0.6
#: Two looks show the same place where so much of the one is in the other, the living tiles of the
#: other are the one's, or they agree so far.
_SAME_MATCH, _SAME_KEPT, _SAME_AGREEMENT = 0.2, 0.4, 0.7
#: A look is flooded with light from this saturated share on.
_FLOODED = 0.5


def edges(look: Look) -> float:
    """How high the edges of a look's own structure rise, all in all, grey."""
    heights = np.clip(look.sharp[look.structure.own] - _POOR_GREY, 0.0, _RICH_GREY)
    return float(heights.sum())


def sharp_from(look: Look) -> float:
    """Crispness in grey levels from which on something is sharp to this camera."""
    own = look.structure.own
    usual = _SHARP * float(np.median(look.sharp[own])) if own.any() else 0.0
    return min(max(usual, _LEAST_GREY), _MOST_GREY)


def alive(sight: Sight, before: Sight | None, sharp: float) -> Bool:
    """Tiles (9, 16) that show anything sharp, or fine and still there since the picture before."""
    living = sight.crisp >= sharp
    if before is not None:
        least = _FINE + max(sight.grain, before.grain)
        living = living | (tile_averages((sight.fine * before.fine)[None])[0] >= least)
    return np.asarray(living)


def dead(look: Look) -> bool:
    """Whether a look shows next to nothing sharp or fine."""
    return int(alive(look.sight(), look.sight(), _MOST_GREY).sum()) < _DEAD


def poor(look: Look, rich: Look) -> bool:
    """Whether a look holds little beside a rich one: dead, flooded, out of focus, half hidden."""
    if dead(look):
        return True
    light = saturated(look.luma)
    if light >= _FLOODED and light >= 2 * saturated(rich.luma):
        return True
    sharp = sharp_from(rich)
    there, known = (alive(x.sight(), x.sight(), sharp) for x in (look, rich))
    if there.sum() < _LITTLE_TILES * known.sum() and edges(look) < _LITTLE_EDGES * edges(rich):
        return True
    enough = there.sum() >= _HIDDEN_TILES * known.sum()
    if enough and edges(look) >= _HIDDEN_EDGES * max(0.0, edges(rich) - _FEW_EDGES):
        return False
    kept = rich.structure.presence(look.sight())[look.structure.own & there] >= PRESENT
    return bool(
        rich.structure.match(look.sight()) >= _SAME_MATCH
        or (kept.size and kept.mean() >= _SAME_KEPT)
        or band_agreement(look.luma, rich.luma) >= _SAME_AGREEMENT
    )


def full_looks(looks: Sequence[Look]) -> list[Look]:
    """The looks that hold the camera's information, those that are :func:`poor` left out."""
    if not looks:
        return []
    rich = max(looks, key=edges)
    return [look for look in looks if look is rich or not poor(look, rich)]
