"""The scenario set of the benchmark: what it is made of. The sets are in `attacks`, `negatives`."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from detector.bench.encoding import Encoding, parsed_size
from detector.core.accuracy import Expected

Split = Literal["tune", "report"]
GROUPS = ("frozen", "replayed", "duplicated", "uninformative", "moved", "gap", "negative")
DETECTORS = {
    "frozen": "frozen_frame",
    "replayed": "replayed_video",
    "duplicated": "duplicated_video",
    "uninformative": "uninformative_frame",
    "moved": "moved_camera",
    "gap": "recording_gap",
}
QUICK_SCENES = ("town", "road", "foreste", "residential", "milanoest")
FOOTAGE = "$TRUESHAFT_DATA/video"
#: Longer than any recording, s.
EVER_S = 1e6
#: Bits a pixel and picture: what a recorder usually spends, and what a poor one does.
_USUAL_BITS, _LOW_BITS = 0.10, 0.035


@dataclass(frozen=True)
class Scene:
    """A fixed camera whose clips are tampered with.

    `source` is a file of the footage or a rendered scene; every clip begins with the steps `first`
    and then lasts `seconds` at `fps` and `size`. Between `lively_s` and `lively_s` + 8 something
    moves. Rendered scenes are not the footage's.
    """

    name: str
    source: str
    split: Split
    seconds: float
    fps: float
    size: str
    first: tuple[str, ...] = ()
    lively_s: float = 1.0
    rendered: bool = False

    def kbps(self, low: bool = False) -> int:
        """A usual or a low bit rate for this size and frame rate."""
        width, height = parsed_size(self.size)
        bits = _LOW_BITS if low else _USUAL_BITS
        return max(60, round(bits * width * height * self.fps / 1000))


@dataclass(frozen=True)
class Recipe:
    """How one recording is made: what `trueshaft tamper` is told.

    `target` is its path in the folder that is audited, `camera` its stream and `offset_s` where it
    begins on that camera's timeline. Without an encoding it is the file `source` itself.
    """

    target: str
    source: str
    steps: tuple[str, ...] = ()
    encoding: Encoding | None = None
    camera: str = ""
    offset_s: float = 0.0

    @property
    def stream(self) -> str:
        """The stream's name in the report."""
        return self.camera or Path(self.target).stem

    @property
    def seed(self) -> int:
        """The seed of all that is random in it: fixed by its name."""
        return zlib.crc32(self.target.encode()) % 1000

    def command(self) -> str:
        """The command that makes it again."""
        source = self.source if self.source.startswith("scene:") else f"{FOOTAGE}/{self.source}"
        if self.encoding is None:
            return f"cp {source} {self.target}"
        words = ["trueshaft tamper", source, self.target]
        steps = self.steps or ("noise:sigma=0",)
        words += [f"--how '{step}'" for step in placed(steps, FOOTAGE)]
        usual, names = Encoding(), ("codec", "bitrate_kbps", "crf", "gop", "fps", "size")
        for name in names:
            value = getattr(self.encoding, name)
            if value != getattr(usual, name):
                words.append(f"--{name.replace('_', '-')} {value}")
        return " ".join([*words, f"--seed {self.seed}"])


@dataclass(frozen=True)
class Scenario:
    """One thing to find, or not to find: recordings, and what else must lie beside them.

    `beside` are originals (files of the footage) for the search of copies; `known` is what is true
    of footage that no step made. `named` recordings carry camera and times in their names.
    """

    name: str
    group: str
    attack: str
    scene: str
    split: Split
    recipes: tuple[Recipe, ...]
    beside: tuple[str, ...] = ()
    known: tuple[Expected, ...] = ()
    named: bool = False
    quick: bool = False

    @property
    def streams(self) -> frozenset[str]:
        """Names of the streams it is about."""
        return frozenset(recipe.stream for recipe in self.recipes)


def single(
    scene: Scene,
    group: str,
    attack: str,
    steps: tuple[str, ...],
    encoding: Encoding,
    suffix: str = ".mp4",
    *,
    whole: bool = False,
    beside: tuple[str, ...] = (),
    maybe: str = "",
    quick: bool = False,
) -> Scenario:
    """A scenario of one recording; `whole` starts from all of the source, not from its clip.

    `maybe` is a detector that may rightly find something anywhere in it.
    """
    name = f"{scene.name}+{slug(attack)}"
    first = () if whole else scene.first
    recipe = Recipe(f"{name}{suffix}", scene.source, (*first, *steps), encoding)
    return Scenario(
        *(name, group, attack, scene.name, scene.split, (recipe,)),
        beside=beside,
        known=(Expected(maybe, "footage", name, 0.0, EVER_S, must=False),) if maybe else (),
        quick=quick and scene.name in QUICK_SCENES,
    )


def slug(text: str) -> str:
    """The text as a part of a file's name.

    >>> slug("covered to 70 %, low bit rate")
    'covered-to-70-low-bit-rate'
    """
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


def placed(steps: tuple[str, ...], footage: Path | str) -> tuple[str, ...]:
    """Steps with the folder of the footage filled in."""
    return tuple(step.replace("{footage}", str(footage)) for step in steps)


SCENES = (
    Scene("vtest", "vtest.avi", "tune", 30, 10, "768x576", ("trim:seconds=30",), 4),
    Scene("car", "car-detection.mp4", "tune", 30, 12.5, "768x432", (), 4),
    Scene(
        *("highway", "highway.avi", "tune", 16, 30, "320x240"),
        *(("trim:start=2,seconds=16", "fps:rate=30"), 2),
    ),
    Scene("town", "town_street.mp4", "tune", 13.2, 25, "854x480", (), 1),
    Scene("foreste", "autostrade_foreste.mp4", "tune", 15, 25, "352x288", (), 1),
    Scene("salitona", "autostrade_salitona.mp4", "tune", 15, 25, "352x288", (), 1),
    Scene("road", "road_empty.avi", "tune", 12.4, 30, "640x360", (), 2),
    Scene(
        *("room", "one-by-one-person-detection.mp4", "report", 30, 10, "768x432"),
        *(("trim:start=36,seconds=30",), 6),
    ),
    Scene(
        *("bottle", "bottle-detection.mp4", "report", 28, 15, "640x360"),
        *(("trim:start=2,seconds=28", "fps:rate=15"), 10),
    ),
    Scene(
        *("motorway", "motorway_osd.avi", "report", 21, 25, "320x240"),
        *(("trim:start=8,seconds=21",), 8),
    ),
    Scene("residential", "residential_road.mp4", "report", 11, 24, "640x352", (), 0.5),
    Scene(
        *("traffic", "traffic_camera.mp4", "report", 18, 25, "800x450"),
        *(("trim:seconds=18", "scale:size=800x450"), 1),
    ),
    Scene("milanoest", "autostrade_milanoest.mp4", "report", 15, 25, "352x288", (), 0.5),
    Scene("tunnel", "autostrade_tunnelligure.mp4", "report", 15, 25, "640x360", (), 6),
)
"""Fixed cameras: those on which parameters are tuned, and those that are only reported on."""

_SEEDS: tuple[tuple[int, Split], ...] = ((1, "tune"), (2, "report"))
RENDERED = tuple(
    Scene(
        name=f"{what}{number}",
        source=f"scene:{what},seconds=32,fps=12,layout={number},seed={number}",
        split=split,
        seconds=32,
        fps=12,
        size="640x360",
        lively_s=6,
        rendered=True,
    )
    for number, split in _SEEDS
    for what in ("hoist", "gallery", "conveyor")
)
"""Rendered cameras; they take part in holds, loops and replays."""
