"""SITE.toml of a simulated mine."""

from __future__ import annotations

from detector.bench.mine.settings import MineSettings

_PATTERN = "{camera}/{start:%Y%m%d-%H%M%S}.mp4"
#: Name, kind, unit, resolution, highest value, what else is said.
_STREAMS = (
    ("main-hoist", "hoist", "kW", 1.0, 4000, 'role = "evidence"\nshaft = "main"'),
    ("aux-hoist", "hoist", "kW", 1.0, 600, 'shaft = "auxiliary"'),
    ("belt", "belt_scale", "t/h", 1.0, 2000, 'role = "evidence"\nshaft = "main"'),
    ("people", "count", "", 1.0, 500, ""),
    ("T0", "methane", "%", 0.01, 4, 'alarm_at = 0.5\nlocation = "intake"'),
    ("T1", "methane", "%", 0.01, 4, 'alarm_at = 1.0\nrole = "evidence"\nlocation = "corner"'),
    ("T2", "methane", "%", 0.01, 4, 'alarm_at = 1.0\nrole = "evidence"\nlocation = "return"'),
    ("wind", "wind_speed", "m/s", 0.01, 15, 'location = "intake"'),
    ("fan", "airflow", "m3/min", 1.0, 15000, ""),
    ("CO", "co", "ppm", 0.1, 500, 'location = "return"'),
    ("temperature", "temperature", "C", 0.1, 60, 'location = "corner"'),
    ("pressure", "pressure", "hPa", 0.1, 1200, ""),
    ("sump", "level", "m", 0.01, 10, ""),
    ("pumps", "flow", "m3/h", 0.1, 800, ""),
    ("power", "power", "kW", 1.0, 12000, 'role = "evidence"'),
    ("declared", "status", "", None, None, 'role = "declaration"'),
)


#: The methane sensors, in the order in which they are calibrated.
METHANE = ("T0", "T1", "T2")


def status_of(sensor: str) -> str:
    """The status that says that a sensor is being calibrated."""
    return f"{sensor}-calibrating"


def site_text(settings: MineSettings) -> str:
    """The site's configuration: the mine, its streams, a camera ``main-shaft`` on its main shaft
    and how that camera's recordings are named."""
    parts = [
        f'[mine]\ncode = "220600000001"\nname = "Simulated mine"\nstatus = "{settings.status}"\n',
        f'[recordings]\npattern = "{_PATTERN}"\ntimezone = "Asia/Shanghai"\n',
        '[[cameras]]\nname = "main-shaft"\nshaft = "main"\n',
    ]
    for name, kind, unit, resolution, highest, more in _STREAMS:
        lines = [f'[[streams]]\nname = "{name}"\nkind = "{kind}"\nunit = "{unit}"']
        if resolution is not None:
            lines.append(f"resolution = {resolution}\nrange = [0.0, {highest:.1f}]")
        lines.append(f"period_s = {settings.period_s:g}")
        parts.append("\n".join([*lines, *([more] if more else [])]) + "\n")
    if settings.statuses:
        named = [f'[[streams]]\nname = "{status_of(s)}"\nkind = "status"\n' for s in METHANE]
        parts += named
    return "\n".join(parts)
