"""From what the engines report to what is told of an event: merged, worded and in order."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.model import FindingKind
from canvas_events_cli.validation import messages
from canvas_events_cli.validation.names import Names
from canvas_events_cli.validation.violation import MISSING, UNEXPECTED, CompiledSchema, Path, Violation

Event = dict[str, Any]
Found = tuple[FindingKind, Violation]


class Fault(NamedTuple):
    """A finding that does not know its source and line yet."""

    kind: FindingKind
    path: Path
    keyword: str
    message: str


def violations_of(event: Event, envelope: CompiledSchema | None, body: CompiledSchema | None) -> list[Found]:
    """Return all violations of the schemas given, their paths from the root; where both object alike, the body's."""
    found: list[Found] = []
    if body is not None and "body" in event:
        for violation in body.violations(event["body"]):
            found.append(("body", violation._replace(path=("body", *violation.path))))
    claimed = {(violation.path, violation.keyword) for _, violation in found}
    for violation in envelope.violations(event) if envelope is not None else ():
        if (violation.path, violation.keyword) not in claimed:
            found.append(("envelope", violation))
    return found


def faults_of(violations: Iterable[Found], names: Names, *, show_values: bool) -> Iterator[Fault]:
    """Put each violation into words."""
    for kind, violation in violations:
        message = messages.describe(violation, show_values=show_values)
        if violation.keyword in MISSING:
            message += names.hint_for_missing(violation.path)
        elif violation.keyword in UNEXPECTED:
            message += names.hint_for_unexpected(violation.path)
        yield Fault(kind, violation.path, violation.keyword, message)


def undocumented_faults(paths: Iterable[Path], names: Names) -> Iterator[Fault]:
    """Make faults of undocumented fields, as ``--strict`` asks for."""
    for path in paths:
        kind: FindingKind = "body" if path[0] == "body" else "envelope"
        yield Fault(kind, path, "undocumented", messages.UNDOCUMENTED_FIELD + names.hint_for_unexpected(path))


def starred(path: Path) -> str:
    """Return the pointer of *path* with ``*`` for every array index: the same field of all elements."""
    return pointers.join("", *("*" if isinstance(token, int) else token for token in path))


def in_order_of(event: Event) -> Callable[[Path], list[tuple[int, str]]]:
    """Return a sort key for paths: the order of the fields in *event*, what is missing after what is there."""
    positions: dict[int, dict[str, int]] = {}

    def key(path: Path) -> list[tuple[int, str]]:
        place: Any = event
        keys = []
        for token in path:
            if isinstance(token, int):
                keys.append((token, ""))
                place = place[token]
                continue
            known = positions.get(id(place))
            if known is None:
                known = positions[id(place)] = {name: index for index, name in enumerate(place)}
            keys.append((known.get(token, len(known)), "" if token in known else token))
            place = place.get(token)
        return keys

    return key
