"""Scenarios in which something is to be found: every attack, in changing encodings."""

from collections.abc import Iterator
from dataclasses import replace

from detector.bench.encoding import Encoding
from detector.bench.scenarios import RENDERED, SCENES, Recipe, Scenario, Scene, single
from detector.core.accuracy import Expected

_LENGTH_S = 8.0
#: Clips longer than this are cut into files, s.
LONG_S = 17.0
_LOOKS = ("hand", "cloth", "paper")
_SLATES = ("blue", "black", "grey", "bars")
#: What a copy can be disguised by; each takes the scene and gives steps.
_DISGUISES = (
    "re-encoded", "scaled", "cropped, centre", "cropped, corner", "mirrored", "gamma",
    "grey and logo", "text and clock", "frame rate", "trimmed", "shared in part",
    "several at once",
)  # fmt: skip
#: Other footage that stands before what is shared.
_BEFORE = "join:path={footage}/people_moving_camera.mp4,start=2,seconds=10,before=true"


def attacks() -> Iterator[Scenario]:
    """All scenarios with something to find, scene by scene."""
    for number, scene in enumerate(SCENES):
        yield from holds(scene, number)
        yield from repeats(scene, number)
        yield from copies(scene, number)
        yield from blinded(scene, number)
        yield from moves(scene, number)
        yield from gaps(scene)
    for number, scene in enumerate(RENDERED):
        yield from list(holds(scene, number))[:4]
        yield from list(repeats(scene, number))[:3]


def encoding_of(scene: Scene, number: int) -> tuple[Encoding, str]:
    """One of six ways to encode a clip, by number, and the container's suffix."""
    usual, low = scene.kbps(), scene.kbps(low=True)
    return (
        (Encoding(), ".mp4"),
        (Encoding(bitrate_kbps=low, gop=250), ".mp4"),
        (Encoding(codec="hevc", bitrate_kbps=usual), ".mkv"),
        (Encoding(codec="mpeg4", bitrate_kbps=2 * usual, gop=25), ".avi"),
        (Encoding(bitrate_kbps=usual, gop=100), ".mkv"),
        (Encoding(codec="mjpeg"), ".avi"),
    )[number % 6]


def holds(scene: Scene, number: int) -> Iterator[Scenario]:
    """A picture held: 5 to 12 s, to the end, under what keeps moving, and in still scenes."""
    d = scene.seconds
    at = round(0.3 * d, 1)
    long = "seconds=12" if d > 20 else "seconds=12,insert=true"
    ways = (
        ("hold 5 s", (f"hold:start={at},seconds=5",)),
        ("hold under a clock", (f"hold:start={at},seconds={_LENGTH_S}", "clock")),
        ("hold to the end", (f"hold:start={round(min(0.6 * d, d - 5.5), 1)}",)),
        ("hold 12 s under a spinner", (f"hold:start={at},{long}", "spinner")),
        ("hold 6 s, low bit rate", (f"hold:start={round(0.45 * d, 1)},seconds=6",)),
        ("hold in a still scene", (f"still:at={at},seconds=40", "hold:start=14,seconds=10")),
    )
    for way, (attack, steps) in enumerate(ways):
        encoding, suffix = encoding_of(scene, number + way)
        if way == 4:
            encoding, suffix = encoding_of(scene, 1)
        if way == 5:
            encoding, suffix = Encoding(crf=20), ".mp4"
        yield single(scene, "frozen", attack, steps, encoding, suffix, quick=way == 1)


