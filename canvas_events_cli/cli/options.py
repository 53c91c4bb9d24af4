"""Options that several commands share, declared once so that they mean the same everywhere."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from canvas_events_cli.cli.streams import Color, say
from canvas_events_cli.errors import CeventsError

if TYPE_CHECKING:
    from canvas_events_cli import api
    from canvas_events_cli.rendering.progress import ProgressLine
    from canvas_events_cli.running.report import Report

INPUT_OPTIONS = "Input"
SCHEMA_OPTIONS = "Schemas"
OUTPUT_OPTIONS = "Output"


class EngineName(StrEnum):
    """The validation engines."""

    JSONSCHEMA_RS = "jsonschema-rs"
    JSONSCHEMA = "jsonschema"


SourcesArgument: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]…",
        help="Files, directories, quoted globs, URLs, or - for standard input (the default when it is piped).",
        show_default=False,
    ),
]
SchemasOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--schemas",
        metavar="DIR",
        envvar="CEVENTS_SCHEMAS",
        help="Use DIR's envelope.json and bodies/EVENT.json instead of the bundled schemas.",
        rich_help_panel=SCHEMA_OPTIONS,
        show_default=False,
    ),
]
EnvelopeOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--envelope",
        metavar="FILE",
        help="Use this envelope schema.",
        rich_help_panel=SCHEMA_OPTIONS,
        show_default=False,
    ),
]
BodyOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--body",
        metavar="[EVENT=]FILE",
        help="Use this body schema for every event, or for EVENT; repeatable.",
        rich_help_panel=SCHEMA_OPTIONS,
        show_default=False,
    ),
]
EngineOption: TypeAlias = Annotated[
    EngineName | None,
    typer.Option(
        "--engine",
        help="The validation engine: the fast one in Rust, or the reference in Python.",
        rich_help_panel=SCHEMA_OPTIONS,
        show_default="jsonschema-rs",
    ),
]
MaxRecordBytesOption: TypeAlias = Annotated[
    int,
    typer.Option(
        "--max-record-bytes",
        min=1,
        metavar="N",
        help="A longer record is malformed, and not held.",
        rich_help_panel=INPUT_OPTIONS,
    ),
]
NoUnwrapOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--no-unwrap",
        help="Take records as they are: do not look for events inside queue messages, notifications, rows or tokens.",
        rich_help_panel=INPUT_OPTIONS,
    ),
]
JwksOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--jwks",
        metavar="FILE",
        help="Verify signed tokens with the keys in FILE (a JWK set); without it they are read unverified.",
        rich_help_panel=INPUT_OPTIONS,
        show_default=False,
    ),
]
JobsOption: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        metavar="N",
        help="Processes that read large files; 1 starts none. The answer is always the same.",
        rich_help_panel=INPUT_OPTIONS,
        show_default="the cores available",
    ),
]
ClusterOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Have the workers of a Dask scheduler read, such as tcp://scheduler:8786; they must reach the sources.",
        rich_help_panel=INPUT_OPTIONS,
        show_default=False,
    ),
]
MAX_RECORD_BYTES = 16 * 1024 * 1024
ColorOption: TypeAlias = Annotated[
    Color, typer.Option("--color", help="When to colour output.", rich_help_panel=OUTPUT_OPTIONS)
]
QuietOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Write results and errors only: no closing line, notes or warnings.",
        rich_help_panel=OUTPUT_OPTIONS,
    ),
]


def resolve_sources(arguments: list[str] | None, *, quiet: bool) -> "Iterable[api.Source | api.SourceError]":
    """Return the sources of a command; standard input where none is named and it is piped.

    What folders hold beside events is told when all sources have been taken, unless the user wants *quiet*. Raises
    CeventsError where none is named and standard input is a terminal or closed: never a silent wait.
    """
    if not arguments and (sys.stdin is None or sys.stdin.isatty()):
        raise CeventsError("no SOURCE given: name a file, a directory or a quoted glob, or pipe events in")
    return _located(arguments or ["-"], quiet=quiet)


def _located(arguments: list[str], *, quiet: bool) -> "Iterator[api.Source | api.SourceError]":
    from canvas_events_cli.sources.locate import PassedOver, locate

    passed_over = PassedOver()
    yield from locate(arguments, passed_over)
    if passed_over.count and not quiet:
        say(f"cevents: {passed_over}")


def progress_of(
    sources: "Iterable[api.Source | api.SourceError]", *, quiet: bool
) -> "tuple[Iterable[api.Source | api.SourceError], ProgressLine]":
    """Return *sources*, to be read once, and the line that tells how far that has come.

    The line is drawn on a terminal only, and not where the user wants *quiet*.
    """
    from canvas_events_cli.rendering.progress import ProgressLine

    wanted = not quiet and sys.stderr is not None and sys.stderr.isatty()
    if not wanted:
        return sources, ProgressLine(wanted=False, total=None)
    from canvas_events_cli.sources.chunks import total_size

    known = list(sources)
    return known, ProgressLine(wanted=True, total=total_size(known))


def read_options(max_record_bytes: int, no_unwrap: bool, jwks: Path | None) -> "api.ReadOptions":
    """Return how the input options want sources read. Raises CeventsError for a file that holds no keys."""
    from canvas_events_cli import api

    return api.ReadOptions(max_record_bytes, not no_unwrap, api.load_keys(jwks) if jwks is not None else None)


def jobs_or_cores(jobs: int | None) -> int:
    """Return *jobs*, or as many as there are cores."""
    from canvas_events_cli.running.cores import available_cores

    return jobs if jobs is not None else available_cores()


def load_catalog(schemas: Path | None, envelope: Path | None, body: list[str] | None) -> "api.Catalog":
    """Return the schemas that the options name; imports what reads schemas when called."""
    from canvas_events_cli import api

    return api.load_catalog(schemas, envelope, body or ())


def validation_spec(
    schemas: Path | None,
    envelope: Path | None,
    body: list[str] | None,
    engine: EngineName | None,
    *,
    strict: bool = False,
    show_values: bool = False,
) -> "api.ValidationSpec":
    """Return what the schema options name. Raises CeventsError for a schema that cannot be used."""
    from canvas_events_cli import api

    catalog = load_catalog(schemas, envelope, body)
    return api.validation_spec(catalog, engine=engine.value if engine else None, strict=strict, show_values=show_values)


def say_failures(failures: Sequence[str]) -> bool:
    """Tell why sources could not be read; return whether there was one."""
    for failure in failures:
        say(f"cevents: {failure}")
    return bool(failures)


def say_report_warnings(report: "Report", *, kept: bool = False) -> None:
    """Tell what :func:`say_warnings` does of *report*."""
    say_warnings(report.malformed + report.left_out, report.unverified, kept=kept, web_page=report.web_page)


UNVERIFIED = "cevents: signature not verified: give the webhook's public keys with --jwks FILE"


def say_warnings(
    malformed: int,
    unverified: int,
    *,
    kept: bool = False,
    web_page: bool = False,
    why: str = "cevents validate tells what is wrong",
) -> None:
    """Tell how many records are no JSON, and whether signed tokens were read without keys.

    *kept* says that they were kept, *web_page* that a source began as a web page does; otherwise *why* is
    told of those left out.
    """
    if malformed:
        from canvas_events_cli.parse import LOOKS_LIKE_HTML

        records = "1 malformed record" if malformed == 1 else f"{malformed:,} malformed records"
        reason = LOOKS_LIKE_HTML if web_page else why
        say(f"cevents: {records} {'kept' if kept else f'left out ({reason})'}")
    if unverified:
        say(UNVERIFIED)
