"""Long recordings for the speed part: ten minutes of 1080p, plain and with a hold and a replay."""

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from detector.core.accuracy import Expected, Showing
from detector.core.errors import TrueshaftError

SECONDS = 600
FPS, GOP, BITS = 25, 50, 4_000_000
SIZE = (1920, 1080)
#: No content twice: one file of each scene, the last two slowed to fill ten minutes.
_PARTS = (
    *("vtest.avi", "one-by-one-person-detection.mp4", "car-detection.mp4", "bottle-detection.mp4"),
    *("motorway_osd.avi", "highway.avi", "town_street.mp4", "residential_road.mp4"),
    *("traffic_camera.mp4", "autostrade_foreste.mp4", "autostrade_milanoest.mp4"),
    *("autostrade_salitona.mp4", "autostrade_tunnelligure.mp4", "road_empty.avi", "tree.avi"),
    *("tmk_chair-orig-22-sd-bar.mp4", "tmk_pattern-hd-no-bar.mp4", "Megamind.avi"),
    *("lane_brightness_jump.avi", "bikes.mp4", "carphone.mp4"),
)
_SLOWED = ("people_moving_camera.mp4", "box.mp4")
_SLOWER = 1.6
#: Planted: the picture at 36 s is held for 8 s; what is at 8 s is shown again at 56 s, for 12 s.
_HOLD_S, _HELD_S = 36, 8
_REPLAY_S, _FROM_S, _REPLAYED_S = 56, 8, 12
#: The audit sees one recording, so its stream is always this.
PLANTED = "planted"


def planted_truth() -> tuple[Expected, ...]:
    """What is to be found in the recording that :func:`planted` makes."""
    again = Showing(PLANTED, _FROM_S, _REPLAY_S - _FROM_S)
    return (
        Expected("frozen_frame", "hold 8 s", PLANTED, _HOLD_S, _HOLD_S + _HELD_S),
        Expected(
            *("replayed_video", "replay 12 s", PLANTED),
            *(_REPLAY_S, _REPLAY_S + _REPLAYED_S, again),
        ),
    )


def plain(footage: Path, work: Path) -> Path:
    """Ten minutes of 1080p H.264, 25 pictures a second, 4 Mbit/s, key frames every 2 s."""
    target = work / "long" / "plain" / "plain.mp4"
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name("part.mp4")
    inputs, graph = [], []
    for number, name in enumerate((*_PARTS, *_SLOWED)):
        inputs += ["-i", str(footage / name)]
        slower = f"setpts={_SLOWER}*PTS," if name in _SLOWED else ""
        shape = f"scale={SIZE[0]}:{SIZE[1]},setsar=1,format=yuv420p"
        graph.append(f"[{number}:v:0]{slower}fps={FPS},{shape}[v{number}];")
    joined = "".join(f"[v{number}]" for number in range(len(graph)))
    graph.append(f"{joined}concat=n={len(graph)}:v=1[out]")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *inputs]
    command += ["-filter_complex", "".join(graph), "-map", "[out]", "-an", "-t", str(SECONDS)]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-b:v", str(BITS), "-maxrate", str(BITS)]
    command += ["-bufsize", str(2 * BITS), "-g", str(GOP), "-keyint_min", str(GOP)]
    command += ["-sc_threshold", "0", "-bf", "0", str(part)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip()[-300:]
        raise TrueshaftError(f"ffmpeg failed: {last}", str(target), "install ffmpeg with libx264")
    part.rename(target)
    return target


def planted(source: Path, work: Path) -> Path:
    """The plain ten minutes decoded, with a hold and a replay in them, and encoded again."""
    target = work / "long" / PLANTED / f"{PLANTED}.mp4"
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name("part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        context = stream.codec_context
        context.bit_rate, context.gop_size, context.max_b_frames = BITS, GOP, 0
        rate = {"maxrate": str(BITS), "bufsize": str(2 * BITS), "sc_threshold": "0"}
        context.options = {"preset": "veryfast", **rate}
        for number, frame in enumerate(_shown(source)):
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    part.rename(target)
    return target


def pieces(source: Path, work: Path, count: int) -> Path:
    """A folder of the recording cut into `count` recordings, without encoding anything again."""
    folder = work / "long" / f"{count}-pieces"
    if folder.is_dir() and len(list(folder.glob("*.mp4"))) == count:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    length_s = SECONDS // count // 2 * 2
    for number in range(count):
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", str(number * length_s)]
        command += ["-i", str(source), "-t", str(length_s), "-c", "copy"]
        subprocess.run([*command, str(folder / f"camera-{number:02d}.mp4")], check=True)
    return folder


def _shown(source: Path) -> Iterator[VideoFrame]:
    """The pictures of the recording with the hold and the replay."""
    replayed = range(_REPLAY_S * FPS, (_REPLAY_S + _REPLAYED_S) * FPS)
    held = range(_HOLD_S * FPS, (_HOLD_S + _HELD_S) * FPS)
    again = _frames(source)
    for _ in range(_FROM_S * FPS):
        next(again)
    kept: VideoFrame | None = None
    for number, frame in enumerate(_frames(source)):
        if number in held:
            kept = kept if kept is not None else frame
            yield kept
        elif number in replayed:
            yield next(again)
        else:
            yield frame


def _frames(source: Path) -> Iterator[VideoFrame]:
    with av.open(str(source)) as container:
        container.streams.video[0].thread_type = "AUTO"
        yield from container.decode(video=0)
