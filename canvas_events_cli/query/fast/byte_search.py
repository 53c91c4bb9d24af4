"""Passing over records by their bytes, without parsing them, where what is wanted leaves traces that must be there.

``body.status=failed`` can hold only in a record with ``"status"`` and ``"failed"`` in its bytes, unless one of their
characters is written as an escape. Each such trace is a :class:`Clause`. Where nothing is certain (negations, orders,
numbers in arrays) there is no clause, and the record is looked at.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from canvas_events_cli.canvas_ids import LOCAL_DIGITS, canvas_id, local_id
from canvas_events_cli.exact_json import read_number
from canvas_events_cli.pointers import is_index
from canvas_events_cli.query.expressions import Condition
from canvas_events_cli.query.fast import literals
from canvas_events_cli.query.fields import ROOTS, Field
from canvas_events_cli.query.operators import OPERATORS, WORDS, json_container
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.same_event import ENVELOPES

_SPACE = r"[ \t\r\n]*+"
_LONGEST_INTEGER = 40


@dataclass(frozen=True, slots=True)
class Clause:
    """One trace: each record that is wanted holds one of the texts, or the pattern, or hides them in escapes."""

    texts: tuple[bytes, ...]
    pattern: re.Pattern[bytes] | None = None
    """The field written as a number, array or object, which need not hold the texts."""
    of_key: bool = False
    """Whether the trace is a key alone, which many events have."""
    around: re.Pattern[bytes] | None = None
    """Each text with what may be around it."""

    @property
    def commonness(self) -> tuple[bool, int]:
        """A key to sort by: clauses that fewer events satisfy come first."""
        return self.of_key, -min(map(len, self.texts))

    def is_in(self, raw: bytes) -> bool:
        """Tell whether *raw* holds one of the texts or the pattern."""
        for text in self.texts:
            if text in raw:
                return self.around is None or self.around.search(raw) is not None
        return self.pattern is not None and self.pattern.search(raw) is not None


@dataclass(frozen=True, slots=True)
class ByteSearch:
    """The traces of a :class:`Selection`. Not picklable: compile it where it is used."""

    clauses: tuple[Clause, ...]
    sure_text: bytes | None
    """One that each record holds that is wanted and hides nothing in escapes: the rarest known, where there is one."""
    besides: tuple[Clause, ...]
    """The other clauses, without those of keys."""
    escapes: re.Pattern[bytes]
    """Finds what may hide a text or a pattern."""

    def may_hide(self, raw: bytes) -> bool:
        """Tell whether escapes in *raw* can stand for a part of a text or a pattern."""
        # The single byte is found much faster than the escapes, and most records have none.
        return b"\\" in raw and self.escapes.search(raw) is not None

    def may_match(self, raw: bytes, *, holds_sure_text: bool = False) -> bool:
        """Tell whether *raw*, a record or any number of them, can hold an event that is wanted.

        *raw* must be the JSON text of the event itself, not of a wrapper that holds it as a string.
        """
        for clause in self.besides if holds_sure_text else self.clauses:
            if not clause.is_in(raw):
                return self.may_hide(raw)
        return True


def compile_search(selection: Selection) -> ByteSearch | None:
    """Return the byte search that passes over only what *selection* cannot want; None where it cannot pass any."""
    clauses = sorted(_clauses(selection), key=lambda clause: clause.commonness)
    if not clauses:
        return None
    written = b"".join(text for clause in clauses for text in clause.texts)
    written += b"".join(clause.pattern.pattern for clause in clauses if clause.pattern)
    # The quotes around a string are never escapes. An envelope that comes again, in an escaped spelling, is the one
    # that counts: what looks like an event may be a wrapper.
    characters = {*written.decode(errors="surrogatepass"), *"".join(ENVELOPES)} - {'"'}
    sure = next((clause for clause in clauses if len(clause.texts) == 1 and not clause.pattern), None)
    besides = tuple(clause for clause in clauses if (clause is not sure or clause.around) and not clause.of_key)
    escapes = re.compile(literals.escapes(characters).encode())
    return ByteSearch(tuple(clauses), sure.texts[0] if sure else None, besides, escapes)


def _clauses(selection: Selection) -> list[Clause]:
    if selection.invert:
        return []
    names = [literals.of_glob(glob) for glob in selection.event_globs]
    # The name of a Caliper event is made of two texts: what has the slash between them leaves no trace.
    certain = names and '"' not in names and not any("/" in name for name in names)
    clauses = [_clause(names)] if certain else []
    alternatives = [_condition_clauses(condition) for condition in selection.where]
    alternatives += [[_object_clause(about.identifier)] for about in selection.about]
    if not selection.any_where:
        return clauses + [clause for each in alternatives for clause in each]
    if not alternatives or not all(alternatives):
        return clauses
    rarest = [min(each, key=lambda clause: clause.commonness) for each in alternatives]
    pattern = b"|".join(clause.pattern.pattern for clause in rarest if clause.pattern)
    texts = tuple(text for clause in rarest for text in clause.texts)
    return [*clauses, Clause(texts, re.compile(pattern) if pattern else None)]


def _clause(texts: Iterable[str], pattern: str = "", *, of_key: bool = False) -> Clause:
    # An option can hold bytes that are no UTF-8; no event does, so any encoding of these will do.
    encoded = (text.encode(errors="surrogatepass") for text in dict.fromkeys(texts))
    return Clause(tuple(encoded), re.compile(pattern.encode()) if pattern else None, of_key)


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
    return _clause(texts, of_key=True) if len(texts) == len(keys) else None


def _field_written_as(field: Field, pattern: str) -> str:
    """Return a pattern for *field*'s key and, after it, *pattern*; an empty one where no one key is before it."""
    key, *others = {path[-1] for path in field.paths}
    if others or key in ROOTS or is_index(key) or not literals.is_plain(key):
        return ""
    return f'"{re.escape(key)}"{_SPACE}:{_SPACE}(?:{pattern})'


