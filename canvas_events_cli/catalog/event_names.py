"""What to say of an event name that no schema is known for."""

from collections.abc import Mapping

from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.errors import did_you_mean

_LONGEST = 200
"""Characters of a name that are compared; hostile ones are long."""
_GONE = ("_deleted", "_destroyed", "_removed")
_STATE = "workflow_state"


def name_hint(name: str, bodies: Mapping[str, SchemaFile], *others: str) -> str:
    """Return what may be meant by *name*, as the end of a sentence: the closest of the known names, or nothing.

    Names that consumers expect and Canvas never sends are told apart: of most objects a deletion shows in the state
    that the event of their change carries. *others* are names that are known besides those in *bodies*.
    """
    instead = sent_instead(name, bodies)
    if instead is not None:
        return f"; Canvas never sends it: a deletion shows as {instead!r} with {_STATE} 'deleted'"
    return did_you_mean(name[:_LONGEST], [*bodies, *others])


def sent_instead(name: str, bodies: Mapping[str, SchemaFile]) -> str | None:
    """Return the event that Canvas sends where *name*, of an object that is gone, is none of *bodies*; else None.

    >>> from canvas_events_cli.catalog import load_catalog
    >>> sent_instead("course_deleted", load_catalog().bodies)
    'course_updated'
    """
    ending = next((ending for ending in _GONE if name.endswith(ending)), None)
    if ending is None:
        return None
    subject = name.removesuffix(ending)
    instead = f"{subject}_updated"
    if f"{subject}_deleted" in bodies or instead not in bodies:
        return None
    document = bodies[instead].document
    return instead if isinstance(document, dict) and _STATE in document.get("properties", {}) else None
