"""Summarizing events."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from canvas_events_cli.api.choice import narrowed
from canvas_events_cli.api.inputs import Input, Inputs, sources_of
from canvas_events_cli.running.reading import RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.work import SummaryWork

if TYPE_CHECKING:
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.validation import ValidationSpec


def summarize(source: Input, *, by: Sequence[str] = (), jobs: int = 1) -> SummaryReport:
    """Tally the events of *source*, the retries of alignment clones in depth, and each field that *by* names.

    ``canvas_events_cli.summary.document.document(report)`` makes the document of ``summarize -o json`` of it.
    Raises CeventsError for what is no field. A source that cannot be read is named in the report's ``failures``.
    *jobs* are the processes that read large input.
    """
    total = SummaryReport()
    for part in summarize_parts(sources_of(source), by=by, how=RunOptions(jobs=jobs)):
        total.merge(part)
    return total


def summarize_parts(
    sources: Inputs,
    *,
    by: Sequence[str] = (),
    selection: "Selection | None" = None,
    spec: "ValidationSpec | None" = None,
    how: RunOptions | None = None,
) -> Iterator[SummaryReport]:
    """Tally *sources* in order, yielding a report of each block; merging them in order gives the whole.

    *spec* holds the schemas for a *selection* that asks for some. This and *how* are as for
    :func:`validate_parts`.
    """
    work = narrowed(SummaryWork(tuple(by)), selection, spec)
    return run(sources, work, how)
