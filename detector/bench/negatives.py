"""Scenarios in which nothing is to be found, and the copies that are in the footage as it is."""

import math
from collections.abc import Iterator
from dataclasses import replace

from detector.bench.attacks import LONG_S, named
from detector.bench.encoding import Encoding
from detector.bench.scenarios import EVER_S, SCENES, Recipe, Scenario, Scene, Split, single
from detector.core.accuracy import Expected, Showing

#: Footage that is not among the scenes: too short, edited, or of a moving camera.
_OTHERS: dict[str, Split] = {
    "bikes.mp4": "tune",
    "carphone.mp4": "tune",
    "lane_brightness_jump.avi": "tune",
    "tree.avi": "tune",
    "box.mp4": "report",
    "people_moving_camera.mp4": "report",
    "black_80_frames.mp4": "report",
    "crashes_opencv_reader.avi": "report",
}
#: Of these the view really changes, so that `moved_camera` is no false episode.
_MOVING = ("bikes", "carphone", "box", "people_moving_camera", "black_80_frames", "tree")
#: Scenes shown as stills: the picture at an instant, at 10 pictures a second.
_STILLS = (("vtest", 12), ("town", 3), ("salitona", 5), ("room", 2), ("bottle", 9), ("tunnel", 2))
#: Scenes long enough to be seen twice: two starts and a length, s.
_TIMES = {
    "vtest": (0, 38, 36),
    "car": (0, 15, 15),
    "highway": (0, 14, 14),
    "room": (8, 76, 40),
    "bottle": (0, 20, 19),
    "motorway": (0, 15, 15),
}
#: Copy, original, lag in s (NaN: at another speed), until when in s, split.
_KNOWN: tuple[tuple[str, str, float, float, Split], ...] = (
    ("highway_copy.mpg", "highway.avi", 0, EVER_S, "tune"),
    ("road_empty_copy.avi", "road_empty.avi", 0, EVER_S, "tune"),
    ("tmk_chair-22-sd-grey-bar.mp4", "tmk_chair-orig-22-sd-bar.mp4", 0, EVER_S, "tune"),
    ("tmk_chair-22-with-large-logo-bar.mp4", "tmk_chair-orig-22-sd-bar.mp4", 0, EVER_S, "tune"),
    ("tmk_chair-19-sd-bar.mp4", "tmk_chair-orig-22-sd-bar.mp4", -3.67, EVER_S, "tune"),
    ("traffic_camera_vfr.mp4", "traffic_camera.mp4", 0, 11.5, "report"),
    ("tmk_pattern-sd-with-small-logo-bar.mp4", "tmk_pattern-hd-no-bar.mp4", 0, EVER_S, "report"),
    ("Megamind_bugy.avi", "Megamind.avi", math.nan, EVER_S, "report"),
)


def negatives() -> Iterator[Scenario]:
    """All scenarios with nothing to find, and the known copies."""
    for scene in SCENES:
        yield from untouched(scene)
        yield from events(scene)
    for source, split in _OTHERS.items():
        yield _original(source, split)
    for name, at in _STILLS:
        yield from stills(next(scene for scene in SCENES if scene.name == name), at)
    for name, begins in _TIMES.items():
        yield other_time(next(scene for scene in SCENES if scene.name == name), begins)
    yield from rendered()
    yield from known_copies()


def untouched(scene: Scene) -> Iterator[Scenario]:
    """The recording as it is, and re-encoded at a low bit rate; and cut into files."""
    yield _original(scene.source, scene.split, scene.name)
    poor = Encoding(bitrate_kbps=scene.kbps(low=True), gop=100)
    yield single(scene, "negative", "clean, low bit rate", (), poor, quick=True)
    if scene.seconds > LONG_S:
        half = int(scene.seconds) // 2
        recipes = tuple(
            named(
                camera=f"{scene.name}-in-files",
                source=scene.source,
                steps=(*scene.first, f"trim:start={begin},seconds={half}"),
                encoding=Encoding(),
                start=begin,
                lasts=half,
            )
            for begin in (0, half)
        )
        name = f"{scene.name}+clean-in-files"
        yield Scenario(
            name, "negative", "clean, in files", scene.name, scene.split, recipes, named=True
        )


def events(scene: Scene) -> Iterator[Scenario]:
    """What happens to honest cameras."""
    d, number = scene.seconds, SCENES.index(scene)
    usual = Encoding(bitrate_kbps=scene.kbps())
    truck = f"seconds={4 + number % 4},stop={2 + number % 3}"  # no two cameras see the same one
    truck += f",fill={0.8 + 0.02 * (number % 8):.2f},to={('right', 'left')[number % 2]}"
    ways = (
        ("night falling", f"night:start={0.2 * d:.1f},seconds={0.5 * d:.1f},level=0.15"),
        ("brightness jump", f"brightness:add={-45 if d > 14 else 45},start={0.5 * d:.1f}"),
        ("truck passing", f"truck:start={0.2 * d:.1f},{truck}"),
        ("repeated pictures", "repeat:share=0.2"),
        ("low frame rate", f"fps:rate={max(2.0, scene.fps / 8):g}"),
    )
    for attack, step in ways:
        yield single(scene, "negative", attack, (step,), usual, quick=attack == "night falling")


