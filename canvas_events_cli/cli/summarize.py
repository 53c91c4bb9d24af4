"""``cevents summarize``: tally events, and the retries of alignment clones in depth."""

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from canvas_events_cli.cli.options import OUTPUT, Input, Output, Running, Schemas, complete_field, grouped, option
from canvas_events_cli.cli.reading import Reading
from canvas_events_cli.cli.selection import PickedByVerdict
from canvas_events_cli.cli.streams import Results
from canvas_events_cli.defaults import DEFAULT_TOP

if TYPE_CHECKING:
    from canvas_events_cli.summary.figures import Figures

_COUNTED = "What is counted"
_LONGEST_EPOCH = 12
"""Digits of a time on every calendar, in seconds."""
OutputFormat = Literal["text", "json", "csv", "markdown", "html"]


@grouped
def summarize(
    *,
    by: list[str] | None = option(
        _COUNTED,
        "--by FIELD",
        "Tally this field of all events too, of copies once; repeatable.",
        autocompletion=complete_field,
    ),
    top: int = option(_COUNTED, "--top N", "Rows of a list at most (0: all).", DEFAULT_TOP, min=0),
    output_format: OutputFormat = option(OUTPUT, "--output-format -o", "How to write the summary.", "text"),
    output: Output,
    picked: PickedByVerdict,
    inputs: Input,
    running: Running,
    schemas: Schemas,
) -> int:
    """Tally events by type, and say which alignment clones were retried, where, how often and by whom.

    Redelivered copies are recognised; only the counts of events by type and host include them.

    For example:
    cevents summarize captures/  # what is in here, and did the retries help?
    cevents summarize --by context_role --since 7d capture.ndjson  # how often does each value occur?
    cevents summarize -o html captures/ > report.html  # a page to send on
    """
    from canvas_events_cli.streaming import summarize_parts
    from canvas_events_cli.summary.figures import figures
    from canvas_events_cli.summary.report import SummaryReport

    choice = picked.choice(schemas)
    results = Results(output.color)
    for_people = output_format != "json"
    total = SummaryReport()
    with Reading(inputs, quiet=output.quiet, tallies=True) as reading:
        for report in reading.reports(summarize_parts(reading.events(choice, running), by or (), traffic=for_people)):
            total.merge(report)
            reading.count(total.events, "events")
    if total.events or not reading.met.failures:
        _write(results, figures(total, top), output_format, inputs.sources or [])
        results.flush()
    code = reading.cut_short()
    if code is not None:
        return code
    empty = [("--by", name) for name, values in total.by.numbers.items() if values.keys() == {None}]
    return reading.close(picked, schemas, empty=empty)


def _write(results: Results, summary: "Figures", output_format: OutputFormat, sources: Sequence[str]) -> None:
    if output_format == "text":
        from canvas_events_cli.rendering.summary_text import summary_lines

        results.write_lines(lambda width: summary_lines(summary, width), whole=False)
    elif output_format == "json":
        from canvas_events_cli.rendering.safe_text import json_bytes

        results.write_json(json_bytes(summary.to_dict(), indent=True))
    elif output_format == "html":
        from canvas_events_cli.rendering.summary_html import html_text

        first, *others = sources or ("-",)
        name = "standard input" if first == "-" else first
        results.write_text(html_text(summary, f"{name} and {len(others):,} more" if others else name, _today()))
    else:
        from canvas_events_cli.rendering.summary_tables import markdown_text, tables
        from canvas_events_cli.rendering.tables import csv_text

        results.write_text(csv_text(tables(summary)) if output_format == "csv" else markdown_text(summary))


def _today() -> str:
    """Return the date in UTC; of a build that is to be the same at any time, the one that SOURCE_DATE_EPOCH tells."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    seconds = int(epoch) if epoch.isdecimal() and len(epoch) < _LONGEST_EPOCH else time.time()
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
