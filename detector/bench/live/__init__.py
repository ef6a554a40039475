"""The live service measured: what it takes in, what it holds, and how soon it tells."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from detector.bench.live.cameras import Held, Step, held
from detector.bench.live.drained import Drained, Made, Messages, drained
from detector.bench.live.feeds import MINES, STREAMS, hundreds, singles
from detector.bench.live.promptness import CAMERAS, SENSORS, Promptness, promptness
from detector.bench.live.servers import Broker, Loop, Served
from detector.bench.markdown import Target, table

RATIO, READINGS_PER_S, HELD, PROMPT_S = 0.7, 100_000, 300, 2.0
_ROUNDS, _SINGLES, _HUNDREDS = 2, 30_000, 8_000
_SECTION = """\
## Live service

`trueshaft serve` as it is, all its processes, over SQLite, on {cores} cores, which broker, load and
service share; Mosquitto; MQTT 5, QoS 1, {streams} streams of {mines} mines. Messages wait at the
broker and are then taken, so that the rate is that of the service alone: with the service and with
a loop of paho in Python that acknowledges and does nothing else, in turn, best of {rounds}. On a
machine that does other work as well, processor times say more than wall times. Own: of the process
that takes in; all: of all processes of the service, which judge meanwhile.

{rates}

Cameras: JPEG of 720p ({kilobytes:.0f} kB), a picture a second each, in {seconds:.0f} s for each
number of cameras. Decoding a picture takes {decoding_ms:.1f} ms of processor time, {decoding:.0%}
of what taking it in takes.

{steps}

Alerts: {crossed} of {sensors} sensors that send every second go out of range, each at its own time,
while {cameras} cameras send too. From the publishing of the first reading that is out of range to
the alert in the ledger: {times}. A check waited for at most {check_s:.1f} s."""


@dataclass(frozen=True)
class Live:
    """All that was measured of the live service."""

    loops: list[Drained]
    services: list[Drained]
    batches: list[Drained]
    cameras: Held
    promptness: Promptness

    @property
    def ratio(self) -> float:
        """Messages a second, of the bare loop's."""
        return _best(self.services).per_s / _best(self.loops).per_s

    @property
    def cpu_ratio(self) -> float:
        """The same of messages in a second of processor time."""
        return min(_own_us(d) for d in self.loops) / min(_own_us(d) for d in self.services)

    def targets(self) -> list[Target]:
        """Targets of the live service beside what was measured."""
        batch = _best(self.batches)
        per_s, within_s = batch.readings / batch.wall_s, self.promptness.part(0.99)
        per_cpu_s = max(d.readings / d.own_s for d in self.batches)
        return [
            Target(
                "Messages acknowledged after storing / by a bare loop that only acknowledges",
                f">= {RATIO:.0%}",
                f"{self.ratio:.0%} (processor time: {self.cpu_ratio:.0%})",
                self.ratio >= RATIO,
            ),
            Target(
                "Readings stored in a second, 100 a message",
                f">= {READINGS_PER_S:,}",
                f"{per_s:,.0f} (a second of processor time: {per_cpu_s:,.0f})",
                per_s >= READINGS_PER_S,
            ),
            Target(
                "Cameras of 720p JPEG, a picture a second, backlog flat",
                f">= {HELD}",
                f"{self.cameras.cameras} ({1 / self.cameras.own_s:.0f} a core for taking in)",
                self.cameras.cameras >= HELD,
            ),
            Target(
                "99 % of alerts in the ledger after the reading that crosses",
                *(f"< {PROMPT_S:g} s", f"{within_s:.1f} s", within_s < PROMPT_S),
            ),
        ]

    def text(self) -> str:
        """The section of BENCHMARKS.md."""
        waits = ((0.5, "half"), (0.9, "90 %"), (0.99, "99 %"), (1.0, "all"))
        return _SECTION.format(
            cores=os.cpu_count() or 1,
            streams=MINES * STREAMS,
            mines=MINES,
            rounds=_ROUNDS,
            rates=_rates(self),
            kilobytes=self.cameras.bytes / 1000,
            seconds=self.cameras.step_s,
            decoding_ms=self.cameras.decoding_s * 1000,
            decoding=self.cameras.decoding_s / self.cameras.own_s,
            steps=_steps(self.cameras.steps),
            crossed=self.promptness.crossed,
            sensors=SENSORS,
            cameras=CAMERAS,
            times=", ".join(f"{name} in {self.promptness.part(p):.1f} s" for p, name in waits),
            check_s=self.promptness.check_s,
        )


def measured_live(work: Path, console: Console) -> Live:
    """Starts a broker and services, in a temporary folder, and measures."""

    def say(what: str) -> None:
        console.print(f"live: {what}")

    with tempfile.TemporaryDirectory(prefix="trueshaft-live-") as name:
        folder = Path(name)
        broker = Broker(folder)
        try:
            return _measured(broker, folder, work, say)
        finally:
            broker.end()


def _measured(broker: Broker, folder: Path, work: Path, say: Callable[[str], None]) -> Live:
    numbers = iter(range(1000))

    def loop() -> Loop:
        return Loop(folder / "loop", broker.port, ["mines/+/sensors/+", "mines/+/readings"])

    def rounds(messages: Callable[[], Messages], count: int, bare: bool) -> list[list[Drained]]:
        found: list[list[Drained]] = []
        for _ in range(_ROUNDS):
            place = folder / f"service-{next(numbers)}"

            def service(place: Path = place) -> Served:
                return Served(place, broker.port)

            makers: list[Made] = [loop, service] if bare else [service]
            found.append([drained(broker, made, messages(), count) for made in makers])
            say(", ".join(f"{one.per_s:,.0f} messages/s" for one in found[-1]))
        return found

    say("a reading a message, bare loop and service")
    pairs = rounds(singles, _SINGLES, bare=True)
    say("100 readings a message")
    batches = rounds(hundreds, _HUNDREDS, bare=False)
    say("promptness")
    prompt = promptness(broker, folder / "prompt", work)
    say("cameras")
    cameras = held(broker, folder / "cameras", work, say)
    return Live(
        [p[0] for p in pairs], [p[1] for p in pairs], [b[0] for b in batches], cameras, prompt
    )


def _best(runs: Sequence[Drained]) -> Drained:
    return max(runs, key=lambda one: one.per_s)


def _own_us(one: Drained) -> float:
    return one.own_s / one.messages * 1e6


def _rates(live: Live) -> str:
    rows = []
    for name, runs in (
        ("bare loop", live.loops),
        ("service, a reading a message", live.services),
        ("service, 100 readings a message", live.batches),
    ):
        best = _best(runs)
        readings = f"{best.readings / best.wall_s:,.0f}" if best.readings else ""
        cells = [f"{best.per_s:,.0f}", readings, f"{min(map(_own_us, runs)):.0f}"]
        rows.append([name, *cells, f"{best.all_s / best.messages * 1e6:.0f}"])
    heads = ("", "messages/s", "readings/s", "us of processor a message, own", "all")
    return table(heads, rows)


def _steps(steps: Sequence[Step]) -> str:
    rows = [
        (
            *(str(s.cameras), f"{s.taken_per_s:.0f}", f"{s.waiting_s:.1f}"),
            *(f"{1000 * each:.1f}" for each in (s.own_s, s.all_s, s.broker_s)),
            *(f"{s.check_s:.1f}", f"{s.deep_s:.1f}", "yes" if s.held else "no"),
        )
        for s in steps
    ]
    heads = ("cameras", "taken/s", "s waiting", "ms a picture, own", "all", "broker")
    return table((*heads, "a check waits, s", "a search waits, s", "flat"), rows)