def repeats(scene: Scene, number: int) -> Iterator[Scenario]:
    """The camera's own past: loops of several periods, replays in several disguises."""
    d, at = scene.seconds, scene.lively_s
    back = f"replay:start={d - 1:g},seconds=7,from={at},insert=true"
    drift = f"brightness:add=12,drift_per_min=30,start={d - 1:g}"
    ways = (
        ("loop of 5 s", (f"loop:start={at},period=5,repetitions=3",)),
        ("replay", (back,)),
        ("replay under a new clock", (back, "clock")),
        ("loop of 8 s under a clock", (f"loop:start={at},period=8,repetitions=2", "clock")),
        ("replay, brightness drifting", (back, drift)),
        ("replay at another frame rate", (back,)),
    )
    for way, (attack, steps) in enumerate(ways):
        encoding, suffix = encoding_of(scene, number + way + 1)
        if way == 5:
            encoding, suffix = Encoding(fps=round(0.7 * scene.fps, 1)), ".mp4"
        yield single(scene, "replayed", attack, steps, encoding, suffix, quick=way in (0, 2))
    if scene.name == "room":
        steps = ("trim:seconds=100", "replay:start=86,seconds=9,from=17")
        yield single(scene, "replayed", "replay a minute later", steps, Encoding(), whole=True)
    if scene.name == "vtest":
        steps = ("replay:start=66,seconds=9,from=3",)
        yield single(scene, "replayed", "replay a minute later", steps, Encoding(), whole=True)
    if scene.seconds > LONG_S:
        yield across_files(scene)


