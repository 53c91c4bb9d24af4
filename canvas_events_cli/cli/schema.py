"""``cevents schema``: what the catalogue knows, whether schema files are sound, and what changed in them."""

from pathlib import Path
from typing import Literal

import typer

from canvas_events_cli.cli.help import Command, Group
from canvas_events_cli.cli.options import (
    COLOR,
    OUTPUT,
    QUIET,
    SCHEMAS_OPTION,
    Options,
    argument,
    complete_event,
    grouped,
    option,
)
from canvas_events_cli.cli.streams import Color, Results, say
from canvas_events_cli.errors import ExitCode, counted

_HELP = """List, show, check and compare the schemas of events.

For example:
cevents schema list  # which events are known?
cevents schema show quiz_submitted  # which fields has one?
cevents schema diff my-schemas/  # how do mine differ from those in use?
"""
schema = typer.Typer(cls=Group, help=_HELP)


class Shown(Options):
    """Of which schemas something is shown, and how."""

    output_format: Literal["text", "json", "markdown"] = option(
        OUTPUT, "--output-format -o", "How to write it.", "text"
    )
    schemas: Path | None = SCHEMAS_OPTION
    color: Color = COLOR


@schema.command("list", cls=Command)
@grouped
def list_events(*, shown: Shown) -> int:
    """List the events that have a schema: how many fields each body has, and which of them are required.

    For example:
    cevents schema list  # which events are known?
    """
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.rendering.grid import grid_lines
    from canvas_events_cli.rendering.schemas import events_table
    from canvas_events_cli.rendering.tables import markdown_table
    from canvas_events_cli.schema.listing import events_of

    events = list(events_of(load_catalog(shown.schemas)))
    Results(shown.color).write_as(
        shown.output_format,
        json=lambda: events,
        markdown=lambda: markdown_table(events_table(events)),
        text=lambda width: grid_lines(events_table(events), width),
    )
    return ExitCode.OK


@schema.command("show", cls=Command)
@grouped
def show_schema(
    event: str = argument("EVENT", "The event's name, or 'envelope'.", ..., autocompletion=complete_event),
    *,
    shown: Shown,
) -> int:
    """Show the fields of one event; as JSON, its schema in one self-contained file.

    All that the schema refers to stands in the $defs of the JSON, so that any validator can load it.

    For example:
    cevents schema show course_created  # which fields has it?
    cevents schema show course_created -o json > course_created.json  # its schema, for other validators
    """
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.rendering.schemas import field_lines, fields_markdown
    from canvas_events_cli.schema.bundle import bundled
    from canvas_events_cli.schema.listing import description_of, schema_named

    catalog = load_catalog(shown.schemas)
    file = schema_named(catalog, event)
    Results(shown.color).write_as(
        shown.output_format,
        json=lambda: bundled(file),
        markdown=lambda: fields_markdown(description_of(catalog, event)),
        text=lambda width: field_lines(description_of(catalog, event), width),
    )
    return ExitCode.OK


@schema.command("check", cls=Command)
@grouped
def check_schemas(
    path: Path | None = argument("[FILE|DIR]", "What to check; without it, the catalogue in use."),
    schemas: Path | None = SCHEMAS_OPTION,
    output_format: Literal["text", "json"] = option(OUTPUT, "--output-format -o", "How to write findings.", "text"),
    quiet: bool = QUIET,
) -> int:
    """Check schema files: metaschema, references, regular expressions, examples, names of files, likely mistakes.

    Exits 0 when all is well, 1 when something is not, 2 when a file cannot be read.

    For example:
    cevents schema check my-schemas/  # are these sound?
    """
    from canvas_events_cli.catalog import bundled_schemas
    from canvas_events_cli.rendering.safe_text import json_bytes
    from canvas_events_cli.rendering.schemas import check_lines
    from canvas_events_cli.schema import check

    results = Results()
    report = check.check_schemas(path or schemas or bundled_schemas())
    if output_format == "json":
        results.write_json(json_bytes(report, indent=True))
    else:
        results.write_text("".join(f"{line}\n" for line in check_lines(report)))
    results.flush()
    if not quiet:
        say(f"{counted(report.files, 'schema file')}: {counted(len(report.findings), 'finding')}")
    return ExitCode.FINDINGS if report.findings else ExitCode.OK


@schema.command("diff", cls=Command)
@grouped
def diff_schemas(
    paths: list[Path] = argument(
        "[OLD] NEW",
        "Two folders of schemas or two schema files; without OLD, NEW is compared with the catalogue in use.",
        ...,
    ),
    *,
    shown: Shown,
) -> int:
    """Compare schemas: fields that came, went or changed, and whether every event valid before is valid after.

    Titles, descriptions and examples are not compared. Exits 0 when nothing differs, 1 when something does.

    For example:
    cevents schema diff my-schemas/  # how do these differ from those in use?
    cevents schema diff old-schemas/ new-schemas/  # is what was valid still valid?
    """
    from canvas_events_cli.rendering.schemas import diff_lines, diff_markdown
    from canvas_events_cli.schema.diff import compare

    if len(paths) > 2:
        raise typer.BadParameter("expected [OLD] NEW, at most two.")
    *given, new = paths
    diff = compare(given[0] if given else shown.schemas, new)
    Results(shown.color).write_as(
        shown.output_format,
        json=lambda: {"still_valid": diff.still_valid, "schemas": diff.schemas},
        markdown=lambda: diff_markdown(diff),
        text=lambda width: diff_lines(diff, width),
    )
    return ExitCode.FINDINGS if diff.schemas else ExitCode.OK
