"""The tamper kit: a recording, steps in order, an encoding; out come a recording and its truth."""

from collections.abc import Sequence
from pathlib import Path

from detector.bench.clip import Clip
from detector.bench.encoding import Encoding, write_footage
from detector.bench.footage import read_footage
from detector.bench.steps import Fps, Step
from detector.bench.truth import Truth, as_json, truth_of, truth_path


def tamper(
    source: Path | Clip,
    target: Path,
    steps: Sequence[Step],
    encoding: Encoding | None = None,
    seed: int = 0,
) -> Truth:
    """Writes `source` changed by `steps` to `target` and the truth beside it.

    `source` is a recording or an open clip (read once, tampered many times). Steps apply in order,
    each to what the one before made; times in a step are in the clip as it then is. The same
    arguments give the same bytes. Raises TrueshaftError.
    """
    clip = read_footage(source) if isinstance(source, Path) else source
    encoding = encoding or Encoding()
    name = str(clip.shown_of[0])
    changed = tampered(clip, steps, seed)
    if encoding.fps is not None:
        changed = Fps(rate=encoding.fps).apply(changed, (seed,))
    write_footage(target, changed, encoding)
    described = tuple(as_json(step) for step in steps)
    truth = truth_of(changed, target.stem, name, seed, described, as_json(encoding))
    truth.write(truth_path(target))
    return truth


def tampered(clip: Clip, steps: Sequence[Step], seed: int = 0) -> Clip:
    """The clip changed by `steps`, nothing written: pictures before encoding, and the events."""
    for place, step in enumerate(steps):
        clip = step.apply(clip, (seed, place))
    return clip
