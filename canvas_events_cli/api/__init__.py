"""The library: everything the command does, as typed functions.

>>> from canvas_events_cli import validate
>>> report = validate("capture.ndjson")             # doctest: +SKIP
>>> report.valid, [finding.pointer for finding in report.findings]   # doctest: +SKIP
(25, ['/body/status'])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from canvas_events_cli.api.drift import compare_seen, drift_parts, write_proposal
    from canvas_events_cli.api.inputs import load_keys
    from canvas_events_cli.api.samples import sample_parts, scrub_parts, scrub_spec
    from canvas_events_cli.api.schemas import (
        bundled_schema,
        check_schemas,
        compare_schemas,
        describe_event,
        documented_events,
    )
    from canvas_events_cli.api.selection import select_as, select_parts
    from canvas_events_cli.api.summary import summarize, summarize_parts
    from canvas_events_cli.api.validation import event_checker, validate, validate_parts, validation_spec
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.running.reading import ReadOptions, RunOptions
    from canvas_events_cli.sources.locate import Source, SourceError, locate
    from canvas_events_cli.validation import ValidationSpec
    from canvas_events_cli.validation.report import ValidationReport
    from canvas_events_cli.validation.work import ReportOptions

__all__ = [
    "ReadOptions",
    "ReportOptions",
    "RunOptions",
    "Source",
    "SourceError",
    "ValidationReport",
    "ValidationSpec",
    "bundled_schema",
    "check_schemas",
    "compare_schemas",
    "compare_seen",
    "describe_event",
    "documented_events",
    "drift_parts",
    "event_checker",
    "load_catalog",
    "load_keys",
    "locate",
    "sample_parts",
    "scrub_parts",
    "scrub_spec",
    "select_as",
    "select_parts",
    "summarize",
    "summarize_parts",
    "validate",
    "validate_parts",
    "validation_spec",
    "write_proposal",
]

_HOMES = {
    "api.drift": ("compare_seen", "drift_parts", "write_proposal"),
    "api.inputs": ("load_keys",),
    "api.samples": ("sample_parts", "scrub_parts", "scrub_spec"),
    "api.schemas": ("bundled_schema", "check_schemas", "compare_schemas", "describe_event", "documented_events"),
    "api.selection": ("select_as", "select_parts"),
    "api.summary": ("summarize", "summarize_parts"),
    "api.validation": ("event_checker", "validate", "validate_parts", "validation_spec"),
    "catalog": ("load_catalog",),
    "validation.report": ("ValidationReport",),
    "sources.locate": ("Source", "SourceError", "locate"),
    "validation": ("ValidationSpec",),
    "running.reading": ("ReadOptions", "RunOptions"),
    "validation.work": ("ReportOptions",),
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that a command pays for nothing but what it does."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"canvas_events_cli.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
