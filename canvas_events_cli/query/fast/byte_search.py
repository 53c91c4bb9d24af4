"""Passing over records by their bytes, without parsing them, where what is wanted leaves traces that must be there.

``body.status=failed`` can hold only in a record with ``"status"`` and ``"failed"`` in its bytes, unless one of their
characters is written as an escape. Each such trace is a :class:`Clause`. Where nothing is certain (negations, orders,
numbers in arrays) there is no clause, and the record is looked at.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from canvas_events_cli.canvas_ids import canvas_id, local_id
from canvas_events_cli.exact_json import read_number
from canvas_events_cli.pointers import is_index
from canvas_events_cli.query import literals
from canvas_events_cli.query.expressions import Condition
from canvas_events_cli.query.fields import ROOTS, Field
from canvas_events_cli.query.operators import OPERATORS, WORDS, json_container
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.same_event import ENVELOPES

_SPACE = r"[ \t\r\n]*+"
_LONGEST_INTEGER = 40


@dataclass(frozen=True, slots=True)
class Clause:
    """One trace: each record that is wanted holds one of the texts, or the pattern, or hides them in escapes."""

    texts: tuple[str, ...]
    pattern: str = ""
    """A regular expression for the field written as a number, array or object, which need not hold the texts."""
    characters: str = ""
    """Those of the pattern that an event could write as escapes."""
    of_key: bool = False
    """Whether the trace is a key alone, which many events have."""


@dataclass(frozen=True, slots=True)
class ByteSearch:
    """The traces of a :class:`Selection`, compiled. Not picklable: compile it where it is used."""

    clauses: tuple[tuple[tuple[bytes, ...], re.Pattern[bytes] | None], ...]
    """Of each clause the texts, and its pattern."""
    sure_text: bytes | None
    """One that each record holds that is wanted and hides nothing in escapes: the rarest known, where there is one."""
    others: tuple[bytes, ...]
    """The other such texts, those that many events have aside."""
    escapes: re.Pattern[bytes]
    """Finds what may hide a text or a pattern."""

    def may_hide(self, raw: bytes) -> bool:
        """Tell whether escapes in *raw* can stand for a part of a text or a pattern."""
        # The single byte is found much faster than the escapes, and most records have none.
        return b"\\" in raw and self.escapes.search(raw) is not None

    def may_match_besides(self, raw: bytes) -> bool:
        """Tell whether *raw*, which holds the sure text and hides nothing, can be of an event that is wanted."""
        return not self.others or all(text in raw for text in self.others)

    def may_match(self, raw: bytes) -> bool:
        """Tell whether *raw*, a record or any number of them, can hold an event that is wanted.

        *raw* must be the JSON text of the event itself, not of a wrapper that holds it as a string.
        """
        for texts, pattern in self.clauses:
            for text in texts:
                if text in raw:
                    break
            else:
                if pattern is None or pattern.search(raw) is None:
                    return self.may_hide(raw)
        return True


def compile_search(selection: Selection) -> ByteSearch | None:
    """Return the byte search that passes over only what *selection* cannot want; None where it cannot pass any."""
    clauses = sorted(_clauses(selection), key=_commonness)
    if not clauses:
        return None
    # The quotes around a string are never escapes. An envelope that comes again, in an escaped spelling, is the one
    # that counts: what looks like an event may be a wrapper.
    characters = {char for clause in clauses for char in "".join(clause.texts) + clause.characters} - {'"'}
    characters.update(*ENVELOPES)
    sure = [clause for clause in clauses if len(clause.texts) == 1 and not clause.pattern]
    return ByteSearch(
        tuple(map(_compile, clauses)),
        _bytes_of(sure[0].texts[0]) if sure else None,
        tuple(_bytes_of(clause.texts[0]) for clause in sure[1:] if not clause.of_key),
        re.compile(literals.escapes(characters).encode()),
    )


def _compile(clause: Clause) -> tuple[tuple[bytes, ...], re.Pattern[bytes] | None]:
    return tuple(map(_bytes_of, clause.texts)), re.compile(clause.pattern.encode()) if clause.pattern else None


def _bytes_of(text: str) -> bytes:
    # An option can hold bytes that are no UTF-8; no event does, so any encoding of these will do.
    return text.encode(errors="surrogatepass")


def _clauses(selection: Selection) -> list[Clause]:
    if selection.invert:
        return []
    names = [literals.of_glob(glob) for glob in selection.event_globs]
    # The name of a Caliper event is made of two texts: what has the slash between them leaves no trace.
    certain = names and '"' not in names and not any("/" in name for name in names)
    clauses = [Clause(tuple(names))] if certain else []
    conditions = [_condition_clauses(condition) for condition in selection.where]
    conditions += [[_object_clause(about.identifier)] for about in selection.about]
    if not selection.any_where:
        return clauses + [clause for each in conditions for clause in each]
    return clauses + _either(conditions)


def _either(alternatives: list[list[Clause]]) -> list[Clause]:
    """Return what holds where the clauses of one of *alternatives* do: at most one clause."""
    if not alternatives or not all(alternatives):
        return []
    best = [min(clauses, key=_commonness) for clauses in alternatives]
    return [
        Clause(
            tuple(dict.fromkeys(text for clause in best for text in clause.texts)),
            "|".join(clause.pattern for clause in best if clause.pattern),
            "".join(clause.characters for clause in best),
        )
    ]


def _commonness(clause: Clause) -> tuple[bool, int]:
    """Return a key to sort by: clauses that fewer events satisfy come first."""
    return clause.of_key, -min(map(len, clause.texts))


def _condition_clauses(condition: Condition) -> list[Clause]:
    if OPERATORS[condition.operator].negated:
        return []
    value_clause = _VALUE_CLAUSES.get(condition.operator)
    clauses = [_key_clause(condition.field), value_clause(condition) if value_clause else None]
    return [clause for clause in clauses if clause is not None]


def _key_clause(field: Field) -> Clause | None:
    """Return the clause that the last key on the way to *field* must be there; an index leaves no trace."""
    if any(path[-1] in ROOTS for path in field.paths):
        return None
    keys = [next((key for key in reversed(path) if not is_index(key)), None) for path in field.paths]
    texts = [literals.of_string(key) for key in keys if key is not None]
    return Clause(tuple(dict.fromkeys(texts)), of_key=True) if len(texts) == len(keys) else None


def _field_written_as(field: Field, pattern: str) -> tuple[str, str] | None:
    """Return a pattern for *field*'s key and, after it, *pattern*; and the key. None where no one key is before it."""
    keys = {path[-1] for path in field.paths}
    key = keys.pop()
    if keys or key in ROOTS or is_index(key) or not literals.is_plain(key):
        return None
    return f'"{re.escape(key)}"{_SPACE}:{_SPACE}(?:{pattern})', key


