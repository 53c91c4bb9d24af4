"""The texts of events out of wrappers that repeat: what the table of shapes says of one, it says of all alike.

Which wrapper of the table an object is depends on the names of its members, and on little else. So the table is asked
once for each set of names. What comes out is not looked at: whoever reads it finds an event in it, or asks the plain
way of it.
"""

from collections.abc import Callable
from functools import partial
from operator import eq, is_
from typing import TypeVar

from canvas_events_cli.defaults import DEFAULT_MAX_RECORD_BYTES
from canvas_events_cli.json_text import elements, text_at, texts_decoder, without_members
from canvas_events_cli.model import Json
from canvas_events_cli.parse import loads
from canvas_events_cli.pointers import ABSENT, KeyPath, resolve
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.signed_tokens import TOKEN_BEGINNINGS
from canvas_events_cli.wrappers.encodings import (
    REGISTERED,
    Budget,
    Token,
    Undecodable,
    decode_base64,
    layer_of,
    read_token,
)
from canvas_events_cli.wrappers.fast.alike import Ask
from canvas_events_cli.wrappers.fast.contents import Content, Kind, Names, Way, kind_of_event
from canvas_events_cli.wrappers.recognition import (
    LISTED,
    TELLING,
    Object,
    Recognised,
    holds_event,
    is_known,
    lists_of,
    may_hold_event,
    recognise,
    shape_of,
)
from canvas_events_cli.wrappers.shapes import ROW, SHAPES, as_event

DEEPEST_READ = 16
"""From a record to an event, with the names of what it is in; what is deeper is for the plain way."""
MOST_LOOKS = 8
"""How often the plain way decompresses the same text at most: each time it looks into what holds it, no deeper."""
_MOST_REMEMBERED, _MOST_LETTERS = 500, 4096
"""How many sets of names, or ways to texts, are known, and how long each is at most: hostile ones are many."""
TELLING_BYTES = 9
"""So many bytes of a text tell it from those of other kinds, mostly: a bracket and the beginning of the first name."""


Key = TypeVar("Key")
Value = TypeVar("Value")
Text = Callable[[], bytes]


def may_hold(value: Json) -> bool:
    """Tell whether *value* may be, or hold, an event or a wrapper."""
    if type(value) is dict:
        return not TELLING.isdisjoint(value) or any(map(may_hold, value.values()))
    return any(map(may_hold, value)) if type(value) is list else may_hold_event(value)


def _is_there(value: Json) -> bool:
    """Tell whether *value*, at one of several places, is or holds an event or a wrapper, as the plain way says."""
    return is_known(value, "", Budget(0, DEFAULT_MAX_RECORD_BYTES), 1)


def _is_token(value: Json) -> bool:
    return type(value) is str and read_token(value.encode()) is not None


def _leads_on(path: KeyPath, member: object) -> bool:
    return resolve(member, path, ABSENT) is not ABSENT


# Beside names, what is asked of the members that have one of these: what they are, or what there is in them.
_MARKS = {mark for shape in SHAPES for mark in shape.marks if mark[1]}
_QUESTIONS: tuple[Ask, ...] = (
    *((name, type) for name in (*ENVELOPES, "body", "data")),
    *((name, partial(eq, wanted)) for name, wanted in _MARKS),
    *((shape.base64_flag, partial(is_, True)) for shape in SHAPES if shape.base64_flag),
    *((path[0], partial(_leads_on, path[1:])) for shape in SHAPES for path in shape.content if len(path) > 1),
    # Among several places one is chosen by what is there.
    *((path[0], _is_token) for shape in SHAPES if shape.token for path in shape.content),
    *((path[0], _is_there) for shape in SHAPES if len(shape.content) > 1 and not shape.token for path in shape.content),
)
_TOKEN_HOLDERS = frozenset(path[0] for shape in SHAPES if shape.token for path in shape.content)


class Odd(Exception):
    """A wrapper is for the plain way."""


