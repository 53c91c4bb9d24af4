"""A schema read off from what was seen.

The counts that drift is told from already hold the tree that an inference library would build from the same events a
second time, so the schema is read off from them: it accepts every value that was counted.
"""

from collections.abc import Iterable
from typing import Any

from canvas_events_cli.catalog.fields import TYPES
from canvas_events_cli.drifting.seen import Seen


def inferred(seen: Seen, kinds: Iterable[str] | None = None, *, nullable: bool = False) -> dict[str, Any]:
    """Return a schema that accepts all that was *seen*, or the values of some *kinds* of types.

    No field is required, and each may be null: a capture cannot tell what Canvas always sends.
    """
    names = {*(seen.types if kinds is None else kinds), *(["null"] if nullable else ())}
    names -= {"integer"} if "number" in names else set()
    if not names:
        return {}
    ordered = sorted(names, key=_ORDER.index)
    schema: dict[str, Any] = {"type": ordered if len(ordered) > 1 else ordered[0]}
    if "object" in names and seen.fields:
        schema["properties"] = {name: inferred(below, nullable=True) for name, below in seen.fields.items()}
    if "array" in names and seen.elements is not None:
        schema["items"] = inferred(seen.elements)
    return schema


_ORDER = TYPES[::-1]
