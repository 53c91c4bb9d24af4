"""What a stream of records holds, to be compared with what is documented."""

from collections.abc import Iterator

from canvas_events_cli.drift.report import DriftReport, observe_records
from canvas_events_cli.sources.locate import Source, SourceError
from canvas_events_cli.validation import EventChecker
from canvas_events_cli.work.reading import ReadOptions, read_events


def observe_source(
    checker: EventChecker, source: Source | SourceError, reading: ReadOptions, *, examples: bool
) -> Iterator[DriftReport]:
    """Yield what each block of *source* holds, as it arrives; their merge is what the source holds."""
    for framed in read_events(source, reading):
        if isinstance(framed, SourceError):
            yield DriftReport(failures=[str(framed)])
        else:
            yield observe_records(checker, framed, examples=examples)
