"""Events with their numbers as they are written."""

from canvas_events_cli.exact_json import parse_exact
from canvas_events_cli.model import Json, Record
from canvas_events_cli.wrappers.shapes import as_event


def exact_event(record: Record) -> Json:
    """Return the value of *record*, each number in it as written (``exact_json.NumberText``).

    Where it is nested too deeply for that, the value as it is.
    """
    exact = parse_exact(record.json)
    if exact is None:
        return record.value
    # Numbers as text satisfy whatever the older shape is known by.
    return as_event(exact) or exact
