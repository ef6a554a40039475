"""Rendered scenes: negatives whose truth is known, and footage for the demo."""

from collections.abc import Callable

import numpy as np

from detector.bench.clip import Clip, Picture
from detector.bench.encoding import parsed_size
from detector.bench.scenes.gallery import gallery
from detector.bench.scenes.machines import conveyor, hoist, idle_shaft, traffic_light
from detector.bench.scenes.settings import Painter, Settings
from detector.bench.steps.light import noisy
from detector.core.errors import TrueshaftError

SCENES: dict[str, Callable[[Settings], Painter]] = {
    "idle_shaft": idle_shaft,
    "hoist": hoist,
    "conveyor": conveyor,
    "traffic_light": traffic_light,
    "gallery": gallery,
}


def scene(name: str, settings: Settings | None = None) -> Clip:
    """The rendered scene `name` as a clip; the same settings give the same pictures.

    Raises TrueshaftError for a name that is not in `SCENES`.
    """
    if name not in SCENES:
        raise TrueshaftError(
            f"there is no scene {name!r}", f"scene:{name}", f"use one of {', '.join(SCENES)}"
        )
    chosen = settings or Settings()
    paint = SCENES[name](chosen)
    count = max(1, round(chosen.seconds * chosen.fps))
    times_s = np.arange(count) / chosen.fps
    label = f"{name}-{chosen.layout}-{chosen.seed}-view{chosen.view}"

    def picture(k: int) -> Picture:
        random = np.random.default_rng((chosen.seed, 3, chosen.view, k))
        return noisy(paint(chosen.start_s + float(times_s[k])), chosen.sigma, random)

    return Clip(
        times_s=times_s,
        picture=picture,
        size=parsed_size(chosen.size),
        period_s=1 / chosen.fps,
        shown_of=np.full(count, label, dtype="<U64"),
        shown_s=times_s + chosen.start_s,
    )


__all__ = ["SCENES", "Settings", "scene"]
