"""Sentences about episodes: from detector, kind and figures, in the language of the page."""

from __future__ import annotations

import re

from detector.apps.report.cameras import Camera
from detector.apps.report.schema import Episode, Other
from detector.apps.report.texts import Texts, offset, visible

_NUMBER = re.compile(r"\d+(?:\.\d+)?|SIG[A-Z]+")
_PLACE = re.compile(r"(.+), at ([\d.]+) s of the recording")
#: Two showings this close together (s) are shown at the same moment.
SAME_MOMENT_S = 0.5
#: What is measured of noise and of live noise, the part of it from which on it is called missing,
#: and the least live noise of which that can be said, grey; as frozen_frame has them.
_NOISE = (("key_change", "live_key_change", 0.3, 0.08), ("noise", "live_noise", 0.2, 0.01))

#: Figures that sentences name.
_TOLD = (
    *("tiles_stopped", "tiles_started", "declared_class", "hours_a_day", "days", "night_percent"),
    *("resting", "signal", "works_s", "sensors", "at_once", "at_work"),
)

#: Innocent explanations to rule out where the detector names none, by detector and kind.
USUALLY_INNOCENT = {
    "frozen_frame": ["network_stall", "recorder_restart"],
    "frozen_frame.no_change": ["still_scene", "network_stall"],
    "replayed_video": ["buffer_repeat", "export_error"],
    "replayed_video.loop": ["network_stall", "periodic_machine"],
    "duplicated_video": ["misconfigured_channel"],
    "uninformative_frame.black": ["lights_out", "power_cut"],
    "uninformative_frame.covered": ["maintenance", "dust", "passing_object"],
    "uninformative_frame.over_exposed": ["glare"],
    "uninformative_frame.defocused": ["dust", "maintenance"],
    "uninformative_frame.no_signal": ["power_cut", "recorder_restart"],
    "moved_camera": ["maintenance", "ptz", "vibration"],
    "flat_signal": ["quiet_mine", "calibration"],
    "out_of_range": ["calibration"],
    "spike": ["calibration"],
    "silence": ["network", "calibration"],
    "clock_fault": ["clock_set", "network"],
    "scaled_signal": ["calibration"],
    "calibration_fault": ["unrecorded_gas"],
    "inconsistent_readings": ["calibration", "new_operation"],
    "fabricated_signal.hours": ["new_hours"],
    "copied_signal": ["misconfigured_stream"],
    "replayed_signal": ["network"],
    "inconsistent_production": ["hoist_maintenance", "rock_hoisting", "calibration"],
    "inconsistent_production.undeclared": ["calibration", "vehicle_exhaust", "rock_hoisting"],
    "inconsistent_shaft": ["other_side", "recorder_clock", "hoist_maintenance"],
    "recording_gap": ["power_cut", "motion_recording", "clock_set", "export_error"],
}


def kind_key(episode: Episode) -> str:
    """The kind as a key: ``no change`` and ``No-Change`` are ``no_change``."""
    return _slug(episode.evidence.kind or "")


def found_key(episode: Episode) -> str:
    """The kind and what it was known by: a picture is held by its noise, packets or motion."""
    kind, figures = kind_key(episode), episode.evidence.figures
    if (episode.detector, kind) != ("frozen_frame", "held"):
        return kind
    for seen, live, part, least in _NOISE:
        noise, usual = figures.get(seen), figures.get(live)
        if not isinstance(noise, int | float) or not isinstance(usual, int | float):
            continue
        if usual >= least and noise <= part * usual + 0.001:  # figures are rounded
            return "held_noise"
    if not {"packets_fell", "packets_rose"}.isdisjoint(figures):
        return "held_coded"
    if not figures.get("tiles_stopped"):
        return kind
    return "held_stroke" if figures.get("tiles_started") else "held_stopped"


def title(episode: Episode, t: Texts) -> str:
    """What the page calls a finding of this detector and kind."""
    key = f"title.{episode.detector}_{kind_key(episode)}"
    if key in t:
        return t(key)
    name, kind = detector_name(episode.detector, t), visible(episode.evidence.kind or "")
    colon = "：" if t.lang == "zh" else ": "
    return f"{name}{colon}{kind}" if kind else name


