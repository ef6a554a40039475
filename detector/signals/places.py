"""The places of a camera: which of its looks show the same view from the same position."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from detector.core.observation import Bool
from detector.signals.looks import ROWS, Look, Seen
from detector.signals.registration import Motion, agreement_in_place, outline_agreement, register
from detector.signals.richness import dead, edges, poor
from detector.signals.view import PRESENT, Sight

#: Places of looks that say nothing, that something hides in part, and that something drove into.
NOWHERE, HIDDEN, PASSING = -1, -2, -3
#: Rows remembered to tell something driving in from a cut, and of these the last before a new look.
_RECENT, _LAST = 8, 3
#: Difference in what is there between two sides of a view of which one is hidden.
_ONE_SIDE = 0.6
#: Looks of a place that stand for it.
_STANDING = 3
#: A place with fewer rows than this part of the most is not the one the camera had first.
_FLEETING = 0.1


@dataclass(frozen=True)
class Alignment:
    """When one view is another moved.

    * ``aligned``: correlation from which on two views show the same scene (0..1);
    * ``certain``: the same where part of the old view is still in its place (0..1);
    * ``gain``: by so much a shift, turn or zoom must explain the view better than none (0..1);
    * ``moved_part``: mean displacement of the picture that is a move, parts of its width;
    * ``hidden_part``: where this part of the old view's structure is still in its place, something
      stands before it (0..1);
    * ``outlines``: correlation of where edges are from which on a view is the old one relit (0..1).
    """

    aligned: float = 0.35
    certain: float = 0.6
    gain: float = 0.1
    moved_part: float = 0.014
    hidden_part: float = 0.15
    outlines: float = 0.5


class Places:
    """Numbers the places of one camera's looks: 0, 1, ... as they are found.

    ``aspect``: width over height of the pictures; ``count``: places found; ``turns``: how often the
    camera went from one to another.
    """

    def __init__(self, limits: Alignment) -> None:
        self._limits = limits
        self._rows: Counter[int] = Counter()
        self._shares: deque[tuple[float, bool]] = deque(maxlen=_RECENT)
        self._motions: dict[tuple[int, int], Motion | None] = {}
        self.aspect = 16 / 9
        self.count = 0
        self.turns = 0
        self._last: int | None = None

    def place_of(self, look: Look, looks: list[Look]) -> int:
        """The place of a look that just formed, given the looks before it."""
        known = [other for other in looks if other.place >= 0]
        if all(dead(other) for other in known):
            for other in known:
                other.place = NOWHERE
            self.count, self._rows[0] = max(1, self.count), 0
            return 0
        nearest = max(known, key=lambda one: agreement_in_place(one.luma, look.luma, self.aspect))
        if self._same(register(nearest.luma, look.luma, self.aspect), nearest, look):
            return nearest.place
        reference = self.reference()
        assert reference is not None
        first = [other for other in known if other.place == reference]
        motions = ((register(one.luma, look.luma, self.aspect), one) for one in first)
        if not any(self._moved(motion, one, look) for motion, one in motions):
            unmoved = self._unmoved(look, first, known)
            if unmoved is not None:
                return unmoved
        return self.settle()

    def settle(self) -> int:
        """A place not known before."""
        self.count += 1
        return self.count - 1

    def _unmoved(self, look: Look, first: list[Look], known: list[Look]) -> int | None:
        """What else a look can be than another view: nothing, the old view relit or hidden."""
        if poor(look, max(known, key=edges)):
            return NOWHERE
        if any(outline_agreement(one.luma, look.luma) >= self._limits.outlines for one in first):
            return self.reference()
        if self._share(look.sight(), first) >= self._limits.hidden_part:
            return HIDDEN
        return PASSING if self._drove_in() else None

    def note(self, sight: Sight, seen: Seen, looks: list[Look]) -> None:
        """Note a picture and what it showed."""
        place = seen.look.place if seen.look is not None else None
        if place is not None:
            self._rows[place] += 1
        if place is not None and place >= 0:
            self.turns += self._last not in (None, place)
            self._last = place
        if self.count:
            known = seen.certain and place == self.reference()
            parts = [(seen.share, False)] if known else self._parts(sight, looks)
            self._shares.append(max(parts, default=(0.0, False)))

    def pause(self) -> None:
        """What comes next does not follow on what came before."""
        self._shares.clear()
        self._last = None

    def reference(self) -> int | None:
        """The place the camera had first, if it was there for any time to speak of."""
        most = max((self._rows[place] for place in range(self.count)), default=0)
        return next((p for p in range(self.count) if self._rows[p] >= _FLEETING * most), None)

    def motion(self, place: int, looks: list[Look]) -> Motion | None:
        """How the view at a place lies to the reference; None where it is another one."""
        reference = self.reference()
        assert reference is not None
        if (reference, place) not in self._motions:
            pairs = [
                (register(one.luma, other.luma, self.aspect), one, other)
                for one in _standing(looks, reference)
                for other in _standing(looks, place)
            ]
            moved = [motion for motion, one, other in pairs if self._moved(motion, one, other)]
            best = max(moved, key=lambda motion: motion.after, default=None)
            self._motions[reference, place] = best
        return self._motions[reference, place]

    def _moved(self, motion: Motion, one: Look, other: Look) -> bool:
        """Whether a motion from one look to another explains them better than none."""
        limits = self._limits
        least = max(limits.aligned, motion.before + limits.gain)
        if one.structure.match(other.sight()) >= limits.hidden_part:
            least = max(limits.certain, motion.before + 2 * limits.gain)
        far = motion.displacement(self.aspect) >= limits.moved_part
        return far and motion.after >= least

    def _same(self, motion: Motion, one: Look, other: Look) -> bool:
        """Whether two looks show one place in the same position."""
        close = motion.displacement(self.aspect) < self._limits.moved_part
        aligned = motion.after if close else motion.before
        return aligned >= self._limits.aligned and not self._moved(motion, one, other)

    def _share(self, sight: Sight, looks: list[Look]) -> float:
        """Share of the reference view that is in its place."""
        return max((part for part, _ in self._parts(sight, looks)), default=0.0)

    def _parts(self, sight: Sight, looks: list[Look]) -> list[tuple[float, bool]]:
        """For the looks of the reference: the share that is in its place, and whether one side."""
        reference = self.reference()
        if reference is None:
            return []
        structures = [look.structure for look in _standing(looks, reference)]
        presences = [(known, known.presence(sight)) for known in structures]
        return [(s.part(p), _sided(s.own, p >= PRESENT)) for s, p in presences]

    def _drove_in(self) -> bool:
        """Whether the old view was lost from one side to the other before the last look formed."""
        before = list(self._shares)[: -(ROWS - 1)]
        usual = max((share for share, _ in before), default=0.0)
        part = [row for row in before[-_LAST:] if 0.2 * usual <= row[0] <= 0.8 * usual]
        falling = [share for share, _ in part] == sorted((s for s, _ in part), reverse=True)
        return (len(part) > 1 and falling) or any(sided for _, sided in part)


def _sided(own: Bool, there: Bool) -> bool:
    """Whether one side of a view is there and the other side is not."""
    for axis in (0, 1):
        known, seen = own.sum(axis=axis), (own & there).sum(axis=axis)
        for cut in range(2, len(known) - 1):
            one = seen[:cut].sum() / max(1, known[:cut].sum())
            other = seen[cut:].sum() / max(1, known[cut:].sum())
            if abs(one - other) >= _ONE_SIDE:
                return True
    return False


def _standing(looks: list[Look], place: int) -> list[Look]:
    """The looks that stand for a place: those seen most."""
    at = [look for look in looks if look.place == place]
    return sorted(at, key=lambda look: -look.rows)[:_STANDING]
