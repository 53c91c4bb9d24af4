"""OP: the tests that a field's value can be put to, each a row of :data:`OPERATORS`.

Values are compared by the field's own JSON type: a string as text, a number as the number that is written, ``true`` and
``false`` as these words, an array or object as its JSON text without white space, whatever the order of its keys.
"""

import operator
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from canvas_events_cli.caliper import URN
from canvas_events_cli.canvas_ids import canvas_id, same_object
from canvas_events_cli.exact_json import compact_text, parse_exact, read_number
from canvas_events_cli.model import Record
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.regex import UnsupportedPattern, best_matcher
from canvas_events_cli.timestamps import parse_instant

Exact = Callable[[Record], object]
"""Returns the field's value again, with numbers as :class:`~canvas_events_cli.exact_json.NumberText`."""
Test = Callable[[object, Record], bool]
"""Takes the field's value, which is not null, and the record that it stands in."""
Relation = Callable[[Any, Any], bool]
"""``operator.lt`` and its kin, between two values of one type."""

WORDS = {"true": True, "false": False}


class BadValue(ValueError):
    """A VALUE that its operator cannot work with."""

    def __init__(self, at: int, what: str) -> None:
        """*at* is the index in VALUE where the mistake is."""
        super().__init__(what)
        self.at = at
        self.what = what


class Operator(NamedTuple):
    """What an operator does with a field."""

    compile: Callable[[str, Exact], Test]
    """Makes the test from VALUE; raises BadValue."""
    negated: bool = False
    """Whether the test has to fail. Such an operator holds for a field that is absent or null, and no other does."""


def json_container(text: str) -> object:
    """Return the array or object that *text* is as JSON, numbers as written, or None where it is neither."""
    try:
        value = parse(text.encode())
    except ParseError:
        return None
    return parse_exact(text.encode()) if isinstance(value, list | dict) else None


def _equal(value: str, exact: Exact) -> Test:
    number = read_number(value)
    same_number = _number_test(operator.eq, number, exact) if number is not None else None
    word = WORDS.get(value)
    container = json_container(value)
    text = "" if container is None else compact_text(container, sort_keys=True)

    def test(found: object, record: Record) -> bool:
        if isinstance(found, str):
            return found == value
        if isinstance(found, bool):
            return found is word
        if isinstance(found, int | float):
            return same_number is not None and same_number(found, record)
        return text != "" and _written(record, exact, sort_keys=True) == text

    return test


def _ordered(holds: Relation, value: str, exact: Exact) -> Test:
    """Return the test of an order: of instants, else numbers, else text, as both sides allow."""
    instant = parse_instant(value)
    number = read_number(value)
    in_order = _number_test(holds, number, exact) if number is not None else None

    def test(found: object, record: Record) -> bool:
        if isinstance(found, str):
            if instant is not None and (moment := parse_instant(found)) is not None:
                return holds(moment, instant)
            if number is not None and (amount := read_number(found)) is not None:
                return holds(amount, number)
        elif in_order is not None and isinstance(found, int | float) and not isinstance(found, bool):
            return in_order(found, record)
        return holds(_text(found, record, exact), value)

    return test


def _search(value: str, exact: Exact) -> Test:
    """Read *value* as schemas' patterns are read; it may also begin with flags, as ``(?i)``."""
    try:
        matches = best_matcher(value, leading_flags=True)
    except UnsupportedPattern as error:
        raise BadValue(error.at, f"this is no regular expression: {error.reason}") from error
    return lambda found, record: matches(_text(found, record, exact))


def _same_object(value: str, exact: Exact) -> Test:
    wanted = canvas_id(value)
    if wanted is None:
        raise BadValue(0, "@ compares Canvas ids: a VALUE of decimal digits, such as 565 or 21070000000000565")

    def test(found: object, record: Record) -> bool:
        if isinstance(found, str) and found.startswith(URN):
            found = found.rpartition(":")[2]
        elif isinstance(found, float):  # an integer beyond 64 bits, perhaps
            found = _written(record, exact)
        identifier = canvas_id(found)
        return identifier is not None and same_object(identifier, wanted)

    return test


def _number_test(holds: Relation, number: Decimal, exact: Exact) -> Callable[[int | float, Record], bool]:
    """Return the test whether a JSON number stands in the relation *holds* to *number*.

    Rounding to doubles keeps the order of numbers, so only where the doubles are the same do the digits decide.
    """
    nearest = float(number)

    def test(found: int | float, record: Record) -> bool:
        if isinstance(found, int):
            return holds(found, number)
        if found != nearest:
            return holds(found, nearest)
        written = read_number(_written(record, exact))
        return written is not None and holds(written, number)

    return test


def _text(found: object, record: Record, exact: Exact) -> str:
    """Return a value as text: a string itself, anything else as its JSON text."""
    return found if isinstance(found, str) else _written(record, exact)


def _written(record: Record, exact: Exact, *, sort_keys: bool = False) -> str:
    """Return the field's JSON text with its numbers as written; an empty text for what is nested too deep."""
    value = exact(record)
    return "" if value is None else compact_text(value, sort_keys=sort_keys)


def _present(_value: str, _exact: Exact) -> Test:
    return lambda _found, _record: True


OPERATORS = {
    "": Operator(_present),
    "!": Operator(_present, negated=True),
    "=": Operator(_equal),
    "!=": Operator(_equal, negated=True),
    "<": Operator(partial(_ordered, operator.lt)),
    "<=": Operator(partial(_ordered, operator.le)),
    ">": Operator(partial(_ordered, operator.gt)),
    ">=": Operator(partial(_ordered, operator.ge)),
    "~": Operator(_search),
    "!~": Operator(_search, negated=True),
    "@": Operator(_same_object),
}
"""By their signs; ``""`` is FIELD alone (present and not null), ``"!"`` is ``!FIELD``."""
