"""What of a selection's own words occurs among the events that are read: a word that occurs nowhere may be misspelt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from canvas_events_cli.errors import did_you_mean
from canvas_events_cli.pointers import resolve
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.fields import Field, parse_field
from canvas_events_cli.running.noticed import Noticed
from canvas_events_cli.same_event import event_name

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.framing.fast.batches import Batch
    from canvas_events_cli.model import Record
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.timestamps import Instant

_NO = object()


class Decided(NamedTuple):
    """Events that need no look: it is known whether they are wanted."""

    unverified_lines: Sequence[int]
    """Where the records of unverified ones start, wanted or not."""
    wanted: Batch | None = None
    times: Sequence[object] = ()
    """What ``event_time`` returns of each that is wanted, where it was asked for."""


class Notices:
    """Looks for the FIELDs and names of a selection until each has been seen; for one process."""

    def __init__(self, selection: Selection) -> None:
        words: list[str | Field] = [
            *selection.event_globs,
            *(condition.field for condition in selection.where),
        ]
        self.missing = {*words}
        """Those that have not been seen yet."""
        self.noticed = Noticed()

    def look(self, record: Record) -> bool:
        """Note which words are in *record*. True, as any record is wanted for all that this knows."""
        self.noticed.events += 1
        if self.missing and (found := {word for word in self.missing if _occurs(word, record)}):
            self.missing -= found
            self.noticed.seen |= found
        return True

    def in_time(self, moment: Instant | None, since: Instant, until: Instant) -> bool:
        """Tell whether *moment* is in the time that is asked for, and note what times there are."""
        if moment is None:
            return False
        is_in = since <= moment <= until
        self.noticed.add_time(moment, is_in=is_in)
        return is_in

    def begin(self) -> Noticed:
        """Return what a report has noticed, as it goes on: the words that were seen before it, and nothing else.

        A report can come to nothing, where it is of more than its process should read; its words are not lost so.
        """
        self.noticed = Noticed(seen={*self.noticed.seen})
        return self.noticed


def found_nowhere(
    where: Iterable[str],
    globs: Iterable[str],
    noticed: Noticed,
    catalog: Callable[[], Catalog],
    empty: Iterable[tuple[str, str]] = (),
) -> Iterator[str]:
    """Yield a sentence for each of *globs* and FIELD that no event had, by what was *noticed*, and no schema has.

    *empty* are further FIELDs that were looked for in vain, each after its option. The *catalog* is asked for where it
    is needed.
    """
    names = [glob for glob in globs if glob not in noticed.seen]
    fields = dict.fromkeys(parse_condition(expression).field for expression in where if noticed.events)
    missing = [("-w", field) for field in fields if field not in noticed.seen]
    missing += [(option, parse_field(text)) for option, text in empty]
    if not names and not missing:
        return
    # Most selections find what they ask for, and need no catalogue.
    from canvas_events_cli.catalog.catalog import name_hint
    from canvas_events_cli.catalog.fields import documented_names, is_documented

    for glob in names:
        bodies = catalog().bodies
        if not any(fnmatchcase(name, glob) for name in bodies):
            yield f"-e {glob}: no event that was read has such a name, and no schema{name_hint(glob, bodies)}"
    for option, field in missing:
        if not any(is_documented(path, catalog()) for path in (*field.paths, *field.in_caliper)):
            hint = did_you_mean(field.written, [*documented_names(catalog())])
            yield f"{option} {field.written}: no event that was read has this field, and no schema{hint}"


def _occurs(word: str | Field, record: Record) -> bool:
    event = record.value
    if isinstance(word, str):
        return (name := event_name(event)) is not None and fnmatchcase(name, word)
    return isinstance(event, dict) and any(
        resolve(event, path, _NO) is not _NO for path in (*word.paths, *word.in_caliper)
    )
