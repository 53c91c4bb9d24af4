"""Tallies of a stream of records."""

from collections.abc import Iterator, Mapping

from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.summary.report import Lookup, SummaryReport, tally_records
from canvas_events_cli.work.reading import ReadOptions, read_events


def summarize_source(
    source: Source | SourceError, by: Mapping[str, Lookup], reading: ReadOptions
) -> Iterator[SummaryReport]:
    """Yield a tally of each block of *source*, as it arrives; their merge is the tally of the source."""
    for framed in read_events(source, reading):
        if isinstance(framed, SourceError):
            yield SummaryReport(failures=[str(framed)])
        else:
            yield tally_records(framed, by)
