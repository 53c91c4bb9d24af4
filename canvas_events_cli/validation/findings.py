"""From what the engines report to what is told of an event: merged, worded and in order."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
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
    missing_fields: tuple[str, ...] = ()
    """Pointers of expected fields that are absent or null, as ``undocumented_fields`` has them."""


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
    return _narrowed(found)


def _narrowed(found: list[Found]) -> list[Found]:
    """Return *found*, where several schemas ask for types of one value as one violation: of the types in common."""
    asked: dict[Path, list[list[str]]] = {}
    for _, violation in found:
        if violation.keyword == "type":
            types: Any = violation.value
            asked.setdefault(violation.path, []).append([types] if isinstance(types, str) else types)
    common = {path: _common(all_of) for path, all_of in asked.items() if len(all_of) > 1}
    return [
        (kind, violation._replace(value=common[violation.path]))
        if violation.keyword == "type" and violation.path in common
        else (kind, violation)
        for kind, violation in found
    ]


def _common(asked: list[list[str]]) -> list[str]:
    """Return the types that each of *asked* allows; where there is none, the fewest that one asks for."""
    common = [
        name
        for name in dict.fromkeys(chain.from_iterable(asked))
        if all(name in types or (name == "integer" and "number" in types) for types in asked)
    ]
    return common or min(asked, key=len)


def faults_of(violations: Iterable[Found], names: Names, *, show_values: bool) -> Iterator[Fault]:
    """Put each violation into words."""
    for kind, violation in violations:
        message = messages.describe(violation, show_values=show_values)
        if violation.keyword in MISSING:
            message += names.hint_for_missing(violation.path)
        elif violation.keyword in UNEXPECTED:
            message += names.hint_for_unexpected(violation.path)
        yield Fault(kind, violation.path, violation.keyword, message)


class Notes(NamedTuple):
    """Paths of fields of which there is something to say that is no violation, unless ``--strict`` makes it one."""

    undocumented: list[Path]
    missing: list[Path]
    """The expected ones that are absent or null."""

    def beside(self, violations: Iterable[Found]) -> "Notes":
        """Return what there is to say besides *violations*: not what is missing where one of them is."""
        broken = {violation.path for _, violation in violations} if self.missing else ()
        return self._replace(missing=[path for path in self.missing if path not in broken])

    def verdict(self, name: str | None, findings: tuple[Finding, ...] = (), *, is_unknown: bool) -> Verdict:
        """Return the verdict on an event that has these notes."""
        return Verdict(name, findings, _starred(self.undocumented), is_unknown, _starred(self.missing))

    def faults(self, names: Names) -> Iterator[Fault]:
        """Make faults of them, as ``--strict`` asks for."""
        for path in self.undocumented:
            message = messages.UNDOCUMENTED_FIELD + names.hint_for_unexpected(path)
            yield Fault(_kind(path), path, "undocumented", message)
        for path in self.missing:
            yield Fault(_kind(path), path, "expected", messages.MISSING_FIELD + names.hint_for_missing(path))


NO_NOTES = Notes([], [])


def _kind(path: Path) -> FindingKind:
    return "body" if path[0] == "body" else "envelope"


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


def _starred(paths: Iterable[Path]) -> tuple[str, ...]:
    """Return the pointers of *paths*, those of all elements of an array once."""
    return tuple(dict.fromkeys(map(starred, paths)))


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
