"""Work on the events that a selection wants, for commands that do something else with them than selecting."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from canvas_events_cli.model import Malformed, Overflow, Record, WrapperFault, Wrapping
from canvas_events_cli.query.selection import Predicate, Selection, compile_selection
from canvas_events_cli.running.reading import Compiled, Read, ReportT, Work
from canvas_events_cli.running.report import Report

if TYPE_CHECKING:
    from canvas_events_cli.validation import ValidationSpec


@dataclass(frozen=True, slots=True)
class Choice:
    """A selection with what it takes to answer it; picklable."""

    selection: Selection
    spec: "ValidationSpec | None" = None
    """The schemas and what is valid, for a selection that asks."""

    def compile(self) -> Predicate:
        """Return the test whether a record is wanted. Raises CeventsError for a schema that cannot be used."""
        is_valid = None
        if self.spec is not None and self.selection.valid is not None:
            from canvas_events_cli.validation import compile_checker

            check = compile_checker(self.spec).check
            is_valid = lambda record: not check("", record).findings  # noqa: E731
        return compile_selection(self.selection, is_valid, self.spec.catalog if self.spec is not None else None)


def event_record(item: Record | WrapperFault) -> Record:
    """Return *item* as a record: a wrapper without an event has no fields, so it goes to one side of a selection."""
    if isinstance(item, Record):
        return item
    return Record(item.line, item.raw, None, False, Wrapping(item.keyword, item.raw, (("fault", item.message),)))


@dataclass(frozen=True, slots=True)
class Narrowed(Generic[ReportT]):
    """The same *work* on the events that *choice* wants; picklable. Malformed records are counted and left out."""

    work: Work[ReportT]
    choice: Choice

    def compile(self) -> Compiled[ReportT]:
        """Return what does the work. Raises CeventsError for a schema that cannot be used."""
        compiled = self.work.compile()
        wanted = self.choice.compile()

        def report_on(source_name: str, items: Iterable[Read]) -> ReportT:
            others = Report()
            report = compiled.report(source_name, _wanted_of(items, wanted, others))
            report.left_out, report.web_page = others.malformed, others.web_page
            return report

        # A fast path tells of events without saying which they are.
        return compiled._replace(report=report_on, fast_feed=None)


def _wanted_of(items: Iterable[Read], wanted: Predicate, others: Report) -> Iterator[Read]:
    for item in items:
        if isinstance(item, Malformed):
            others.add_malformed(item)
        elif not isinstance(item, Overflow) and wanted(event_record(item)):
            yield item
