"""Tallies of a stream of records."""

from dataclasses import dataclass
from functools import partial
from typing import cast

from canvas_events_cli.query.fields import find, parse_field
from canvas_events_cli.running.reading import Feed
from canvas_events_cli.running.runner import Compiled
from canvas_events_cli.summary.fast.decode import feed_retries
from canvas_events_cli.summary.report import SummaryReport, tally_records


@dataclass(frozen=True, slots=True)
class SummaryWork:
    """What ``run`` needs to summarize; picklable."""

    by: tuple[str, ...] = ()
    """FIELDs to tally besides."""

    def compile(self) -> Compiled[SummaryReport]:
        """Return what tallies. Raises CeventsError for what is no field."""
        lookups = {name: partial(find, parse_field(name)) for name in self.by}
        # Batches hold what a retry's own figures are made from, and nothing for other fields.
        shortcut = None if self.by else cast(Feed, feed_retries)
        return Compiled(
            lambda source_name, events: tally_records(events, lookups), shortcut=shortcut, merges_slowly=True
        )

    def failed(self, source_name: str, failure: str) -> SummaryReport:
        """Return the report of a source that cannot be read (on)."""
        return SummaryReport(failures=[failure])

    def moved(self, part: SummaryReport, lines: int) -> SummaryReport:
        """Return *part*: figures do not say where they come from."""
        return part
