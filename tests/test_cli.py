"""The command: what it takes, where it says what is wrong, its exit status."""

from __future__ import annotations

import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from detector import __version__
from detector.cli import main
from detector.core.errors import TrueshaftError


class Calls:
    """Stands in for what a command calls: keeps the arguments, returns or raises ``result``."""

    def __init__(self, result: int | BaseException = 0) -> None:
        self.result = result
        self.positional: tuple[Any, ...] = ()
        self.named: dict[str, Any] = {}

    def __call__(self, *positional: Any, **named: Any) -> int:
        self.positional, self.named = positional, named
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    called = Calls()
    commands = {"audit": ("audit_command",), "tamper": ("tamper_command", "tamper_readings")}
    for module, names in commands.items():
        stand_in = types.ModuleType(f"detector.apps.{module}")
        for name in names:
            setattr(stand_in, name, called)
        monkeypatch.setitem(sys.modules, f"detector.apps.{module}", stand_in)
    return called


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "bogus",
        "--bogus",
        "audit",
        "audit a.mp4",
        "audit --out o",
        "audit a.mp4 --out o --jobs 0",
        "audit a.mp4 --out o --jobs many",
        "audit a.mp4 --out o --lang fr",
        "audit a.mp4 --out o --bogus",
        "tamper a.mp4 --how hold:start=1",
        "tamper a.mp4 b.mp4",
        "config",
        "config bogus",
        "config check --config /nonexistent/site.toml",
    ],
)
def test_wrong_usage_is_told_on_standard_error(
    arguments: str, calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments.split()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err
    assert not calls.named


@pytest.mark.parametrize("status", [0, 1, 2, 3])
def test_audit_ends_with_the_status_of_the_audit(calls: Calls, status: int) -> None:
    calls.result = status
    assert main(["audit", "a b.mp4", "主井", "--out", "o"]) == status
    assert calls.named == {
        "paths": [Path("a b.mp4"), Path("主井")],
        "out": Path("o"),
        "config": None,
        "models": None,
        "jobs": None,
        "cluster": None,
        "lang": "en",
        "quiet": False,
        "as_json": False,
        "thorough": False,
        "cache": None,
        "no_cache": False,
        "clear_cache": False,
    }


def test_audit_takes_its_options(calls: Calls) -> None:
    options = "--config s.toml --models m --jobs 2 --lang zh --quiet --json --thorough"
    options += " --cache c --no-cache --clear-cache"
    assert main(["audit", "x", "--out", "o", *options.split()]) == 0
    assert calls.named["config"] == Path("s.toml")
    assert calls.named["models"] == Path("m")
    assert calls.named["jobs"] == 2
    assert calls.named["lang"] == "zh"
    assert calls.named["cache"] == Path("c")
    flags = ("quiet", "as_json", "thorough", "no_cache", "clear_cache")
    assert all(calls.named[flag] for flag in flags)


def test_tamper_takes_steps_in_order(calls: Calls) -> None:
    arguments = "tamper scene:hoist,seconds=6 out.mp4 --how a:b=1 --how c:d=2 --seed 7 --crf 30"
    assert main(arguments.split()) == 0
    assert calls.positional == (
        *(Path("scene:hoist,seconds=6"), Path("out.mp4"), ["a:b=1", "c:d=2"], 7),
        *("h264", None, 30, 50, None, None),
    )


def test_tamper_takes_readings(calls: Calls) -> None:
    assert main(["tamper", "in.csv", "out.csv", "--how", "a:b=1", "--seed", "7"]) == 0
    assert calls.positional == (Path("in.csv"), Path("out.csv"), ["a:b=1"], 7)


def test_an_error_says_what_where_and_what_to_do(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.result = TrueshaftError("the codec is not known", "x265", "use hevc")
    assert main(["audit", "a", "--out", "o"]) == 2
    assert capsys.readouterr().err == "trueshaft: x265: the codec is not known\n  use hevc\n"


def test_a_fault_of_the_program_is_no_finding(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.result = RuntimeError("broken")
    assert main(["audit", "a", "--out", "o"]) == 70
    assert "RuntimeError: broken" in capsys.readouterr().err


def test_an_interruption_is_no_finding(calls: Calls) -> None:
    calls.result = KeyboardInterrupt()
    assert main(["audit", "a", "--out", "o"]) == 130


_IMPORT = """
import os, signal, sys, time
from detector import cli

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "detector.apps.audit":
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(5)
            except KeyboardInterrupt:  # as some extension modules do
                pass

sys.meta_path.insert(0, Finder())
sys.exit(cli.main(["audit", "a.mp4", "--out", sys.argv[1]]))
"""


def test_an_interruption_while_it_starts_ends_it_without_a_word(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(out)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")
    assert not out.exists()


_FIRST_IMPORT = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
import detector.cli
"""


def test_an_interruption_of_the_first_imports_has_no_traceback() -> None:
    command = [sys.executable, "-c", _FIRST_IMPORT]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (130, "")


def test_config_check_and_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[console]\nport = 8001\n")
    assert main(["config", "check", "--config", str(path)]) == 0
    assert str(path) in capsys.readouterr().out
    assert main(["config", "show", "--config", str(path)]) == 0
    assert "port = 8001" in capsys.readouterr().out
    path.write_text("[console]\nport = '8001'\n")
    assert main(["config", "check", "--config", str(path)]) == 2
    assert f"{path}:2: console.port" in capsys.readouterr().err
    path.write_text("[detectors.frozen_frame]\nunchanged_s = 600\n")
    assert main(["config", "show", "--config", str(path)]) == 0
    assert re.search(rf"unchanged_s = 600.0 +# {path}:2", capsys.readouterr().out)
    path.write_text("[detectors.frozen_frame]\nunchanged = 600\n")
    assert main(["config", "check", "--config", str(path)]) == 2
    assert f"{path}:2: detectors.frozen_frame.unchanged" in capsys.readouterr().err
    assert main(["config", "check"]) == 0


def test_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"trueshaft {__version__}\n"


def test_the_package_is_the_command() -> None:
    command = [sys.executable, "-m", "detector"]
    shown = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert shown.stdout == f"trueshaft {__version__}\n"
    wrong = subprocess.run([*command, "bogus"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert wrong.stdout == ""


def test_a_report_that_cannot_be_written_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "empty.mp4").touch()
    out = tmp_path / "taken"
    assert main(["audit", str(tmp_path), "--out", str(out), "--no-cache"]) == 2
    assert f"--out {out}: the report cannot be written there" in capsys.readouterr().err
