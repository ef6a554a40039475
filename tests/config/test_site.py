"""SITE.toml: what is taken, what is refused and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detector.config import Configuration, RecordingName, load, shipped
from detector.config.site import InfluxSeries, Site, SqliteSeries
from detector.core.errors import ConfigError

Written = Callable[[str], Path]

CONTRACT = """\
[mine]
code = "220600000001"
name = "..."
status = "producing"

[[streams]]
name = "MM116"
kind = "methane"
unit = "%"
resolution = 0.1
range = [0.0, 4.0]
alarm_at = 1.0
period_s = 30
role = "evidence"
location = "..."

[[cameras]]
name = "main-shaft"
shaft = "main"

[mqtt]
host = "127.0.0.1"
port = 1883
client_id = "trueshaft-1"
username_env = "TRUESHAFT_MQTT_USER"
password_env = "TRUESHAFT_MQTT_PASSWORD"
tls = { ca = "ca.pem", cert = "cert.pem", key = "key.pem" }

[series]
kind = "sqlite"
path = "var/series.db"

[console]
host = "127.0.0.1"
port = 8000
"""


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        path = tmp_path / "site.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refused(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value


def test_takes_everything_the_contract_names(written: Written) -> None:
    site = load(written(CONTRACT)).site
    assert site.mine is not None
    assert site.mine.code == "220600000001"
    assert site.streams[0].range == (0.0, 4.0)
    assert site.streams[0].period_s == 30.0
    assert site.cameras[0].shaft == "main"
    assert site.mqtt is not None
    assert site.mqtt.tls is not None
    assert isinstance(site.series, SqliteSeries)
    assert site.console is not None


def test_takes_another_store(written: Written) -> None:
    text = '[series]\nkind = "influxdb"\nurl = "http://127.0.0.1:8086"\norg = "m"\nbucket = "t"\n'
    series = load(written(text)).site.series
    assert isinstance(series, InfluxSeries)
    assert series.token_env == "TRUESHAFT_INFLUX_TOKEN"


def test_without_a_file_everything_is_default() -> None:
    configuration = load()
    assert configuration.site == Site()
    assert configuration.site.recordings.names() is None
    assert set(configuration.thresholds) == set(configuration.shipped_thresholds.values)


def test_the_example_can_be_used() -> None:
    site = load(shipped("config/site.example.toml")).site
    pattern = site.recordings.names()
    assert pattern is not None
    assert pattern.read("main-shaft/20260102-080000.mp4") == RecordingName(
        "main-shaft", datetime(2026, 1, 2, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("text", "line", "what", "todo"),
    [
        ("[mine]\ncode = 220600000001\n", 2, "mine.code", "in quotes"),
        ('[mine]\ncode = "22"\n', 2, "mine.code: '22'", "12 digits"),
        ("[mine]\nname = 'x'\n", 1, "mine.code: is missing", "12 digits"),
        ("[mine]\ncode = '220600000001'\nstaus = 'stopped'\n", 3, "mine.staus", "status?"),
        ("[mine]\ncode = '220600000001'\nstatus = 'open'\n", 3, "'producing'", "permitted"),
        ("[[streams]]\nname = 'a'\n\n[[streams]]\nname = ''\n", 5, "streams[2].name", "column"),
        ("[[streams]]\nname = 'a'\n[[streams]]\nname = 'a'\n", 4, "'a' is named twice", "once"),
        ("[[cameras]]\nname = 'a'\n", 1, "cameras[1].shaft: is missing", "watches"),
        ("[[streams]]\nname = 'a'\nrange = [4, 0]\n", 3, "streams[1].range", "highest"),
        ("[[streams]]\nname = 'a'\nrange = [1]\n", 3, "streams[1].range", "range"),
        ("[[streams]]\nname = 'a'\nrange = 'x'\n", 3, "streams[1].range", "highest"),
        ("[[streams]]\nname = 'a'\nperiod_s = 0\n", 3, "greater than 0", "seconds"),
        ("[[streams]]\nname = 'a'\nalarm_at = nan\n", 3, "finite", "alarm limit"),
        ("[[streams]]\nname = 'a'\nalarm_at = true\n", 3, "valid number", "alarm limit"),
        ("[streams]\nname = 'a'\n", 1, "streams: should be a list", "[[streams]]"),
        ("[recordings]\npattern = '{start:%Y}'\n", 2, "does not name the camera", "paths"),
        ("[recordings]\ntimezone = 'Mars'\n", 2, "'Mars' is no IANA", "Asia/Shanghai"),
        ("[recordings]\ntimezone = '../etc'\n", 2, "no IANA", "Asia/Shanghai"),
        ("[mqtt]\nport = 70000\n", 2, "mqtt.port", "TCP"),
        ("[mqtt]\npassword = 'hunter2'\n", 2, "mqtt.password", "password_env"),
        ("[mqtt]\ntls = { cert = 'x' }\n", 2, "mqtt.tls.ca: is missing", "certificates"),
        ("[series]\nkind = 'oracle'\n", 1, "series: is of no known kind", "influxdb"),
        (
            "[[notify.channels]]\nkind = 'webhok'\nname = 'x'\n",
            1,
            "notify.channels[1]: is of no known kind",
            "did you mean webhook? write one of",
        ),
        (
            "[series]\nkind = 'influxdb'\nurl='ftp://x'\norg='m'\nbucket='b'\n",
            3,
            "series.url",
            "http",
        ),
        ("[series]\nkind = 'sqlite'\nurl = 'http://x'\n", 3, "series.url", "path"),
        ("[detectors.frozen_fram]\n", 1, "detectors.frozen_fram", "frozen_frame?"),
        ("[detectors]\nfrozen_frame = 1\n", 2, "detectors.frozen_frame", "differ"),
        ("bogus = 1\n", 1, "bogus", "use one of"),
    ],
)
def test_says_where_what_and_what_to_write(
    written: Written, text: str, line: int, what: str, todo: str
) -> None:
    path = written(text)
    error = refused(path)
    assert error.where == f"{path}:{line}"
    assert what in error.what
    assert todo in error.todo
    assert "hunter2" not in error.what + error.todo


def test_tells_all_problems_at_once_in_the_order_of_lines(written: Written) -> None:
    path = written("[mine]\ncode = '1'\n[console]\nport = 0\nhots = 'x'\n")
    error = refused(path)
    lines = error.what.splitlines()
    assert lines[0] == "3 problems"
    assert [line.split(": ")[0] for line in lines[1:]] == [f"{path}:{n}" for n in (2, 4, 5)]


def test_thresholds_of_the_site_are_beside_its_file(written: Written, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[frozen_frame]\nraise_at = 30\n")
    configuration: Configuration = load(written("[thresholds]\npath = 'own.toml'\n"))
    assert configuration.thresholds["frozen_frame"].raise_at == 30.0


def test_thresholds_that_are_not_there_are_told(written: Written, tmp_path: Path) -> None:
    error = refused(written("[thresholds]\npath = 'absent.toml'\n"))
    assert error.where == str(tmp_path / "absent.toml")