def detector_name(detector: str, t: Texts) -> str:
    """What the page calls a detector."""
    return t.get(f"detector.{detector}", visible(detector))


def letter(detector: str, t: Texts) -> str:
    """The letter that stands for a detector on a bar."""
    return t.get(f"letter.{detector}", t("letter.unknown"))


def span(start_s: float, end_s: float, t: Texts, start: str | None, end: str | None) -> str:
    """``from ... to ...`` or ``at ...``: by the wall clock where it is known, else within the
    recording."""
    first, last = t.wall(start), t.wall(end)
    if first is None or last is None:
        if offset(start_s) == offset(end_s):
            return t("span.offset_at", start=offset(start_s))
        return t("span.offset", start=offset(start_s), end=offset(end_s))
    if f"{first:%Y-%m-%d %H:%M:%S}" == f"{last:%Y-%m-%d %H:%M:%S}":
        return t("span.clock_at", date=f"{first:%Y-%m-%d}", start=f"{first:%H:%M:%S}")
    if first.date() == last.date():
        return t(
            "span.clock",
            date=f"{first:%Y-%m-%d}",
            start=f"{first:%H:%M:%S}",
            end=f"{last:%H:%M:%S}",
        )
    form = "%Y-%m-%d %H:%M:%S"
    return t("span.clock_days", start=first.strftime(form), end=last.strftime(form))


def when(episode: Episode, t: Texts) -> str:
    """When an episode was."""
    return span(episode.start_s, episode.end_s, t, episode.start, episode.end)


def sentence(episode: Episode, t: Texts) -> tuple[str, bool]:
    """What an episode means for a regulator; False where no text knew its detector."""
    fields = _fields(episode, t)
    kinds = (found_key(episode), kind_key(episode), "default")
    for key in (f"{episode.detector}.{kind}" for kind in kinds):
        if f"sentence.{key}" in t:
            try:
                text = t(f"sentence.{key}", **fields)
            except KeyError:  # a figure the sentence needs was not given
                continue
            return t.sentences([text, *_more(episode, t)]), True
    if t.lang == "en":
        return visible(episode.summary), False
    return t.sentences([t("sentence.generic", **fields), *_more(episode, t)]), False


def _more(episode: Episode, t: Texts) -> list[str]:
    more = []
    other = episode.other
    if other is not None and other.path != episode.path and None in (episode.start, other.start):
        more.append(t("sentence.own_times"))
    if episode.evidence.flipped:
        more.append(t("sentence.flipped"))
    if episode.until_end:
        more.append(t("sentence.until_end"))
    return more


def _lasting(episode: Episode, t: Texts) -> str:
    """How long an episode is; that of a single reading has no length."""
    seconds = episode.end_s - episode.start_s
    return t.duration(seconds) if seconds > 0 else t("span.one_reading")


def _fields(episode: Episode, t: Texts) -> dict[str, str]:
    evidence, other = episode.evidence, episode.other
    fields = {
        "camera": visible(episode.stream),
        "name": detector_name(episode.detector, t),
        "when": when(episode, t),
        "duration": _lasting(episode, t),
    }
    if evidence.period_s is not None:
        fields["period"] = t.duration(evidence.period_s)
    if evidence.repetitions is not None:
        fields["repetitions"] = f"{evidence.repetitions:.1f}"
    for figure in _TOLD:
        if figure in evidence.figures:
            fields[figure] = _figure(figure, evidence.figures[figure], t)
    if other is not None:
        fields["other_camera"] = visible(other.stream)
        fields["other_when"] = span(other.start_s, other.end_s, t, other.start, other.end)
        fields["lag"] = t.duration(abs(other.lag_s))
        fields["lag_phrase"] = t(_lag_key(other.lag_s), **fields)
    return fields


def _lag_key(lag_s: float) -> str:
    if abs(lag_s) < SAME_MOMENT_S:
        return "lag.same"
    return "lag.other_first" if lag_s > 0 else "lag.own_first"


