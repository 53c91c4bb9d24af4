"""``cevents scrub``: write the same events with personal data replaced."""

import os
from pathlib import Path
from typing import Annotated

import typer

from canvas_events_cli.cli import options as shared
from canvas_events_cli.cli import selection as pick
from canvas_events_cli.cli.completion import complete_field
from canvas_events_cli.cli.option_groups import grouped
from canvas_events_cli.cli.rejects import rejects_kept
from canvas_events_cli.cli.streams import Color, Results, say
from canvas_events_cli.errors import CeventsError, ExitCode

_PSEUDONYMS = "Pseudonyms"
KEY_VARIABLE = "CEVENTS_SCRUB_KEY"
_LARGEST_KEY = 1024 * 1024


@grouped
def scrub(
    sources: shared.SourcesArgument = None,
    *,
    picked: pick.PickedByVerdict,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            metavar="KEY",
            help="Make the same pseudonyms with the same KEY: long, random and secret. A random one by default. Other "
            "users of the computer can see it here: --key-file is safer.",
            rich_help_panel=_PSEUDONYMS,
            show_default=False,
        ),
    ] = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="Take the key from FILE, without the line feed at its end.",
            rich_help_panel=_PSEUDONYMS,
            show_default=False,
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="FIELD",
            help="Leave this field as it is; repeatable.",
            rich_help_panel=_PSEUDONYMS,
            autocompletion=complete_field,
            show_default=False,
        ),
    ] = None,
    shift: Annotated[
        str | None,
        typer.Option(
            "--shift",
            metavar="DURATION",
            help="Move all times by 90m, 2h, 7d, -4w: their order and distances stay.",
            rich_help_panel=_PSEUDONYMS,
            show_default=False,
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Keep malformed input in FILE, byte for byte: it is not scrubbed.",
            rich_help_panel=shared.OUTPUT_OPTIONS,
            show_default=False,
        ),
    ] = None,
    max_record_bytes: shared.MaxRecordBytesOption = shared.MAX_RECORD_BYTES,
    jobs: shared.JobsOption = None,
    schemas: shared.SchemasOption = None,
    envelope: shared.EnvelopeOption = None,
    body: shared.BodyOption = None,
    quiet: shared.QuietOption = False,
) -> int:
    """Write the same events with personal data replaced, so that a capture can be shared.

    Names, logins, ids, addresses and texts become pseudonyms of the same shape, the same wherever a value stands.
    Wrapped events are scrubbed where they are: a record is kept whole when any event in it is picked. Exits 0, or 2
    for a wrong option or an unreadable source.

    Example: cevents scrub capture.ndjson > sample.ndjson
    """
    from canvas_events_cli import api
    from canvas_events_cli.rendering.safe_text import terminal_json_bytes
    from canvas_events_cli.running.report import Report

    catalog = api.load_catalog(schemas, envelope, body or ())
    spec = api.scrub_spec(
        catalog,
        key=_key(key, key_file, quiet=quiet),
        keep=keep or (),
        shift=_seconds(shift),
    )
    selection = picked.selection(lambda: catalog)
    asks_schemas = selection is not None and selection.asks_schemas
    results = Results(Color.NEVER)
    total = Report()
    reading = shared.read_options(max_record_bytes, no_unwrap=False, jwks=None)
    located = list(shared.resolve_sources(sources, quiet=quiet))
    _, progress = shared.progress_of(located, quiet=quiet)
    events = 0
    with rejects_kept(rejects, located, catalog, key_file) as kept, progress:
        for block in api.scrub_parts(
            located,
            spec,
            selection=selection,
            validation=api.validation_spec(catalog) if asks_schemas else None,
            how=api.RunOptions(reading, shared.jobs_or_cores(jobs), watch=progress.advance),
        ):
            if block.failures or results.is_terminal:
                progress.clear()
            events += len(block.records)
            progress.count(f"{events:,} records")
            shared.say_failures(block.failures)
            total.merge(block)
            kept.keep(block.rejects)
            for record in block.records:
                results.write(terminal_json_bytes(record) if results.is_terminal else record)
            results.flush()
    if not quiet:
        shared.say_report_warnings(total, kept=rejects is not None)
        if not events:
            picked.say_unknown_names(lambda: catalog)
    return ExitCode.USAGE if total.failures else ExitCode.OK


def _key(key: str | None, key_file: Path | None, *, quiet: bool) -> str | bytes | None:
    """Return the key that the options name, else that of the environment; None where there is none."""
    if key is None and key_file is None:
        return os.environ.get(KEY_VARIABLE)
    if key_file is None:
        if not quiet:
            say("cevents: other users can see a key on the command line: --key-file is safer")
        return key
    if key is not None:
        raise CeventsError("--key and --key-file each name the key: leave one out")
    try:
        with key_file.open("rb") as file:
            text = file.read(_LARGEST_KEY + 1)
    except OSError as error:
        raise CeventsError(f"cannot read the key in {key_file}: {error.strerror}") from error
    if len(text) > _LARGEST_KEY:
        raise CeventsError(f"{key_file} is no file with a key: it is larger than 1 MiB")
    return text.removesuffix(b"\n").removesuffix(b"\r")


def _seconds(shift: str | None) -> int:
    from canvas_events_cli.timestamps import parse_duration

    if shift is None:
        return 0
    try:
        return parse_duration(shift)
    except CeventsError as error:
        raise CeventsError(f"--shift: {error}") from error
