"""Selecting events."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from canvas_events_cli.api.choice import choice_of
from canvas_events_cli.api.inputs import Inputs
from canvas_events_cli.model import Record
from canvas_events_cli.query.work import SelectedBlock, SelectOptions, SelectWork, select_blocks
from canvas_events_cli.running.reading import ReadOptions
from canvas_events_cli.running.runner import Watch

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
    reading: ReadOptions | None = None,
) -> "Iterator[SelectedBlock[Record]]":
    """Yield what *selection* wants of *sources*, block by block as these are read.

    *spec* holds the schemas and says what is valid, for a selection that asks. Raises CeventsError for a broken schema.
    """
    return select_as(_as_it_is, sources, selection, options=options, spec=spec, reading=reading)


def select_as(
    form: Callable[[Record], Item],
    sources: Inputs,
    selection: "Selection",
    *,
    options: "SelectOptions",
    spec: "ValidationSpec | None" = None,
    reading: ReadOptions | None = None,
    jobs: int = 1,
    watch: Watch | None = None,
    cluster: str | None = None,
) -> "Iterator[SelectedBlock[Item]]":
    """Yield what *selection* wants of *sources*, with what *form* makes of each record in place of the record.

    The same for any number of *jobs*: with more than one, large input is read by as many processes, and *form* must be
    a function of a module, what it returns picklable, and small, since it travels. *watch* and *cluster* are as
    for :func:`validate_parts`. Otherwise as :func:`select_parts`.
    """
    work = SelectWork(choice_of(selection, spec), options, form)
    return select_blocks(sources, work, reading or ReadOptions(), jobs, watch, cluster)


def _as_it_is(record: Record) -> Record:
    return record
