"""The values that flow from layer to layer: blocks of bytes, records, findings."""

from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

from canvas_events_cli.parse import LOOKS_LIKE_HTML, explain
from canvas_events_cli.parse import Json as Json

Details = tuple[tuple[str, str], ...]  # names and values
FindingKind = Literal["malformed", "envelope", "body"]

MALFORMED = "(malformed)"
"""What stands in the place of an event name for what could not be read."""
NO_NAME = "(none)"
"""How an event without a usable name, or a value that cannot be tallied, is counted."""
AROUND_JSON = BOM_UTF8 + b" \t\r\n"
"""Bytes that may stand before and after a JSON text: white space, and a byte order mark."""


class Wrapping(NamedTuple):
    """What an event arrived in: a queue's message, a notification, a row, a signed token."""

    kind: str
    """What the wrappers were, outermost first, such as ``SQS message > SNS notification``."""
    raw: bytes
    """The enclosing record's own bytes."""
    tell: Callable[[], Details] = tuple
    """Tells the details, once somebody asks: most are never shown."""
    envelope: dict[str, Json] | None = None
    """The Caliper envelope, its list emptied, with the first event in it: what is wrong with it is told once."""
    unverified: bool = False
    """Whether a signed token is among the wrappers whose signature nobody has checked, for want of keys."""

    @property
    def details(self) -> Details:
        """Names and values worth showing: message id, sent time, message attributes."""
        return self.tell()

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel with what there is to tell."""
        return Wrapping, self._replace(tell=partial(tuple, self.details))[:]

    def __eq__(self, other: object) -> bool:
        """Compare what there is to tell, not who tells it."""
        if not isinstance(other, Wrapping):
            return NotImplemented
        return self.details == other.details and self[:2] + self[3:] == other[:2] + other[3:]


class Record(NamedTuple):
    """One value of the input, parsed; a named tuple, since to create a frozen dataclass costs three times as much."""

    line: int
    """1-based number of the line where the value starts in its source."""
    raw: bytes
    """The value's own bytes; for a value alone on its line the whole line, without its line feed."""
    value: Json
    own_line: bool
    """Whether ``raw`` is a line of the input by itself (else part of an array, or of several lines)."""
    wrapping: Wrapping | None = None
    """What the event was taken out of; ``raw`` is then its own JSON text, ``line`` that of the enclosing record."""

    @property
    def unverified(self) -> bool:
        """Whether it was in a signed token that nobody has checked."""
        return self.wrapping is not None and self.wrapping.unverified

    @property
    def event(self) -> dict[str, Any]:
        """The value as the object that an event is. Raises TypeError where it is none, which is not valid."""
        if not isinstance(self.value, dict):
            raise TypeError(f"line {self.line} holds no object, and so no event")
        return self.value

    @property
    def json(self) -> bytes:
        """``raw`` as JSON text: of a signed token on a line by itself, which is none, the string that it is."""
        bare = self.raw.lstrip(AROUND_JSON)
        # No JSON value begins with this letter, and all of a token's can stand in a string.
        return b'"%b"' % bare.rstrip(AROUND_JSON) if bare.startswith(b"e") else self.raw


class Malformed(NamedTuple):
    """Input that is not a JSON value; a record as far as counting goes."""

    line: int
    raw: bytes
    told: str = ""
    """What is wrong with it, where that is not for the parser to say."""
    context: bytes = b""
    """What the parser is asked about, where that is more than ``raw``."""
    in_array: bool = False

    @property
    def message(self) -> str:
        """What the parser met, and where, without text of the event. Worded when wanted: of millions few are shown."""
        if self.told:
            return self.told
        message = explain(self.context or self.raw, self.line)
        return f"{message} of this element" if self.in_array else message

    @property
    def is_web_page(self) -> bool:
        """Whether a web page begins here in place of events."""
        return self.line == 1 and self.raw.lstrip().startswith(b"<") and self.message == LOOKS_LIKE_HTML


class Overflow(NamedTuple):
    """Further bytes of the :class:`Malformed` before it, which was too long to hold; not counted again."""

    raw: bytes


Framed = Record | Malformed | Overflow


class WrapperFault(NamedTuple):
    """A wrapper without an event in it, or a signed one that does not prove itself: one invalid event."""

    line: int
    """Where the enclosing record starts."""
    raw: bytes
    """The enclosing record's own bytes."""
    keyword: Literal["wrapper", "signature"]
    message: str
    """Which wrapper, where in the record, and what was met instead; holds no value of it."""


Unwrapped = Record | WrapperFault


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which one record breaks the contract."""

    source: str
    line: int
    event_name: str | None
    kind: FindingKind
    keyword: str
    """The JSON Schema keyword, ``json`` for malformed input, ``undocumented`` for what ``--strict`` adds."""
    pointer: str
    """RFC 6901, from the event's root; for a missing property, where it should be."""
    message: str

    @property
    def shown_name(self) -> str:
        """The event name as it is shown: in parentheses where there is none."""
        return MALFORMED if self.kind == "malformed" else self.event_name or NO_NAME

    def to_dict(self) -> dict[str, str | int | None]:
        """Return it as ``validate -o jsonl`` prints it."""
        return {name: getattr(self, name) for name in self.__slots__}