def _equal_clause(condition: Condition) -> Clause | None:
    value = condition.value
    if value in WORDS:
        return _clause([value])
    if json_container(value) is not None:
        return None
    string = literals.of_string(value)
    number = read_number(value)
    if number is None:
        return _clause([string])
    # What may equal it as a JSON number: an integer's digits, or anything with a point or an exponent.
    inexact = r"[0-9]++[.eE]"
    if number.adjusted() >= _LONGEST_INTEGER:
        inexact = "[0-9]"
    elif number == number.to_integral_value():
        inexact = f"(?:{abs(int(number))}(?![0-9])|{inexact})"
    pattern = _field_written_as(condition.field, f"-?{inexact}")
    return _clause([string], pattern) if pattern else None


def _search_clause(condition: Condition) -> Clause | None:
    text = literals.of_regex(condition.value)
    # The text of an array or object is not the one that it has in the record.
    pattern = _field_written_as(condition.field, r"[\[{]")
    return _clause([text], pattern) if text and pattern else None


def _object_clause(identifier: str) -> Clause:
    """Return the clause of the local id: every way to write it, and every global id that it may stand for, ends so.

    What is not Canvas' own id can be written in one way only. Before digits that a shard's number may stand before are
    zeros or a sign, maybe as an escape; after them no letter.
    """
    digits = canvas_id(identifier)
    clause = _clause([identifier if digits is None else local_id(digits)])
    if digits is None or len(clause.texts[0]) == LOCAL_DIGITS:
        return clause
    around = rb"%b(?:(?<![1-9A-Za-z]%b)|(?<=%%7[eE]%b)|(?<=%%2[cC]%b)|(?<=\\u[0-9a-fA-F]{4}%b))(?![0-9A-Za-z])"
    return replace(clause, around=re.compile(around % (clause.texts * 5)))


_VALUE_CLAUSES: dict[str, Callable[[Condition], Clause | None]] = {
    "=": _equal_clause,
    "~": _search_clause,
    "@": lambda condition: _object_clause(condition.value),
}
