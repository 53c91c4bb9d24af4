"""``FIELD OP VALUE``: how a condition is written, and what it means for a record."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.query.fields import CONNECTIVES, QUOTED, Field, find, mistake, parse_field, quoted
from canvas_events_cli.query.operators import OPERATORS, BadValue
from canvas_events_cli.wrappers import exact_event

_SYNONYMS = {"==": "="}
_FOREIGN = {"<>": "'not equal' is written !=", "=~": "a search for a regular expression is written ~"}
_SIGNS = "|".join(sorted(filter(str.strip, {*OPERATORS, *_SYNONYMS, *_FOREIGN} - {"!"}), key=len, reverse=True))
_FIRST_OPERATOR = re.compile(rf"{QUOTED}|({_SIGNS})", re.DOTALL)
# In a pointer ~0 and ~1 are escapes, and another ~ in it is a mistake: as an operator it has a space before it.
_FIRST_OPERATOR_AFTER_POINTER = re.compile(rf"{QUOTED}|(?<![\s!])~|({_SIGNS})", re.DOTALL)
_CONNECTIVE = re.compile(rf"{QUOTED}|(?<=\s)(and|or)(?=\s)|(&&|\|\|)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one field; picklable."""

    field: Field
    operator: str
    """A key of OPERATORS."""
    value: str = ""


def parse_condition(expression: str) -> Condition:
    r"""Return the condition that *expression* states: ``FIELD OP VALUE``, ``FIELD`` or ``!FIELD``.

    The first operator outside quotes counts, the longest that fits there. In a pointer ``~0`` and ``~1`` are escapes:
    ``/body/a~1b=c`` asks for the key ``a/b``, and the operator ``~`` has a space before it. VALUE may stand in double
    quotes, in which a backslash comes before a quote or another backslash, or in single quotes, in which nothing is
    special.

    Raises CeventsError, with a caret under the place, for what is no condition, or one of another language.
    """
    start = len(expression) - len(expression.lstrip())
    negated = re.compile("!(?![=~])").match(expression, start) is not None
    match = _find_operator(expression, start + negated)
    _refuse_connectives(expression, match.end() if match else len(expression))
    if match is not None and match[2] in _FOREIGN:
        raise mistake(expression, match.start(), _FOREIGN[match[2]])
    field = parse_field(expression, start + negated, match.start() if match else None)
    if match is None:
        return Condition(field, "!" if negated else "")
    operator = _SYNONYMS.get(match[2], match[2])
    if negated:
        what = f"!FIELD (absent or null) takes no operator: write FIELD {operator} VALUE, or its opposite"
        raise mistake(expression, match.start(), what)
    value, value_start = _value(expression, match.end())
    condition = Condition(field, operator, value)
    try:
        compile_condition(condition)
    except BadValue as error:
        raise mistake(expression, value_start + error.at, error.what) from error
    return condition


def compile_condition(condition: Condition) -> Callable[[object, Record], bool]:
    """Return the test that *condition* is for its field's value, None where that is absent, in a record.

    The record matters only for values that are no text. Raises BadValue for a VALUE that the operator cannot use.
    """
    field, row = condition.field, OPERATORS[condition.operator]
    negated = row.negated
    test = row.compile(condition.value, lambda record: find(field, exact_event(record)))
    return lambda found, record: negated if found is None else test(found, record) is not negated


def _find_operator(expression: str, start: int) -> re.Match[str] | None:
    start += len(expression[start:]) - len(expression[start:].lstrip())
    pattern = _FIRST_OPERATOR_AFTER_POINTER if expression.startswith("/", start) else _FIRST_OPERATOR
    return next((match for match in pattern.finditer(expression, start) if match[2]), None)


def _refuse_connectives(expression: str, value_start: int) -> None:
    """Raise CeventsError where *expression* is more than one condition; VALUE, if there is one, begins there."""
    value = expression[value_start:].lstrip()
    in_quotes = range(0)
    if value.startswith("'"):
        in_quotes = range(len(expression) - len(value), len(expression) - len(value) + value.find("'", 1) + 1)
    for match in _CONNECTIVE.finditer(expression):
        word = match[2] or match[3]
        if word and match.start() not in in_quotes and _reads_as_condition(expression, match.end()):
            raise mistake(expression, match.start(), CONNECTIVES[word.lower()])


def _reads_as_condition(expression: str, start: int) -> bool:
    """Tell whether FIELD and OP stand at *start*."""
    match = _find_operator(expression, start)
    try:
        return match is not None and parse_field(expression, start, match.start()) is not None
    except CeventsError:
        return False


def _value(expression: str, start: int) -> tuple[str, int]:
    """Return the VALUE that begins after *start*, and the index where its text begins."""
    written = expression[start:].strip()
    start += len(expression[start:]) - len(expression[start:].lstrip())
    if not written:
        raise mistake(expression, start, 'a VALUE is missing here; the empty text is written ""')
    if written[0] == '"':
        value, after = quoted(expression, start)
        if rest := expression[after:].strip():
            at = after + expression[after:].index(rest)
            raise mistake(expression, at, "text after the closing quote: a quote inside takes a backslash")
        return value, start + 1
    if written[0] == written[-1] == "'" and len(written) > 1:
        return written[1:-1], start + 1
    return written, start
