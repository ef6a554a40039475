"""The command `trueshaft`: parses and calls, nothing else."""

from __future__ import annotations

USAGE, FAILED, INTERRUPTED = 2, 70, 130

try:
    import os
    import signal
    import threading
    import traceback
    from collections.abc import Iterator, Sequence
    from contextlib import contextmanager
    from pathlib import Path
    from typing import Annotated, Literal

    import typer

    from detector import __version__
    from detector.core.errors import TrueshaftError
except KeyboardInterrupt:  # no traceback for who changes their mind while it starts
    raise SystemExit(INTERRUPTED) from None

app = typer.Typer(
    name="trueshaft",
    help="Finds falsified monitoring in coal mines.",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
config_app = typer.Typer(help="Validate the configuration; print what is in force.")
app.add_typer(config_app, name="config")

SiteFile = Annotated[
    Path | None, typer.Option("--config", metavar="SITE.toml", help="The site's configuration.")
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status; errors are told on standard error.

    2 is wrong usage or configuration, 70 a fault of the program, 130 interrupted.
    """
    try:
        app(list(arguments) if arguments is not None else None)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else USAGE
    except TrueshaftError as error:
        _tell(error)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001  # 1 would say that something was found
        traceback.print_exc()
        return FAILED
    return 0


@contextmanager
def _starting() -> Iterator[None]:
    """While modules are imported Ctrl-C ends the program at once: some swallow KeyboardInterrupt,
    and nothing has been begun that would have to be ended."""
    before = signal.getsignal(signal.SIGINT)
    main_thread = threading.current_thread() is threading.main_thread()
    if before is signal.SIG_IGN or not main_thread:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(error: TrueshaftError) -> None:
    where = f"{error.where}: " if error.where else ""
    typer.echo(f"trueshaft: {where}{error.what}", err=True)
    if error.todo:
        typer.echo(f"  {error.todo}", err=True)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trueshaft {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def audit(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Recordings, readings and folders of them."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the report.")],
    config: SiteFile = None,
    models: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of what `trueshaft fit` learned.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Recordings decoded at once [default: one a core]."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="tcp://HOST:8786",
            help="Decode on this Dask cluster; it must see the same folders, also of --cache.",
        ),
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the report.")] = "en",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print report.json on standard output.")
    ] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Decode every picture of every recording.")
    ] = False,
    cache: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder where decoded features are kept.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Keep and reuse no decoded features.")
    ] = False,
    clear_cache: Annotated[
        bool, typer.Option("--clear-cache", help="Drop all kept features first.")
    ] = False,
) -> None:
    """Audit recordings and readings; write report.json, report.html and evidence/.

    Exit status: 0 nothing found, 1 at least one episode, 2 wrong usage or configuration,
    3 nothing found but some input could not be read.
    """
    with _starting():
        from detector.apps.audit import audit_command  # noqa: PLC0415

    status = audit_command(
        paths=paths,
        out=out,
        config=config,
        models=models,
        jobs=jobs,
        cluster=cluster,
        lang=lang,
        quiet=quiet,
        as_json=as_json,
        thorough=thorough,
        cache=cache,
        no_cache=no_cache,
        clear_cache=clear_cache,
    )
    raise typer.Exit(status)


@app.command()
def tamper(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN",
            help="A recording, a CSV of readings, scene:hoist,seconds=60, or "
            "mine:status=stopped,days=14,story=fake-shaft.",
        ),
    ],
    target: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="The file to write; its truth goes beside it."),
    ],
    how: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND:KEY=VALUE,...",
            help="A step, such as hold:start=10,seconds=8; repeat for more, applied in order. "
            "Only a mine does without.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is random.")] = 0,
    codec: Annotated[str, typer.Option(help="Codec to encode with.")] = "h264",
    bitrate_kbps: Annotated[
        int | None, typer.Option(min=1, help="Bit rate, kbit/s; excludes --crf.")
    ] = None,
    crf: Annotated[
        int | None, typer.Option(min=0, max=63, help="Constant quality, lower is better.")
    ] = None,
    gop: Annotated[int, typer.Option(min=1, help="Distance of key frames, pictures.")] = 50,
    fps: Annotated[float | None, typer.Option(help="Frame rate, pictures a second.")] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Size of the picture.")
    ] = None,
) -> None:
    """Make tampered footage or readings with ground truth."""
    if str(source).startswith("mine:"):
        from detector.apps.tamper import tamper_mine  # noqa: PLC0415

        tamper_mine(str(source), target, how or [], seed)
        return
    if not how:
        raise TrueshaftError("there is nothing to do", "--how", "name a step, such as flip")
    from detector.apps.tamper import tamper_command, tamper_readings  # noqa: PLC0415

    if source.suffix.lower() == ".csv":
        tamper_readings(source, target, how, seed)
        return
    tamper_command(source, target, how, seed, codec, bitrate_kbps, crf, gop, fps, size)


@app.command()
def fit(
    train: Annotated[list[Path], typer.Argument(metavar="TRAIN.csv...", help="Readings to learn.")],
    config: Annotated[Path, typer.Option(metavar="SITE.toml", help="The site's configuration.")],
    out: Annotated[Path, typer.Option(metavar="MODELDIR", help="Folder to write the model to.")],
) -> None:
    """Learn what is normal at a site from readings of a clean period."""
    from detector.apps.fit import fit_command  # noqa: PLC0415

    typer.echo(fit_command(train, config, out))


@app.command()
def serve(
    config: SiteFile = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="Hold only the mines of shard K of N, such as 2/8."),
    ] = None,
) -> None:
    """Run the live service: MQTT in, series and alerts out."""
    from detector.apps.serve.command import serve_command  # noqa: PLC0415
    from detector.apps.serve.shard import VARIABLE, parsed  # noqa: PLC0415

    if shard is not None:
        parsed(shard)
        os.environ[VARIABLE] = shard
    serve_command(config)


@app.command()
def gateway(config: SiteFile = None) -> None:
    """Pull cameras (RTSP) and publish their pictures or features to the broker."""
    from detector.apps.gateway.command import gateway_command  # noqa: PLC0415

    gateway_command(config)


@app.command()
def demo(
    folder: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep what it makes [default: a folder for the while]."),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the console.")] = 8000,
    speed: Annotated[
        float, typer.Option(min=1, max=2000, help="How much faster than time the mine goes.")
    ] = 240.0,
    days: Annotated[float, typer.Option(min=2, max=60, help="Days of quiet before.")] = 14.0,
) -> None:
    """Show all of it on one machine: a simulated mine in which a fake shaft appears."""
    from detector.apps.demo import demo_command  # noqa: PLC0415

    demo_command(folder, port, speed, days)


@app.command()
def tune(
    detector: Annotated[
        str | None, typer.Option(metavar="NAME", help="The check, such as flat_signal.")
    ] = None,
    config: SiteFile = None,
    mine: Annotated[str | None, typer.Option(metavar="CODE", help="Of this mine.")] = None,
    stream: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this stream.")] = None,
    start: Annotated[str | None, typer.Option(metavar="T", help="From then on, ISO 8601.")] = None,
    end: Annotated[str | None, typer.Option(metavar="T", help="Before then.")] = None,
    days: Annotated[float, typer.Option(min=0.01, help="Days before the end.")] = 30.0,
    raise_at: Annotated[
        float | None, typer.Option(min=0, help="What if it were raised at this score.")
    ] = None,
    clear_at: Annotated[
        float | None, typer.Option(min=0, help="[default: in the proportion it has now]")
    ] = None,
    hold_s: Annotated[float | None, typer.Option(min=0, help="Seconds it holds.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Put these values in force.")] = False,
    why: Annotated[str, typer.Option(help="The reason, for --save and --back-to.")] = "",
    by: Annotated[str | None, typer.Option(help="Who [default: who is logged in].")] = None,
    history: Annotated[bool, typer.Option("--history", help="What was changed before.")] = False,
    back_to: Annotated[
        int | None, typer.Option(metavar="SEQ", help="Back to a version of the history.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Judge stored scores under other thresholds: what is gained, lost, and to be suggested."""
    from detector.apps.tune.command import Asked, tune_command  # noqa: PLC0415

    levels = {"raise_at": raise_at, "clear_at": clear_at, "hold_s": hold_s}
    span = {"start": start, "end": end, "days": days}
    what = {"save": save, "why": why, "by": by, "history": history, "back_to": back_to}
    asked = Asked(detector, mine, stream, **levels, **span, **what, as_json=as_json)  # type: ignore[arg-type]
    typer.echo(tune_command(config, asked))


@app.command()
def export(
    stream: Annotated[str | None, typer.Option(metavar="NAME", help="A sensor or camera.")] = None,
    config: SiteFile = None,
    mine: Annotated[str | None, typer.Option(metavar="CODE", help="Only of this mine.")] = None,
    kind: Annotated[
        Literal["readings", "scores", "episodes", "alerts"], typer.Option(help="What to write.")
    ] = "readings",
    start: Annotated[
        str | None, typer.Option(metavar="T", help="From then on: ISO 8601 or Unix seconds.")
    ] = None,
    end: Annotated[str | None, typer.Option(metavar="T", help="Before then.")] = None,
    form: Annotated[Literal["csv", "json"], typer.Option("--format", help="Its form.")] = "csv",
) -> None:
    """Write what the store and the ledger hold to standard output."""
    from detector.apps.export import export_command  # noqa: PLC0415

    export_command(config, stream, mine, kind, start, end, form)


@app.command()
def verify(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="A ledger.jsonl, the folder it is in, or an evidence package."
        ),
    ],
    known: Annotated[
        str | None,
        typer.Option(metavar="SEQ:HASH", help="An entry that must be in it, as an alert names it."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="What must have signed the package: a key, or its file."),
    ] = None,
) -> None:
    """Check a ledger or evidence offline; exit status 1 where it is not as it was written."""
    from detector.apps.verify import verify_command  # noqa: PLC0415

    status, told = verify_command(path, known, key)
    typer.echo(told)
    raise typer.Exit(status)


@config_app.command("check")
def config_check(config: SiteFile = None) -> None:
    """Validate a site's configuration; exit status 2 where it cannot be used."""
    from detector.apps.in_force import parameters_in_force  # noqa: PLC0415
    from detector.config import load  # noqa: PLC0415

    parameters_in_force(load(config))
    typer.echo(f"{config or 'the default configuration'} can be used")


@config_app.command("show")
def config_show(config: SiteFile = None) -> None:
    """Print what is in force and where each value comes from."""
    from detector.apps.in_force import parameters_in_force  # noqa: PLC0415
    from detector.config import load, shown  # noqa: PLC0415

    configuration = load(config)
    typer.echo(shown(configuration, parameters_in_force(configuration)), nl=False)
