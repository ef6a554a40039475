"""The judge: a sliding audit of what the store has, in cycles of about a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from detector.apps.serve.blindness import Blindness, blind_until
from detector.apps.serve.book import Book
from detector.apps.serve.desks import Desks
from detector.apps.serve.follow import follow
from detector.apps.serve.held import Held
from detector.apps.serve.judging import Outcome, Task, judged
from detector.apps.serve.scored import Scored
from detector.apps.serve.troubles import FAILED, Trouble
from detector.apps.serve.turn import Turn
from detector.apps.watches import bindings
from detector.config.cadence import cadences
from detector.core.signs import Signs
from detector.detectors import CATALOGUE, SIGNS
from detector.edge.series import Block, EpisodeRow, Key, Series
from detector.pipeline import Failure

#: Seconds that a cycle judges before it looks again at what has arrived: what is new and judged
#: quickly waits no longer for what takes long.
CYCLE_S = 0.15
#: A watch may take so many of every second.
_SHARE = 0.2
#: Scores stored at once while more waits to be judged.
_SAVED = 20
#: Rows taken in at once.
_ROWS = 200_000


class Apart(Protocol):
    """What judges in a process of its own."""

    @property
    def free(self) -> bool:
        """Whether a task would be begun at once."""

    def submit(self, task: Task, blocks: Sequence[Block]) -> None:
        """Have a task judged."""

    def done(self) -> tuple[list[Outcome], list[Task]]:
        """What has been judged since, and what was lost."""


@dataclass
class _Clock:
    """How far a mine's streams have come: their newest time, and when that arrived."""

    late_s: float
    newest: float = -np.inf
    arrived: float = 0.0

    def at(self, now: float) -> float:
        """The time up to which all has arrived that was in time."""
        return self.newest + max(now - self.arrived - self.late_s, 0.0)