class Repeated:
    """Finds what stands in wrappers where events should, and remembers how."""

    def __init__(self, most_bytes: int, *, trusts: bool) -> None:
        """*trusts* says that signed tokens are read without a look at who signed them."""
        self._most_bytes = most_bytes
        self._trusts = trusts
        self._steps: dict[Names, tuple[list[Ask], dict[tuple[object, ...], Kind | Recognised | None]]] = {}
        """By names, what to ask besides; and by the answers, what has such names."""
        self.leads_to: dict[tuple[KeyPath, bytes], Kind] = {}
        """By the last step, and its beginning, what a text was that has been looked at: most others are that, too."""
        self._budget = Budget(0, 0)
        self._found: list[Content] = []

    def contents(self, text: bytes, value: Json = None) -> list[Content]:
        """Return what is in *text*, a record: a wrapper, an event or a signed token. Raises Odd.

        *value* is what it says, if that is known.
        """
        self._budget, self._found = Budget(0, self._most_bytes // MOST_LOOKS), []
        try:
            if text.startswith(b"{"):
                self._in_json(text, (), (), (), (), value)
            elif text.startswith(TOKEN_BEGINNINGS):
                if b"." not in text:  # base64 by itself is malformed
                    raise Odd
                self._in_text(text, (), (), ())
            elif holds_event(quoted := loads(text), self._budget):
                self._in_text(quoted.encode(), (), (), ())
            else:
                raise Odd
        except (ValueError, RecursionError, Undecodable) as error:  # also of both parsers
            raise Odd from error
        return self._found

    def asked(self, value: Object, listed: str) -> list[Ask]:
        """Return what was asked of *value*, an element of a list named *listed*, for a step from it. Raises Odd."""
        known = self._steps.get((listed, *value))
        if known is None:
            raise Odd
        return known[0]

    def _into(
        self, value: Json, listed: str, text: Text, way: Way, wrappers: Names, key: tuple[KeyPath, bytes] | None = None
    ) -> None:
        """Find what is in the event or wrapper *value*, an element of a list named *listed*, to which *way* leads.

        What begins in the same way is known by *key* from then on, if it is an event.
        """
        step = self.step(value, listed)
        if isinstance(step, Kind) and key is not None:
            _remember(self.leads_to, key, step, key[0])
        if isinstance(step, Kind):
            self._found.append(Content(one_line(text()), way, wrappers, step))
        elif not isinstance(value, dict) or len(way) > DEEPEST_READ:
            raise Odd
        elif step is not None:
            self._in_wrapper(value, step, text, way, wrappers)
        elif not self._in_lists(value, text, way, wrappers):
            # In a row: other columns hold nothing. What makes it one, in a row again, is no object.
            columns = [name for name, column in value.items() if may_hold(column)]
            if len(columns) > 1:
                columns = [name for name in columns if self._is_known(value[name], "")]
            if len(columns) != 1 or (ROW.name in wrappers and type(value[columns[0]]) is not str):
                raise Odd
            self._in_wrapper(value, Recognised(ROW, ((columns[0],),)), text, way, wrappers)

    def _in_wrapper(self, value: Object, found: Recognised, text: Text, way: Way, wrappers: Names) -> None:
        path = found.paths[0]
        here = value[path[0]] if len(path) == 1 else resolve(value, path)
        wrappers = (*wrappers, found.shape.name) if found.shape.name else wrappers
        if type(here) is str:
            self._in_string(here, found, way, wrappers)
        elif type(here) is list and here:
            self._in_list(here, path[0], lambda: text_at(text(), path), (way, 0), wrappers)
        else:
            self._into(here, "", lambda: text_at(text(), path), (*way, 0), wrappers)

    def _in_string(self, here: str, found: Recognised, way: Way, wrappers: Names) -> None:
        content = here.encode()
        if found.base64 and found.is_in_base64(here):
            content = decode_base64(content) or b""  # which is odd
        if found.shape.token and (b"." not in content or not content.startswith(TOKEN_BEGINNINGS)):
            raise Odd
        self._in_text(content, found.paths[0], (*way, 0), wrappers)

    def _in_lists(self, value: Object, text: Text, way: Way, wrappers: Names) -> bool:
        """Find what is in the lists of *value*; tell whether there is one. Raises Odd for what may be one."""
        number = 0
        for path, items in lists_of(value):
            if items and self._is_known(items[0], path[0]):
                self._in_list(
                    items, path[0], partial(lambda path: text_at(text(), path), path), (way, number), wrappers
                )
                number += len(items)
            elif any(map(may_hold, items)) or (not items and path[0] in LISTED):
                raise Odd
        return number > 0

    def _in_list(self, items: list[Json], listed: str, text: Text, start: tuple[Way, int], wrappers: Names) -> None:
        """Find what is in *items*, to the first of which *start* leads: a way, and the number of the spot there."""
        texts: list[bytes] = []

        def text_of(at: int) -> bytes:
            texts.extend([] if texts else elements(text()))
            return texts[at]

        way, number = start
        for at, item in enumerate(items):
            if type(item) is str:
                self._in_text(item.encode(), (listed,), (*way, number + at), wrappers)
            else:
                self._into(item, listed, partial(text_of, at), (*way, number + at), wrappers)

    def _in_text(self, content: bytes, path: KeyPath, way: Way, wrappers: Names) -> None:
        """Find what is in *content*, in whatever encoding, to which *path* has led."""
        if self._is_as_before(content, path, way, wrappers):
            return
        content, names, is_claims = self.plain_text(content, self._budget)
        wrappers = (*wrappers, *names)
        # What begins with blanks or a byte order mark makes a wrapper of a row, or does not, by what these are.
        if len(way) + len(wrappers) > DEEPEST_READ or not content.startswith((b"{", b"[")):
            raise Odd
        if is_claims:
            self._found.append(Content(one_line(content), way, wrappers, Kind.CLAIMS))
        else:
            self._in_json(content, path, way, (*way, 0), wrappers)

    def plain_text(self, content: bytes, budget: Budget) -> tuple[bytes, Names, bool]:
        """Return *content* out of what encodings it is in, their names, and whether it is a token's claims. Raises Odd.

        Those are less what speaks of the token.
        """
        names: Names = ()
        while not content.startswith(b"{") and (layer := layer_of(content, budget)):
            encoding, inside = layer
            names = (*names, encoding.name)
            if isinstance(inside, Token):
                if not self._trusts or inside.claims is None:
                    raise Odd
                return _event_in_claims(inside.claims), names, True
            if len(names) > DEEPEST_READ:
                raise Odd
            content = inside
        return content, names, False

    def _in_json(self, text: bytes, path: KeyPath, way: Way, inner: Way, wrappers: Names, value: Json = None) -> None:
        """Find what is in *text*, to which *way* leads, and to the one value in it *inner*; that is known, or None."""
        if self._is_as_before(text, path, way, wrappers):
            return
        if value is None:
            value = loads(text)
        if type(value) is list and value:
            self._in_list(value, "", lambda: text, (way, 0), wrappers)
            return
        self._into(value, "", lambda: text, inner, wrappers, (path, text[:TELLING_BYTES]))

    def _is_as_before(self, text: bytes, path: KeyPath, way: Way, wrappers: Names) -> bool:
        """Find *text*, to which *path* and *way* have led, where it begins as one that has been looked at."""
        kind = self.leads_to.get((path, text[:TELLING_BYTES]))
        if kind is None:
            return False
        self._found.append(Content(one_line(text), way, wrappers, kind))
        return True

    def _is_known(self, item: Json, listed: str) -> bool:
        """Tell whether *item*, of a list named *listed*, is or holds an event or a wrapper, as the plain way says."""
        if type(item) is dict:
            return self.step(item, listed) is not None or recognise(item, listed, self._budget, 1) is not None
        return type(item) is str and holds_event(item, self._budget)

    def step(self, value: Json, listed: str) -> Kind | Recognised | None:
        """Return what *value* is, or what the table says of it; None where it says nothing. Raises Odd."""
        if type(value) is not dict:
            raise Odd
        names = (listed, *value)
        known = self._steps.get(names)
        if known is None:
            known = [ask for ask in _QUESTIONS if ask[0] in value], {}
            _remember(self._steps, names, known, names)
        asked, steps = known
        answers = tuple([ask(value[name]) for name, ask in asked])
        try:
            step = steps[answers]
        except KeyError:
            step = steps[answers] = _step_anew(value, listed)
        if step is Kind.UNKNOWN:
            raise Odd
        return step


def _remember(known: dict[Key, Value], key: Key, value: Value, names: Names | KeyPath) -> None:
    """Have *known* hold *value*, whose key is made of *names*, where these are not too long."""
    if sum(map(len, names)) <= _MOST_LETTERS:
        if len(known) >= _MOST_REMEMBERED:
            known.clear()
        known[key] = value


def _step_anew(value: Object, listed: str) -> Kind | Recognised | None:
    kind = kind_of_event(value)
    if kind is not Kind.UNKNOWN or as_event(value) is not None:
        return kind
    found = shape_of(value, listed)
    if found is None:
        # Where there are tokens, these count.
        return None if _TOKEN_HOLDERS.isdisjoint(value) else Kind.UNKNOWN
    places = [path for path in found.paths if len(found.paths) == 1 or _is_there(resolve(value, path))]
    return found._replace(paths=(*places[:1],)) if places else Kind.UNKNOWN


def one_line(text: bytes) -> bytes:
    """Return the object *text* on one line. Raises Odd for what has not the brackets of one."""
    if not (text.startswith(b"{") and (text.endswith(b"}") or text.rstrip().endswith(b"}"))):
        raise Odd
    if b"\n" in text:
        loads(text)  # in a string there is none, so this is white space
        return text.replace(b"\n", b" ")
    return text


def _event_in_claims(claims: bytes) -> bytes:
    """Return the JSON text of what the *claims* are, less those that speak of the token. Raises Odd."""
    members = texts_decoder(dict)(claims)
    spoken = {name: members.pop(name) for name in REGISTERED if name in members}
    if not spoken:
        return claims
    event = b"{%b}" % b",".join([b'"%b":%b' % (name.encode(), text) for name, text in members.items()])
    if len(claims) == len(event) + sum(len(name) + len(bytes(text)) + 4 for name, text in spoken.items()):
        loads(b"[%b]" % b",".join(spoken.values()))  # of the event it is for its reader to find that it is no JSON
        return event
    loads(claims)  # with white space, escapes, or a key twice
    return without_members(claims, REGISTERED)
