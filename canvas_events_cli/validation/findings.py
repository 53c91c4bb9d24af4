"""From what the engines report to what is told of an event: merged, worded and in order."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.model import Finding, FindingKind
from canvas_events_cli.validation import messages
from canvas_events_cli.validation.names import Names
from canvas_events_cli.validation.violation import MISSING, UNEXPECTED, CompiledSchema, Path, Violation

Event = dict[str, Any]
Found = tuple[FindingKind, Violation]


class Verdict(NamedTuple):
    """What is to be said of one event; valid where there are no findings."""

    event_name: str | None
    findings: tuple[Finding, ...] = ()
    """In the order of the event's own fields, a missing field after the fields beside it."""
    undocumented_fields: tuple[str, ...] = ()
    """Pointers, array elements as ``*``, each once; none in strict mode, where they are findings."""
    undocumented_event: bool = False
    """Whether there is a name without a body schema; never in strict mode, where that is a finding."""


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


def findings_of(
    source: str, line: int, name: str | None, faults: list[Fault], order: Callable[[Path], Any]
) -> tuple[Finding, ...]:
    """Return *faults* as findings, each once, in the *order* that ``in_order_of`` gives."""
    if len(faults) > 1:
        faults = sorted(set(faults), key=lambda fault: (order(fault.path), fault.keyword, fault.message))
    return tuple(
        Finding(source, line, name, kind, keyword, pointers.join("", *path), message)
        for kind, path, keyword, message in faults
    )


def notes_of(undocumented: Iterable[Path]) -> tuple[str, ...]:
    """Return the pointers of undocumented fields, those of all elements of an array once."""
    return tuple(dict.fromkeys(map(starred, undocumented)))


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