class Judge:
    """Judges all mines; ``clock`` counts seconds and never goes back."""

    def __init__(
        self,
        series: Series,
        desks: Desks,
        book: Book,
        apart: Apart | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._series, self._desks, self._book = series, desks, book
        self._apart, self._clock = apart, clock
        self._cadences = cadences(desks.live, CATALOGUE)
        self._turns: dict[str, list[Turn]] = {}
        self._by: dict[tuple[str, str, tuple[str, ...]], Turn] = {}
        self._of: dict[Key, list[Turn]] = {}
        self._clocks: dict[str, _Clock] = {}
        self._planned: dict[str, set[tuple[str, bool]]] = {}
        self._changed: dict[str, list[EpisodeRow]] = {}
        self.failures: dict[tuple[str, str, tuple[str, ...]], tuple[Failure, float]] = {}
        self.judgements = 0
        self._scored, self.blindness = Scored(series), Blindness(desks.folder)
        self.held = Held(desks.live.windows)
        self._cursor = series.newest()
        states = [s for s in series.streams() if desks.takes(s.mine, s.stream)]
        self.held.load(series, states)
        self._went_on(dict.fromkeys(self.held.streams, -np.inf))
        for mine in self._turns:
            self._reconcile(mine)

    def _reconcile(self, mine: str) -> None:
        """Take up the episodes the store knows; those of no alert yet become one: the service may
        have ended between the two."""
        rows = [row for _, row in self._series.episodes(mine, -np.inf, np.inf)]
        for turn in self._turns[mine]:
            own = [r for r in rows if r.detector == turn.detector and r.stream in turn.streams]
            turn.known = {r.id: r for r in own}
        self._book.take(mine, [r for r in rows if not self._book.knows(mine, r.id)])

    def cycle(self) -> bool:
        """Take in, judge what is due for about ``CYCLE_S``; whether more is waiting."""
        begun = self._clock()
        self._swap()
        more = self._take_in()
        if self._apart is not None:
            outcomes, lost = self._apart.done()
            for outcome in outcomes:
                self._settle(outcome)
            for task in lost:
                turn = self._turn(task)
                turn.running, turn.waiting, turn.new = False, begun, -np.inf
        due = [t for ts in self._turns.values() for t in ts if t.is_due(begun)]
        due.sort(key=lambda turn: turn.urgency(begun), reverse=True)
        prompt = [turn for turn in due if turn.cadence.prompt]
        more |= self._judge(prompt, begun + CYCLE_S / 2)
        self._keep()
        more |= self._judge([turn for turn in due if turn.is_due(begun)], begun + CYCLE_S)
        self._keep()
        self._scored.save(self._clock(), _SAVED if more else None)
        return more

    def _judge(self, due: Sequence[Turn], until: float) -> bool:
        """Run turns until it is time to stop; whether more is to be run."""
        for turn in due:
            if self._clock() > until:
                return True
            self._run(turn)
        return False

    def _keep(self) -> None:
        """What has changed of episodes: in the store, then in the ledger."""
        while self._changed:
            mine, rows = self._changed.popitem()
            self._series.store_episodes(mine, rows)
            self._book.take(mine, rows)

    def _swap(self) -> None:
        """Take up thresholds that were changed, say so in the ledger, and judge all anew."""
        changed = self._desks.renewed()
        for told in changed:
            self._book.note("thresholds_in_force", told)
        if changed:
            for turn in (t for ts in self._turns.values() for t in ts):
                turn.waiting, turn.due, turn.going = self._clock(), 0.0, None
                turn.new = -np.inf

    def close(self) -> None:
        """Store what is still to be stored."""
        while self._scored.save(np.inf):
            pass

    def troubles(self) -> list[Trouble]:
        """The checks that fail."""
        return [
            Trouble(FAILED, mine, f"{name} {', '.join(streams)[:80]}", since, failure.error)
            for (mine, name, streams), (failure, since) in self.failures.items()
        ]

    def waits(self) -> bool:
        """Whether a watch has not judged all there is, be it due or not."""
        turns = (t for ts in self._turns.values() for t in ts)
        return any(t.running or t.waiting is not None or t.owing is not None for t in turns)

    def hurry(self) -> None:
        """Make due what waits, however short ago it was judged, and what only owes."""
        for turn in (t for ts in self._turns.values() for t in ts):
            turn.due = 0.0
            turn.waiting = turn.owing if turn.waiting is None else turn.waiting

    def status(self) -> dict[str, object]:
        """How it is, for whoever asks."""
        now = self._clock()
        turns = [t for ts in self._turns.values() for t in ts]
        waits = [(now - max(t.waiting, t.due), t) for t in turns if t.waiting is not None]
        waiting = [wait for wait, _ in waits]
        at_once = [wait for wait, turn in waits if not turn.cadence.apart]
        failing = [
            f"{name} fails on {', '.join(streams[:3])} of mine {mine}: {failure.error}"
            for (mine, name, streams), (failure, _) in self.failures.items()
        ]
        return {
            "judgements": self.judgements,
            "watches": len(turns),
            "waiting": sum(w > 0 for w in waiting),
            "settled": not self.waits(),
            "longest_wait_s": max([0.0, *waiting]),
            "longest_wait_at_once_s": max([0.0, *at_once]),
            "failing": len(failing),
            "problems": [*self._desks.problems(), *failing[:20]],
        }

    def _take_in(self) -> bool:
        cursor, stored = self._series.arrived(self._cursor, _ROWS)
        if cursor == self._cursor:
            return False
        self._cursor = cursor
        taken = [(m, b) for m, b in stored if self._desks.takes(m, b.stream)]
        new: dict[Key, float] = {}
        for mine, block in taken:
            key = self._added(mine, block)
            earliest = np.fmin.reduce(block.time, initial=np.inf)
            new[key] = min(new.get(key, np.inf), float(earliest))
        self._went_on(new)
        return sum(len(block) for _, block in stored) >= _ROWS

    def _added(self, mine: str, block: Block) -> Key:
        key = self.held.add(mine, block)
        for turn in self._of.get(key, ()):
            if turn.signs is not None and len(block):
                turn.signs.add(block)
        return key

    def _went_on(self, new: Mapping[Key, float]) -> None:
        """Streams have something new, from a time on that is told of each, s."""
        now = self._clock()
        for mine in {key.mine for key in new}:
            self._plan(mine)
        for key, earliest in new.items():
            clock = self._clocks.setdefault(key.mine, _Clock(self._desks.live.late_s))
            newest = self.held.streams[key].newest
            if newest > clock.newest:
                clock.newest, clock.arrived = newest, now
            for turn in self._of.get(key, ()):
                turn.went_on(now, earliest)

    def _plan(self, mine: str) -> None:
        """Bind watches anew where a mine has streams that it did not have."""
        streams = {(k.stream, s.video) for k, s in self.held.streams.items() if k.mine == mine}
        if streams == self._planned.get(mine):
            return
        self._planned[mine] = streams
        cameras = tuple(sorted(name for name, video in streams if video))
        reported = tuple(sorted(name for name, video in streams if not video))
        before = {(t.detector, t.streams): t for t in self._turns.get(mine, ())}
        turns = []
        silent = [("silence", (camera,)) for camera in cameras]
        for name, bound in [*bindings(self._desks[mine].site, cameras, reported), *silent]:
            turn = before.get((name, bound))
            if turn is None:
                turn = Turn(mine, name, bound, self._cadences[name], self._signs(mine, name, bound))
                olds = [t for t in before.values() if t.detector == name]
                turn.known = {i: r for t in olds for i, r in t.known.items() if r.stream in bound}
                turn.waiting = self._clock()
            turns.append(turn)
        self._turns[mine] = turns
        self._by = {(t.mine, t.detector, t.streams): t for ts in self._turns.values() for t in ts}
        of: dict[Key, list[Turn]] = {k: v for k, v in self._of.items() if k.mine != mine}
        for turn in turns:
            for stream in turn.streams:
                of.setdefault(Key(mine, stream), []).append(turn)
        self._of = of

    def _signs(self, mine: str, name: str, bound: Iterable[str]) -> Signs | None:
        """Signs for a detector, which know what is held."""
        if name not in SIGNS or not self._cadences[name].sure_s:
            return None
        signs = SIGNS[name](self._desks[mine].parameters[name])
        for stream in bound:
            for block in self.held.streams[Key(mine, stream)].blocks(-np.inf):
                signs.add(block)
        return signs

    def _run(self, turn: Turn) -> None:
        """Judge a turn now, or have it judged if that is not to wait."""
        apart = self._apart if turn.cadence.apart else None
        if apart is not None and not apart.free:
            return
        clock = self._clocks[turn.mine]
        now = clock.at(self._clock())
        window_s = turn.cadence.window_s
        since = min(now, turn.new) - window_s if window_s else -np.inf
        going, kept_s = turn.going, turn.goes_on_s
        held = {stream: self.held.streams[Key(turn.mine, stream)] for stream in turn.streams}
        late = sum(stretch.late for stretch in held.values())
        if going is not None and going.late == late and now - going.since <= kept_s:
            since = min(going.newest.values())
        else:
            going = None
        blocks = [block for stretch in held.values() for block in stretch.blocks(since)]
        cut = frozenset(s for s, h in held.items() if since > -np.inf or not h.whole)
        task = Task(turn.mine, turn.detector, turn.streams, now, cut, kept_s > 0)
        turn.waiting, turn.owing, turn.running, turn.new = None, None, True, np.inf
        if turn.signs is not None:
            turn.signs.judged()
        if apart is not None:
            apart.submit(task, blocks)
        else:
            outcome = judged(task, self._desks[turn.mine], blocks, going)
            if outcome.going is not None:
                outcome.going.late = late
                outcome.going.since = now if going is None else going.since
            turn.going = outcome.going
            self._settle(outcome)

    def _turn(self, task: Task) -> Turn:
        wanted = (task.mine, task.detector, task.streams)
        return self._by.get(wanted) or Turn(*wanted, self._cadences[task.detector])

    def _settle(self, outcome: Outcome) -> None:
        """Take up what came of a judgement."""
        task, now = outcome.task, self._clock()
        turn = self._turn(task)
        turn.running, turn.cost_s, turn.ran = False, outcome.cost_s, now
        turn.due = now + max(turn.cadence.every_s, outcome.cost_s / _SHARE)
        self.judgements += 1
        place = (task.mine, task.detector, task.streams)
        _, since = self.failures.pop(place, (None, time.time()))
        if outcome.failures:
            self.failures[place] = outcome.failures[0], since
            return
        self._scored.take(outcome)
        self.blindness.take(task.mine, outcome.scores)
        changed = []
        in_force = self._desks[task.mine].configuration.thresholds[task.detector]
        for stream in {row.stream for row in (*outcome.episodes, *turn.known.values())}:
            own = [row for row in turn.known.values() if row.stream == stream]
            found = [row for row in outcome.episodes if row.stream == stream]
            reach = outcome.since.get(stream, -np.inf)
            blind_at = blind_until([s for s in outcome.scores if s.stream == stream])
            held = self.held.streams.get(Key(task.mine, stream))
            back = held.back if held is not None else ()
            changed += follow(own, found, reach, task.now, in_force.raise_at, blind_at, back)
        if changed:
            self._changed.setdefault(task.mine, []).extend(changed)
            turn.known |= {row.id: row for row in changed}
            turn.known = {
                i: row
                for i, row in turn.known.items()
                if not row.closed or row.end >= outcome.since.get(row.stream, -np.inf)
            }
