"""Which events are wanted: everything that ``filter`` and ``show`` can be asked for, as one value."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

from canvas_events_cli.model import Record
from canvas_events_cli.query.expressions import Condition, compile_condition
from canvas_events_cli.same_event import event_name, event_time
from canvas_events_cli.timestamps import Instant, parse_instant

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.query.about import About

Predicate = Callable[[Record], bool]


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

    @property
    def asks_schemas(self) -> bool:
        """Whether it takes the schemas to answer."""
        return self.valid is not None or bool(self.about)


def compile_selection(
    selection: Selection, is_valid: Predicate | None = None, catalog: "Catalog | None" = None
) -> Predicate:
    """Return the test whether a record is wanted.

    *is_valid* tells whether a record keeps to its schemas, which *catalog* holds. A selection that asks for validity
    needs the former, one that asks for objects the latter (else ValueError).
    """
    tests = list(_tests(selection, is_valid, catalog))
    invert = selection.invert

    def wanted(record: Record) -> bool:
        for test in tests:
            if not test(record):
                return invert
        return not invert

    return wanted


def _tests(selection: Selection, is_valid: Predicate | None, catalog: "Catalog | None") -> Iterable[Predicate]:
    """Yield what must hold, the cheap before the dear."""
    if selection.event_globs:
        yield _name_test(selection.event_globs)
    if selection.since is not None or selection.until is not None:
        yield _time_test(selection.since, selection.until)
    conditions = [compile_condition(condition) for condition in selection.where]
    if selection.about:
        from canvas_events_cli.query.about import compile_about

        if catalog is None:
            raise ValueError("a selection of objects needs the schemas")
        conditions += [compile_about(about, catalog) for about in selection.about]
    if selection.any_where and conditions:
        yield lambda record: any(holds(record) for holds in conditions)
    else:
        yield from conditions
    if selection.valid is not None:
        if is_valid is None:
            raise ValueError("a selection of valid or invalid events needs is_valid")
        yield is_valid if selection.valid else lambda record: not is_valid(record)


def _name_test(globs: tuple[str, ...]) -> Predicate:
    matches = re.compile("|".join(map(translate, globs))).match

    def test(record: Record) -> bool:
        name = event_name(record.value)
        return name is not None and matches(name) is not None

    return test


def _time_test(since: Instant | None, until: Instant | None) -> Predicate:
    def test(record: Record) -> bool:
        moment = parse_instant(event_time(record.value))
        if moment is None:
            return False
        return (since is None or since <= moment) and (until is None or moment <= until)

    return test
