"""From what the engines report to what is told of an event: merged, worded and in order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import chain
from operator import getitem
from typing import Any, NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.errors import closest, did_you_mean
from canvas_events_cli.model import Finding
from canvas_events_cli.validation.engines import MISSING, UNEXPECTED, Path, Violation
from canvas_events_cli.validation.outline import Outline

MEANT_BY = "; did you mean this by {!r}?"
"""Ends what is told of a missing field, and names the one beside it that seems to be meant."""
_MOST_COMPARED, _LONGEST_COMPARED = 20, 100
"""Names are compared letter by letter; without these limits, hostile events would make that slow."""


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


class Judged(NamedTuple):
    """Events that have the same verdict already, and the lines where they start."""

    verdict: Verdict
    lines: Sequence[int]
    unverified: bool = False
    """Whether they were in signed tokens that nobody has checked."""


def in_order_of(event: object) -> Callable[[Path], list[tuple[int, str]]]:
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


def in_common(violations: list[Violation]) -> list[Violation]:
    """Return *violations*, changed: where several schemas ask for types of a value, all of them tell of the common."""
    asked: dict[Path, list[list[str]]] = defaultdict(list)
    for violation in violations:
        if violation.keyword == "type":
            types: Any = violation.value
            asked[violation.path].append([types] if isinstance(types, str) else types)
    for number, violation in enumerate(violations):
        if violation.keyword == "type":
            each = asked[violation.path]
            common = [
                name
                for name in dict.fromkeys(chain.from_iterable(each))
                if all(name in types or (name == "integer" and "number" in types) for types in each)
            ]
            # Where there is none, the fewest that one asks for.
            violations[number] = violation._replace(value=common or min(each, key=len))
    return violations


def hints(event: Any, outline: Outline, unexpected: Iterable[Path]) -> Callable[[Violation], str]:
    """Return what asks, at the end of a message, whether a violation in *event* is a misspelling; or an empty text.

    *unexpected* are the paths of all fields that the schemas do not know, or forbid.
    """
    beside: dict[Path, list[str]] = defaultdict(list)
    for *parent, name in unexpected:
        beside[tuple(parent)].append(str(name))

    def hint(violation: Violation) -> str:
        if violation.keyword not in MISSING | UNEXPECTED:
            return ""
        parent, name = violation.path[:-1], str(violation.path[-1])
        names = beside.get(parent, ())
        if len(names) > _MOST_COMPARED:
            return ""
        short = [name for name in names if len(name) <= _LONGEST_COMPARED]
        if violation.keyword in MISSING:
            close = closest(name, short)
            return MEANT_BY.format(close) if close else ""
        there: Any = reduce(getitem, parent, event)
        return did_you_mean(name, sorted(outline.at(parent).names.difference(there))) if name in short else ""

    return hint


def starred(path: Path) -> str:
    """Return the pointer of *path* with ``*`` for every array index: the same field of all elements."""
    return pointers.join("", *("*" if isinstance(token, int) else token for token in path))
