"""The speed part: the audit against ffmpeg's filter on the same machine, as ratios."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from detector.bench.growth import CAMERAS, MINUTES, Growth, growth
from detector.bench.judge import Answers, plain_findings
from detector.bench.long_footage import PLANTED, SECONDS, pieces, plain, planted, planted_truth
from detector.bench.markdown import Target, items, table
from detector.bench.running import audit_command
from detector.bench.watching import Run, watched
from detector.core.accuracy import Verdict, judge
from detector.edge.packets import read_packets
from detector.edge.recording import Extraction
from detector.edge.video import extract

RATIO, WORKER_MB, UTILISED, PIECES = 0.25, 600, 0.9, 16
_ROUNDS = 2
_SECTION = """\
## Speed

Ten minutes of 1080p H.264 (25 pictures a second, 4 Mbit/s, GOP 50) joined from different footage,
none of it twice; audited with nothing cached, in turn with the filter on the same file, best of
{rounds}. Ratios to the filter's wall time ({filter_s:.0f} s here) and processor time (user and
system, of all threads and processes: {filter_cpu_s:.0f} s). The target is of wall times; on a
machine that does other work as well, processor times say more. Wall and processor ratio, round by
round: {each}.

{times}

An hour of such footage takes {hour_s:.0f} s here. What was planted:

{planted}

Memory: at most {worker_mb:.0f} MB in a worker, {main_mb:.0f} MB in the main process.
{pieces} recordings audited together keep {busy:.0%} of the cores busy from start to end.

### Search for copies

Features of {minutes} minutes a camera, made from real motion of the scenes: blocks of 2 s shuffled,
the tile grid rolled and turned upside down, so that no two cameras are alike, but for the planted:
every 16th is a copy of another camera, 7 s later, its values disturbed. Processor time of the
search alone.

{cameras}"""


@dataclass(frozen=True)
class Speed:
    """All that the speed part measured; ``packets`` and ``keys``: wall and processor time in s."""

    audits: list[Run]
    filters: list[Run]
    untouched: Run
    packets: tuple[float, float]
    keys: tuple[float, float]
    verdicts: tuple[Verdict, ...]
    many: Run
    cameras: list[Growth]

    @property
    def ratio(self) -> float:
        """Wall time of the audit over that of the filter, each the best of its runs."""
        return min(r.wall_s for r in self.audits) / min(r.wall_s for r in self.filters)

    @property
    def cpu_ratio(self) -> float:
        """Processor time of the audit over that of the filter, each the least of its runs."""
        return min(r.cpu_s for r in self.audits) / min(r.cpu_s for r in self.filters)

    @property
    def worker_mb(self) -> float:
        """The most memory of a worker in any run."""
        return max(run.worker_mb for run in (*self.audits, self.untouched, self.many))

    @property
    def utilisation(self) -> float:
        """Part of the cores that is busy while many recordings are audited."""
        return self.many.cpu_s / self.many.wall_s / (os.cpu_count() or 1)

    def _beside(self, name: str, wall_s: float, cpu_s: float) -> tuple[str, float, float]:
        """A row of the table: times as ratios to the filter's."""
        filter_s = min(r.wall_s for r in self.filters)
        return name, wall_s / filter_s, cpu_s / min(r.cpu_s for r in self.filters)

    def targets(self) -> list[Target]:
        """Targets of speed beside what was measured."""
        found = sum(verdict.recalled for verdict in self.verdicts)
        cores = os.cpu_count() or 1
        return [
            Target(
                "Wall time of the complete audit / `ffmpeg freezedetect`, ten minutes of 1080p",
                f"<= {RATIO:g}",
                f"{self.ratio:.2f} (processor time: {self.cpu_ratio:.2f})",
                self.ratio <= RATIO,
            ),
            Target(
                "Hold and replay planted in these ten minutes: found",
                *(str(len(self.verdicts)), str(found), found == len(self.verdicts)),
            ),
            Target(
                "Peak memory of a worker",
                *(f"< {WORKER_MB} MB", f"{self.worker_mb:.0f} MB", self.worker_mb < WORKER_MB),
            ),
            Target(
                f"{PIECES} recordings on {cores} cores: part of the cores busy",
                *(f">= {UTILISED:.0%}", f"{self.utilisation:.0%}", self.utilisation >= UTILISED),
            ),
        ]

    def text(self) -> str:
        """The section of BENCHMARKS.md."""
        filter_s = min(r.wall_s for r in self.filters)
        filter_cpu_s = min(r.cpu_s for r in self.filters)
        audit_s = min(r.wall_s for r in self.audits)
        rows = [
            ("`ffmpeg -vf freezedetect`", 1.0, 1.0),
            ("audit, hold and replay planted", self.ratio, self.cpu_ratio),
            self._beside("audit, untouched", self.untouched.wall_s, self.untouched.cpu_s),
            self._beside("decoding key frames to features, one process", *self.keys),
            self._beside("reading packets", *self.packets),
        ]
        return _SECTION.format(
            rounds=_ROUNDS,
            filter_s=filter_s,
            filter_cpu_s=filter_cpu_s,
            each=", ".join(
                f"{a.wall_s / f.wall_s:.2f} and {a.cpu_s / f.cpu_s:.2f}"
                for a, f in zip(self.audits, self.filters, strict=True)
            ),
            times=table(
                ("ten minutes of 1080p", "wall time", "processor time"),
                [(name, f"{wall:.3f}", f"{cpu:.3f}") for name, wall, cpu in rows],
            ),
            hour_s=audit_s / SECONDS * 3600,
            planted=items(f"{v.expected.kind}: {_ends(v)}" for v in self.verdicts),
            worker_mb=self.worker_mb,
            main_mb=max(run.main_mb for run in (*self.audits, self.untouched, self.many)),
            pieces=PIECES,
            busy=self.utilisation,
            minutes=MINUTES,
            cameras=_grown(self.cameras),
        )


