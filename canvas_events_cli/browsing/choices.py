"""What of an event one can ask about, or copy."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from canvas_events_cli.canvas_ids import local_id
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Json, Record
from canvas_events_cli.pointers import join
from canvas_events_cli.query.about import Named, parse_about
from canvas_events_cli.rendering.show_table import field_text
from canvas_events_cli.wrappers import exact_event

MOST_VALUES = 2000
"""How many values one can choose from."""
_FIRST = ("course", "assignment", "user", "request", "session")


def objects_of(record: Record, names: Callable[[Record], Iterable[Named]], catalog: Catalog) -> list[str]:
    """Return each object that an event concerns once, as ``--about`` names it; a global id counts for its local one."""
    found: dict[tuple[str, str], str] = {}
    for kind, name in names(record):
        try:
            about = parse_about(f"{kind}:{name}", lambda: catalog)
        except CeventsError:  # a word, for instance, where an id could stand
            continue
        is_id = about.identifier.isdigit()
        key = kind, local_id(about.identifier) if is_id else about.identifier
        if len(about.identifier) > len(found.get(key, "")) - len(kind) - 1:
            found[key] = f"{about.kind}:{about.identifier}"
    order = {kind: place for place, kind in enumerate(_FIRST)}
    return sorted(found.values(), key=lambda text: (order.get(text.partition(":")[0], len(order)), text))


def values_of(record: Record) -> list[tuple[str, str]]:
    """Return each value of an event that holds no others, the first MOST_VALUES: its pointer, and its text."""
    return [*islice(_leaves("", exact_event(record)), MOST_VALUES)]


def _leaves(pointer: str, value: Json) -> Iterator[tuple[str, str]]:
    pending = [(pointer, value)]
    while pending:
        here, value = pending.pop()
        if isinstance(value, dict | list) and value:
            items = value.items() if isinstance(value, dict) else enumerate(value)
            pending += reversed([(join(here, str(key)), inner) for key, inner in items])
        elif value is not None:
            yield here, field_text(value)
