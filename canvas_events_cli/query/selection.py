"""Which events are wanted: everything that commands can be asked for, as one value."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from canvas_events_cli.model import Json, Record, WrapperFault, Wrapping
from canvas_events_cli.query.expressions import Condition, compile_condition
from canvas_events_cli.query.fields import Field, find
from canvas_events_cli.query.noticing import Notices
from canvas_events_cli.same_event import event_name, event_time
from canvas_events_cli.timestamps import EARLIEST, LATEST, Instant, parse_instant

if TYPE_CHECKING:
    from canvas_events_cli.query.about import About
    from canvas_events_cli.validation import ValidationSpec

Predicate = Callable[[Record], bool]


class Criterion(NamedTuple):
    """One thing that must hold of an event."""

    of: Field | Callable[[Json], Any] | None
    """What in the event it looks at; None for the event itself."""
    holds: Callable[[Any, Record], bool]
    """Takes that and the record, which does not matter where that is a text, or None."""

    def compile(self) -> Predicate:
        """Return it as a test of a record."""
        of, holds = self.of, self.holds
        if of is None:
            return lambda record: holds(record.value, record)
        look = partial(find, of) if isinstance(of, Field) else of
        return lambda record: holds(look(record.value), record)


@dataclass(frozen=True, slots=True)
class Selection:
    """A question about events; picklable. Without any part it selects every event."""

    where: tuple[Condition, ...] = ()
    about: "tuple[About, ...]" = ()
    """Objects that the event must concern, all of them."""
    any_where: bool = False
    """Whether one of the conditions, or one of the objects, is enough."""
    event_globs: tuple[str, ...] = ()
    """Shell patterns, case counting, of which the event's name must match one; an event without a name matches none."""
    since: Instant | None = None
    until: Instant | None = None
    """The first and the last instant wanted; an event whose ``event_time`` names no instant lies in no such range."""
    valid: bool | None = None
    """Whether the event must keep to its schemas, or must break them."""
    invert: bool = False
    """Whether the events are wanted that all the above leaves out."""
    spec: "ValidationSpec | None" = None
    """The schemas and what is valid, for a selection that asks for objects or validity."""


def event_record(item: Record | WrapperFault) -> Record:
    """Return *item* as a record: a wrapper without an event has no fields, so it goes to one side of a selection."""
    if isinstance(item, Record):
        return item
    return Record(
        item.line, item.raw, None, False, Wrapping(item.keyword, item.raw, lambda: (("fault", item.message),))
    )


def compile_selection(selection: Selection, notices: Notices | None = None) -> Predicate:
    """Return the test whether a record is wanted, which has *notices* look at each.

    Raises CeventsError for a schema that cannot be used, ValueError where it takes schemas and there are none.
    """
    notices = notices or Notices(selection)
    holding = [notices.look, *(criterion.compile() for criterion in criteria(selection, notices))]
    invert = selection.invert

    def wanted(record: Record) -> bool:
        for holds in holding:
            if not holds(record):
                return invert
        return not invert

    return wanted


def criteria(selection: Selection, notices: Notices) -> Iterator[Criterion]:
    """Yield what must hold, the cheap before the dear. Raises as :func:`compile_selection` does."""
    if (spec := selection.spec) is None and (selection.about or selection.valid is not None):
        raise ValueError("a selection of objects, or by validity, needs the schemas")
    if selection.event_globs:
        matches = re.compile("|".join(map(translate, selection.event_globs))).match
        yield Criterion(event_name, lambda name, _: name is not None and matches(name) is not None)
    if selection.since is not None or selection.until is not None:
        since, until = selection.since or EARLIEST, selection.until or LATEST
        yield Criterion(event_time, lambda time, _: notices.in_time(parse_instant(time), since, until))
    conditions = [Criterion(condition.field, compile_condition(condition)) for condition in selection.where]
    if selection.about and spec:
        from canvas_events_cli.query.about import compile_about

        conditions += [_of_record(compile_about(about, spec.catalog)) for about in selection.about]
    if selection.any_where and conditions:
        any_of = [condition.compile() for condition in conditions]
        yield _of_record(lambda record: any(holds(record) for holds in any_of))
    else:
        yield from conditions
    if selection.valid is not None and spec:
        from canvas_events_cli.validation import compile_checker

        is_wrong = compile_checker(spec, by_types=True).is_wrong
        yield _of_record(lambda record: is_wrong(record) is not selection.valid)


def _of_record(holds: Predicate) -> Criterion:
    return Criterion(None, lambda _, record: holds(record))
