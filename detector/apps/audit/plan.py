"""Where to look: which recordings are decoded in full, and which stretches of the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from detector.core.observation import Views
from detector.edge.packets import Packets

Mode = Literal["full", "coarse"]

#: Luma pixels up to which a recording is decoded in full: about two minutes of 720p at 25 fps.
FULL_PIXELS = 3_000_000_000


def full_or_coarse(packets: Packets, thorough: bool, environment: Mapping[str, str]) -> Mode:
    """How to decode a recording; ``TRUESHAFT_DECODE`` = full | coarse overrules its length."""
    forced = environment.get("TRUESHAFT_DECODE", "")
    if thorough or forced == "full":
        return "full"
    if forced == "coarse":
        return "coarse"
    return "full" if packets.pixels <= FULL_PIXELS else "coarse"


def looks(
    recordings: Sequence[tuple[Packets, Views]],
) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """Stretches (s) of coarsely read recordings to decode in full, by index."""
    for index, (packets, _) in enumerate(recordings):
        yield index, [(0.0, packets.duration_s)]
