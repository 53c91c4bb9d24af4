"""``cevents schema``: what the catalogue knows, whether schema files are sound, and what changed in them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli.completion import complete_event
from canvas_events_cli.cli.streams import Color, Results, say
from canvas_events_cli.errors import ExitCode

schema = typer.Typer(no_args_is_help=True, help="List, show, check and compare the schemas of events.")


class Format(StrEnum):
    """How tables are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class CheckFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[
    Format, typer.Option("--output-format", "-o", help="How to write it.", rich_help_panel=shared.OUTPUT_OPTIONS)
]


@schema.command("list")
def list_events(
    schemas: shared.SchemasOption = None,
    output_format: FormatOption = Format.TEXT,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """List the events that have a schema: how many fields each body has, and which of them are required.

    Example: cevents schema list -o json
    """
    from canvas_events_cli import api
    from canvas_events_cli.rendering.schemas import events_json, events_table
    from canvas_events_cli.rendering.tables import grid_lines, markdown_table

    results = Results(color)
    events = api.documented_events(api.load_catalog(schemas))
    if output_format is Format.JSON:
        _write_json(results, events_json(events))
    elif output_format is Format.MARKDOWN:
        results.write_text(markdown_table(events_table(events)))
    else:
        results.print_lines(lambda width: grid_lines(events_table(events), width))
    results.flush()
    return ExitCode.OK


@schema.command("show")
def show_schema(
    event: Annotated[
        str,
        typer.Argument(
            metavar="EVENT", help="The event's name, or 'envelope'.", autocompletion=complete_event, show_default=False
        ),
    ],
    schemas: shared.SchemasOption = None,
    output_format: FormatOption = Format.TEXT,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Show the fields of one event; as JSON, its schema in one self-contained file.

    All that the schema refers to stands in the $defs of the JSON, so that any validator can load it.

    Example: cevents schema show course_created -o json > course_created.json
    """
    from canvas_events_cli import api
    from canvas_events_cli.rendering import schemas as rendered

    results = Results(color)
    catalog = api.load_catalog(schemas)
    if output_format is Format.JSON:
        _write_json(results, api.bundled_schema(catalog, event))
    elif output_format is Format.MARKDOWN:
        results.write_text(rendered.fields_markdown(api.describe_event(catalog, event)))
    else:
        described = api.describe_event(catalog, event)
        results.print_lines(lambda width: rendered.field_lines(described, width))
    results.flush()
    return ExitCode.OK


@schema.command("check")
def check_schemas(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE|DIR]", help="What to check; without it, the catalogue in use.", show_default=False
        ),
    ] = None,
    schemas: shared.SchemasOption = None,
    output_format: Annotated[
        CheckFormat,
        typer.Option("--output-format", "-o", help="How to write findings.", rich_help_panel=shared.OUTPUT_OPTIONS),
    ] = CheckFormat.TEXT,
    quiet: shared.QuietOption = False,
) -> int:
    """Check schema files: metaschema, references, regular expressions, examples, names of files, likely mistakes.

    Exits 0 when all is well, 1 when something is not, 2 when a file cannot be read.

    Example: cevents schema check my-schemas/
    """
    from canvas_events_cli import api
    from canvas_events_cli.rendering import schemas as rendered

    results = Results()
    report = api.check_schemas(path or schemas)
    if output_format is CheckFormat.JSON:
        from dataclasses import asdict

        _write_json(results, asdict(report))
    else:
        for line in rendered.check_lines(report):
            results.write_line(line)
    results.flush()
    if not quiet:
        say(rendered.check_closing(report))
    return ExitCode.FINDINGS if report.findings else ExitCode.OK


@schema.command("diff")
def diff_schemas(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[OLD] NEW",
            help="Two folders of schemas or two schema files; without OLD, NEW is compared with the catalogue in use.",
            show_default=False,
        ),
    ],
    schemas: shared.SchemasOption = None,
    output_format: FormatOption = Format.TEXT,
    color: shared.ColorOption = Color.AUTO,
) -> int:
    """Compare schemas: fields that came, went or changed, and whether every event valid before is valid after.

    Titles, descriptions and examples are not compared. Exits 0 when nothing differs, 1 when something does.

    Example: cevents schema diff old-schemas/ new-schemas/
    """
    from canvas_events_cli import api
    from canvas_events_cli.rendering import schemas as rendered

    if len(paths) > 2:
        raise typer.BadParameter("expected [OLD] NEW, at most two.")
    results = Results(color)
    *given, new = paths
    diff = api.compare_schemas(given[0] if given else schemas, new)
    if output_format is Format.JSON:
        _write_json(results, rendered.diff_json(diff))
    elif output_format is Format.MARKDOWN:
        results.write_text(rendered.diff_markdown(diff))
    else:
        results.print_lines(lambda width: rendered.diff_lines(diff, width))
    results.flush()
    return ExitCode.FINDINGS if diff.schemas else ExitCode.OK


def _write_json(results: Results, value: object) -> None:
    from canvas_events_cli.rendering.json_bytes import json_bytes

    results.write_json(json_bytes(value, indent=True))