def measured_speed(footage: Path, work: Path, console: Console) -> Speed:
    """Makes the long recordings where they are not there yet, and measures."""
    console.print("speed: making ten minutes of 1080p")
    source = plain(footage, work)
    target = planted(source, work)
    many = pieces(source, work, PIECES)
    console.print("speed: packets and key frames")
    packets, keys = _timed(lambda: _packets(source)), _timed(lambda: _keys(source))
    audits, filters = [], []
    out = work / "reports" / "speed"
    for number in range(_ROUNDS):
        console.print(f"speed: round {number + 1} of {_ROUNDS}")
        audits.append(_audit(target, out))
        filters.append(watched(_filter_command(target)))
    answers = Answers(plain_findings(out / "report.json"))
    verdicts = judge(planted_truth(), answers.findings).verdicts
    console.print("speed: untouched, and many recordings")
    untouched = _audit(source, out)
    together = _audit(many, out)
    console.print("speed: search for copies")
    cameras = growth(footage)
    return Speed(
        audits, filters, untouched, packets, keys, verdicts, together, cameras
    )  # fmt: skip


def _grown(cameras: list[Growth]) -> str:
    first = cameras[0]
    rows = []
    for told in cameras:
        pairs = told.cameras * (told.cameras - 1) / first.cameras / (first.cameras - 1)
        ratios = told.cameras / first.cameras, pairs, told.search_s / first.search_s
        cells = [str(told.cameras), *(f"{ratio:.0f}" for ratio in ratios), f"{told.search_s:.1f}"]
        rows.append([*cells, f"{told.found} of {told.planted}", str(told.false)])
    rows += [[str(n), *(["not tried"] * 6)] for n in CAMERAS if n > cameras[-1].cameras]
    heads = ("cameras", "cameras, ratio", "pairs, ratio", "time, ratio", "time, s", "found")
    return table((*heads, "false"), rows)


def _ends(verdict: Verdict) -> str:
    if not verdict.recalled or verdict.start_error_s is None or verdict.end_error_s is None:
        return "not found"
    return f"found, ends {verdict.start_error_s:+.1f} s and {verdict.end_error_s:+.1f} s off"


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor time in s of some work in this process."""
    begun = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def _packets(path: Path) -> None:
    read_packets(path)


def _keys(path: Path) -> None:
    for _ in extract(path, PLANTED, Extraction(), keys_only=True):
        pass


def _filter_command(path: Path) -> list[str]:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path)]
    return [*command, "-vf", "freezedetect", "-an", "-f", "null", "-"]


def _audit(path: Path, out: Path) -> Run:
    shutil.rmtree(out, ignore_errors=True)
    return watched(audit_command(str(path), "--out", str(out), "--quiet", "--no-cache"))