def benign(episode: Episode, t: Texts) -> list[str]:
    """Innocent explanations: the detector's own, else the usual ones of its kind."""
    usual = USUALLY_INNOCENT.get(
        f"{episode.detector}.{kind_key(episode)}", USUALLY_INNOCENT.get(episode.detector, [])
    )
    return [innocent(key, t) for key in episode.evidence.benign or usual]


def innocent(key: str, t: Texts) -> str:
    """What the page calls an innocent explanation."""
    return t.get(f"benign.{_slug(key)}", visible(key))


def figures(episode: Episode, t: Texts) -> list[tuple[str, str]]:
    """The figures of an episode: name and value."""
    told = sorted(episode.evidence.figures.items())
    return [
        (t.get(f"figure.{name}", visible(name)), _figure(name, value, t)) for name, value in told
    ]


def _figure(name: str, value: object, t: Texts) -> str:
    if isinstance(value, bool):
        return t("figure.yes") if value else t("figure.no")
    return t.get(f"figure_value.{name}_{value}", visible(str(value)))


def value(number: float, unit: str, t: Texts) -> str:
    """A score with its unit; seconds as a duration."""
    if unit == "s":
        return t.duration(number)
    told = t.get(f"score_unit.{_slug(unit)}", visible(unit))
    if unit == "probability":  # no unit: the name of what the number is
        return f"{told} {number:.3g}"
    return f"{number:.4g} {told}".rstrip()


def reason(why: str | None, t: Texts) -> str:
    """A reason from elsewhere, in the page's language where it is a known one."""
    parts = [part.strip().rstrip(".。") for part in (why or "").split(";")]
    known = [_reason(part, t) for part in parts if part]
    return ("；" if t.lang == "zh" else "; ").join(known) or t("blind.why_unknown")


def _reason(text: str, t: Texts) -> str:
    """Numbers in a reason are {0}, {1}, ... of its text and ``n`` in the text's key; what comes
    after a colon is someone else's words."""
    if place := _PLACE.fullmatch(text):
        return t("why.at", _reason(place[1], t), place[2])
    key = "why." + _slug(_NUMBER.sub("n", text))
    if key in t:
        return t(key, *_NUMBER.findall(text))
    head, colon, tail = text.partition(": ")
    if colon and "why." + _slug(head) in t:
        return _reason(head, t) + ("：" if t.lang == "zh" else ": ") + visible(tail)
    return visible(text)


def _slug(text: str) -> str:
    """Words as a key: ``No change`` and ``no-change`` are ``no_change``."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def blind_lines(camera: Camera, t: Texts) -> list[str]:
    """What could not be judged of a camera and why; checks with the same to say share a line."""
    found = {f.episode.detector for f in camera.findings}
    alike: dict[tuple[str, float, float, str], list[str]] = {}
    for c in camera.blind:
        form = "all" if not c.judged_s else "found" if c.detector in found else "line"
        key = (form, c.judged_s, c.blind_s, reason(c.blind_why, t))
        alike.setdefault(key, []).append(detector_name(c.detector, t))
    return [
        t(
            f"timeline.blind_{form}",
            name=t.names(names),
            judged=t.duration(judged_s),
            blind=t.duration(blind_s),
            why=why,
        )
        for (form, judged_s, blind_s, why), names in alike.items()
    ]


def quiet_names(camera: Camera, t: Texts) -> str:
    """The checks that judged all of a camera and found nothing."""
    return t.names([detector_name(detector, t) for detector in camera.quiet])


def span_dash(shown: Episode | Other, t: Texts) -> str:
    """When something was shown, for a table: by the wall clock where it is known."""
    first, last = t.wall(shown.start), t.wall(shown.end)
    if first is None or last is None:
        start, end = offset(shown.start_s), offset(shown.end_s)
    else:
        same_day = first.date() == last.date()
        start = f"{first:%Y-%m-%d %H:%M:%S}"
        end = f"{last:%H:%M:%S}" if same_day else f"{last:%Y-%m-%d %H:%M:%S}"
    return t("span.dash", start=start, end=end)