def across_files(scene: Scene) -> Scenario:
    """A stretch of a camera's first file shown again in its second, two minutes later."""
    middle = 2 * (int(scene.seconds) // 4)
    at = min(scene.lively_s, middle - 7)
    camera = f"{scene.name}-replayed"
    first = (*scene.first, f"trim:start=0,seconds={middle}")
    second = (
        *scene.first,
        f"replay:start={middle + 3:g},seconds=7,from={at:g}",
        f"trim:start={middle},seconds={int(scene.seconds) - middle}",
    )
    low = Encoding(bitrate_kbps=scene.kbps())
    return Scenario(
        name=f"{scene.name}+replay across files",
        group="replayed",
        attack="replay across files",
        scene=scene.name,
        split=scene.split,
        recipes=(
            named(camera, scene.source, first, Encoding(), 0, middle),
            named(camera, scene.source, second, low, 120, int(scene.seconds) - middle),
        ),
        known=(replace(_gap(camera, "files missing", middle, 120, 0), must=False),),
        named=True,
    )


def copies(scene: Scene, number: int) -> Iterator[Scenario]:
    """The camera's footage shown as another camera's, in half of the disguises."""
    d = scene.seconds
    width, height = (int(side) for side in scene.size.split("x"))
    small = f"{width // 3 * 2 // 2 * 2}x{height // 3 * 2 // 2 * 2}"
    low = Encoding(bitrate_kbps=scene.kbps(low=True))
    usual = Encoding(codec="hevc", bitrate_kbps=scene.kbps(), gop=100)
    disguises: dict[str, tuple[tuple[str, ...], Encoding]] = {
        "re-encoded": ((), low),
        "scaled": ((f"scale:size={small}",), usual),
        "cropped, centre": (("crop:keep=0.9",), Encoding(gop=25)),
        "cropped, corner": (("crop:keep=0.9,offset_x=1,offset_y=0",), Encoding()),
        "mirrored": (("flip",), usual),
        "gamma": (("gamma:value=1.6",), Encoding(gop=250)),
        "grey and logo": (("grey", "logo:height=0.2"), Encoding()),
        "text and clock": (("text:text=MINE 7 MAIN SHAFT", "clock:from_clock=21:14:07"), usual),
        "frame rate": ((), Encoding(fps=round(0.6 * scene.fps, 1))),
        "trimmed": (("trim:start=3.4",), low),
        "shared in part": ((f"trim:seconds={d - 3:g}", _BEFORE), Encoding()),
        "several at once": (
            ("trim:start=2.1", "crop:keep=0.92,offset_x=0", "flip", "gamma:value=0.7", "logo"),
            Encoding(codec="mpeg4", bitrate_kbps=scene.kbps(), fps=round(0.8 * scene.fps, 1)),
        ),
    }
    for way, attack in enumerate(_DISGUISES):
        if (way + number) % 2 == 0 or attack == "several at once":
            steps, encoding = disguises[attack]
            suffix = ".avi" if encoding.codec == "mpeg4" else ".mp4"
            yield single(
                *(scene, "duplicated", attack, steps, encoding, suffix),
                beside=(scene.source,),
                maybe="moved_camera" if attack == "shared in part" else "",
                quick=attack in ("mirrored", "gamma"),
            )


def blinded(scene: Scene, number: int) -> Iterator[Scenario]:
    """A picture that says nothing: black, flooded, covered, out of focus, a slate."""
    at = f"start={round(0.4 * scene.seconds, 1)}"
    some = f"{at},seconds={min(_LENGTH_S, 0.45 * scene.seconds):g}"
    look, other = _LOOKS[number % 3], _LOOKS[(number + 1) % 3]
    side = ("left", "right", "top", "bottom")[number % 4]
    ways = (
        ("black", f"black:{some},level={number % 3 * 5},sigma={number % 2}"),
        ("over-exposed", f"overexpose:{some}"),
        ("covered", f"cover:{at},look={look},side={side}"),
        ("covered to 70 %", f"cover:{some},look={other},side={side},share=0.7"),
        ("defocused", f"defocus:{some}"),
        ("slate", f"slate:{some},look={_SLATES[number % 4]}"),
    )
    for way, (attack, step) in enumerate(ways):
        encoding, suffix = encoding_of(scene, number + way + 2)
        yield single(scene, "uninformative", attack, (step,), encoding, suffix, quick=way in (2, 4))


def moves(scene: Scene, number: int) -> Iterator[Scenario]:
    """The camera looks elsewhere: a little aside, tilted, nearer, or at another place."""
    at = f"start={round(0.45 * scene.seconds, 1)}"
    turn = ("left", "right", "up", "down")[number % 4]
    mates = [s for s in SCENES if s.split == scene.split and s != scene]
    place = mates[number % len(mates)]
    ways = (
        ("shifted", f"shift:{at},direction={turn}"),
        ("rotated", f"rotate:{at},degrees={8 if number % 2 else -8}"),
        ("zoomed", f"zoom:{at},factor={1.3 if number % 2 else 0.75}"),
        ("another place", f"elsewhere:{at},path={{footage}}/{place.source}"),
    )
    for way, (attack, step) in enumerate(ways):
        encoding, suffix = encoding_of(scene, number + way + 3)
        yield single(scene, "moved", attack, (step,), encoding, suffix, quick=way == 0)


def gaps(scene: Scene) -> Iterator[Scenario]:
    """Footage missing: from time stamps, between files, at a file's end; and files that overlap."""
    step = f"gap:start={round(0.4 * scene.seconds, 1)},seconds=4"
    yield single(scene, "gap", "time stamps jump", (step,), Encoding(), ".mp4")
    if scene.seconds <= LONG_S:
        return
    half = int(scene.seconds) // 2
    first = (*scene.first, f"trim:start=0,seconds={half}")
    second = (*scene.first, f"trim:start={half},seconds={half}")
    for attack, begins, lasts in (
        ("files missing", half + 30, half),
        ("file shorter than named", half, half + 15),
        ("files overlap", half - 6, half),
    ):
        camera = f"{scene.name}-{attack.replace(' ', '-')}"
        recipes = (
            named(camera, scene.source, first, Encoding(), 0, half),
            named(camera, scene.source, second, Encoding(), begins, lasts),
        )
        yield Scenario(
            name=f"{scene.name}+{attack}",
            group="gap",
            attack=attack,
            scene=scene.name,
            split=scene.split,
            recipes=recipes,
            known=(_gap(camera, attack, half, begins, lasts),),
            named=True,
        )


def named(
    camera: str, source: str, steps: tuple[str, ...], encoding: Encoding, start: int, lasts: int
) -> Recipe:
    """A recording whose name gives camera, start and end; `start` counts from 08:00:00."""
    written = [f"{8 + s // 3600:02d}{s // 60 % 60:02d}{s % 60:02d}" for s in (start, start + lasts)]
    target = f"{camera}/20260102-{written[0]}_{written[1]}.mp4"
    return Recipe(target, source, steps, encoding, camera, float(start))


def _gap(camera: str, attack: str, half: int, begins: int, lasts: int) -> Expected:
    """What is wrong with the times of two files that hold `half` seconds each."""
    if attack == "file shorter than named":
        start, end = begins + half, begins + lasts
    else:
        start, end = sorted((half, begins))
    return Expected("recording_gap", attack, camera, float(start), float(end))
