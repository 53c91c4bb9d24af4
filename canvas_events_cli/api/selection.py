"""Selecting events."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from canvas_events_cli.api.choice import choice_of
from canvas_events_cli.api.inputs import Inputs
from canvas_events_cli.model import Record
from canvas_events_cli.query.work import SelectedBlock, SelectOptions, SelectWork, select_blocks
from canvas_events_cli.running.reading import RunOptions

if TYPE_CHECKING:
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.validation import ValidationSpec

Item = TypeVar("Item")


def select_parts(
    sources: Inputs,
    selection: "Selection",
    *,
    options: "SelectOptions",
    spec: "ValidationSpec | None" = None,
    how: RunOptions | None = None,
) -> "Iterator[SelectedBlock[Record]]":
    """Yield what *selection* wants of *sources*, block by block as these are read.

    *spec* holds the schemas and says what is valid, for a selection that asks. Raises CeventsError for a broken schema.
    """
    return select_as(_as_it_is, sources, selection, options=options, spec=spec, how=how)


def select_as(
    form: Callable[[Record], Item],
    sources: Inputs,
    selection: "Selection",
    *,
    options: "SelectOptions",
    spec: "ValidationSpec | None" = None,
    how: RunOptions | None = None,
) -> "Iterator[SelectedBlock[Item]]":
    """Yield what *selection* wants of *sources*, with what *form* makes of each record in place of the record.

    The same for any way *how* this is run: where other processes read, *form* must be a function of a module, what it
    returns picklable, and small, since it travels. Otherwise as :func:`select_parts`.
    """
    work = SelectWork(choice_of(selection, spec), options, form)
    return select_blocks(sources, work, how)


def _as_it_is(record: Record) -> Record:
    return record