def _equal_clause(condition: Condition) -> Clause | None:
    value = condition.value
    if value in WORDS:
        return Clause((value,))
    if json_container(value) is not None:
        return None
    number = read_number(value)
    string = literals.of_string(value)
    if number is None:
        return Clause((string,))
    written = _field_written_as(condition.field, _number_pattern(number))
    return Clause((string,), *written) if written else None


def _number_pattern(number: Decimal) -> str:
    """Return a pattern for the JSON numbers that may equal *number*: an integer's digits, or a point or exponent."""
    other = r"[0-9]++[.eE]"
    if number.adjusted() >= _LONGEST_INTEGER:
        return "-?[0-9]"
    if number != number.to_integral_value():
        return f"-?{other}"
    return f"-?(?:{abs(int(number))}(?![0-9])|{other})"


def _search_clause(condition: Condition) -> Clause | None:
    text = literals.of_regex(condition.value)
    # The text of an array or object is not the one that it has in the record.
    written = _field_written_as(condition.field, r"[\[{]")
    return Clause((text,), *written) if text and written else None


def _same_object_clause(condition: Condition) -> Clause:
    return _object_clause(condition.value)


def _object_clause(identifier: str) -> Clause:
    """Return the clause of the local id: every way to write it, and every global id that it may stand for, ends so.

    What is not Canvas' own id can be written in one way only.
    """
    digits = canvas_id(identifier)
    return Clause((identifier if digits is None else local_id(digits),))


_VALUE_CLAUSES: dict[str, Callable[[Condition], Clause | None]] = {
    "=": _equal_clause,
    "~": _search_clause,
    "@": _same_object_clause,
}