def stills(scene: Scene, at_s: float) -> Iterator[Scenario]:
    """A scene in which nothing moves for minutes, live: its sensor's noise is there."""
    steps: tuple[str, ...] = (f"still:at={at_s},seconds=130,sigma=2",)
    if scene.fps > 13:
        steps = ("fps:rate=10", *steps)
    low = Encoding(bitrate_kbps=max(40, scene.kbps(low=True) // 4), gop=100)
    for attack, encoding in (
        ("still for minutes", Encoding(crf=21)),
        ("still for minutes, low bit rate", low),
    ):
        yield single(scene, "negative", attack, steps, encoding)


def other_time(scene: Scene, begins: tuple[int, int, int]) -> Scenario:
    """Two recordings that show one place at different times, as if of two cameras."""
    *starts, seconds = begins
    encodings = Encoding(), Encoding(codec="hevc", bitrate_kbps=scene.kbps(), size="512x288")
    recipes = tuple(
        Recipe(
            target=f"{scene.name}+from-{start}.mp4",
            source=scene.source,
            steps=(f"trim:start={start},seconds={seconds}",),
            encoding=encoding,
        )
        for start, encoding in zip(starts, encodings, strict=True)
    )
    name = f"{scene.name}+other-time"
    attack = "the same real place at another time"
    return Scenario(name, "negative", attack, scene.name, scene.split, recipes)


def rendered() -> Iterator[Scenario]:
    """Machines that repeat themselves, alike galleries, one place from two ends."""
    seeds: tuple[tuple[int, Split], ...] = ((3, "tune"), (4, "report"))
    for number, split in seeds:
        machines = {
            "hoist": f"scene:hoist,seconds=90,fps=12,seed={number},layout={number}",
            "traffic light": f"scene:traffic_light,seconds=90,fps=12,seed={number},layout={number}",
            "conveyor": f"scene:conveyor,seconds=40,fps=12,seed={number},layout={number}",
            "idle shaft": f"scene:idle_shaft,seconds=120,fps=8,seed={number},layout={number}",
        }
        for what, source in machines.items():
            yield _painted(f"machine: {what}", f"{what.replace(' ', '')}{number}", source, split)
        gallery = "scene:gallery,seconds=45,fps=10,passers_per_min=10"
        places = (
            ("two views of one place", f"seed={number},layout={number},view=0"),
            ("two views of one place", f"seed={number},layout={number},view=1"),
            ("the same place at another time", f"seed={number + 50},layout={number},view=0"),
            ("an alike place", f"seed={number + 60},layout={number + 60},view=0"),
        )
        for which, (attack, settings) in enumerate(places):
            yield _painted(attack, f"gallery{number}-{which}", f"{gallery},{settings}", split)


def known_copies() -> Iterator[Scenario]:
    """Pairs in the footage that really show the same, with the lag.

    What is shown faster or slower than in the original (NaN) need not be found.
    """
    for copy, original, lag_s, until_s, split in _KNOWN:
        stream, other = copy.rpartition(".")[0], original.rpartition(".")[0]
        whole = Expected(
            "duplicated_video", "footage", stream, 0, EVER_S, Showing(other, 0, math.nan)
        )
        known = [replace(whole, must=False)]
        if not math.isnan(lag_s):
            showing = Showing(other, max(0.0, -lag_s), lag_s)
            known.append(replace(whole, end_s=until_s, other=showing))
        if copy.startswith(("tmk", "Megamind")):
            known += [*_view_changes(stream), *_view_changes(other)]
        yield Scenario(
            name=f"known+{stream}",
            group="duplicated",
            attack="copies in the footage itself",
            scene=other,
            split=split,
            recipes=(Recipe(copy, copy),),
            beside=(original,),
            known=tuple(known),
        )


def _original(source: str, split: Split, scene: str = "") -> Scenario:
    stem = source.rpartition(".")[0]
    known = list(_view_changes(stem) if stem in _MOVING else ())
    if stem == "tree":
        known.append(_maybe("uninformative_frame", stem))
    if stem == "black_80_frames":
        known += [_maybe("uninformative_frame", stem), _maybe("frozen_frame", stem)]
    return Scenario(
        name=f"{scene or stem}+clean",
        group="negative",
        attack="clean",
        scene=scene or stem,
        split=split,
        recipes=(Recipe(source, source),),
        known=tuple(known),
    )


def _view_changes(stream: str) -> tuple[Expected, ...]:
    return (_maybe("moved_camera", stream),)


def _maybe(detector: str, stream: str) -> Expected:
    """True somewhere in the recording; whether and where it is found is not judged."""
    return Expected(detector, "footage", stream, 0.0, EVER_S, must=False)


def _painted(attack: str, name: str, source: str, split: Split) -> Scenario:
    recipe = Recipe(f"{name}.mp4", source, (), Encoding())
    return Scenario(name, "negative", attack, name, split, (recipe,))
