"""What is in many wrappers that are alike, at one place of them all: a column of texts.

Each step reads a whole column: out of wrappers, whose content may be wrappers again, until it is what is read as it is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from operator import methodcaller
from typing import NamedTuple

from canvas_events_cli.framing.fast.batches import texts_of
from canvas_events_cli.model import Json
from canvas_events_cli.parse import loads
from canvas_events_cli.pointers import resolve
from canvas_events_cli.wrappers.encodings import BEGINNINGS, Budget, Undecodable, layer_of
from canvas_events_cli.wrappers.fast.alike import Alike, Place, like_wrapper
from canvas_events_cli.wrappers.fast.contents import Content, Kind, Names, Way
from canvas_events_cli.wrappers.fast.repeated import (
    DEEPEST_READ,
    MOST_LOOKS,
    TELLING_BYTES,
    Odd,
    Repeated,
    may_hold,
    one_line,
)
from canvas_events_cli.wrappers.recognition import LISTED, Object, Recognised
from canvas_events_cli.wrappers.shapes import ROW

LEAST_BLOCK_BYTES, _MOST_OPENINGS, _MOST_TRIED = 32 * 1024, 16, 4
"""How long lines are, together, of which the first tells how to read others, which takes a while; of how many that
begin in different ways, and how often of those that begin in the same."""
_MOST_STEPS = 8
_MOST_DECOMPRESSED = 2 * 1024 * 1024
"""Bytes of all texts of a column together."""
_OPENING_BYTES = 14
_CLOSING = {ord("}")}
_FEED = methodcaller("__contains__", b"\n")
_TOKEN = ("signed token",)
_IS_TOLD = methodcaller("startswith", BEGINNINGS)
_MOST_SPELLINGS = 8
"""So many beginnings of texts in one column are looked at, each for itself."""


class Column(NamedTuple):
    """Texts of one kind that stand where events should."""

    block: bytes
    """The texts, each on a line."""
    numbers: Sequence[int]
    """Of the record that each is in."""
    kind: Kind
    content: Callable[[int], Content]
    """Returns the one with this index, and where it was found."""
    is_bare: bool = False
    """Whether there are records themselves among them."""


def column_of(found: Sequence[tuple[int, Content]]) -> Column:
    """Return what was *found* in records of these numbers, all of one kind."""
    numbers, contents = zip(*found, strict=True)
    block = b"\n".join([*(content.text for content in contents), b""])
    return Column(block, numbers, contents[0].kind, contents.__getitem__, any(content.is_bare for content in contents))


def _column_at(block: bytes, numbers: Sequence[int], ways: Sequence[Way], wrappers: Names, kind: Kind) -> Column:
    texts = cache(lambda: texts_of(block))
    is_bare = not wrappers and not ways[0]
    return Column(block, numbers, kind, lambda at: Content(texts()[at], ways[at], wrappers, kind), is_bare)


class Columns:
    """Finds what stands in wrappers that are alike, and remembers how to read these."""

    def __init__(self, repeated: Repeated, most_bytes: int) -> None:
        self._repeated = repeated
        self._most_bytes = most_bytes
        self._alike: list[Alike] = []
        self._tried = Counter[bytes]()

    def kind(self, text: bytes) -> Kind | None:
        """Return what *text* is; None for a wrapper. Raises Odd."""
        try:
            step = self._repeated.step(loads(text), "")
        except ValueError as error:
            raise Odd from error
        return step if isinstance(step, Kind) else None

    def column(self, block: bytes, count: int, *, uniform: bool, valid: bool) -> Column:
        """Return what is in so many lines of *block*.

        They begin in the same way if *uniform*, and are known to be JSON if *valid*. Raises Odd where they are not
        alike, or not JSON.
        """
        try:
            return self._column(block, count, uniform=uniform, valid=valid)
        except (ValueError, RecursionError, Undecodable) as error:  # also of both parsers
            raise Odd from error

    def _column(self, block: bytes, count: int, *, uniform: bool, valid: bool) -> Column:
        numbers: Sequence[int] = range(count)
        ways: Sequence[Way] = [()] * count
        into: Way = ()
        wrappers: Names = ()
        firsts = [block[: block.find(b"\n")]]
        if uniform and block.startswith(b"{"):
            is_claims = False
        else:
            block, firsts, wrappers, is_claims = self._plain_texts(texts_of(block), None)
            if wrappers and wrappers != _TOKEN:  # a text by itself
                raise Odd
        for _ in range(_MOST_STEPS):
            kinds = {Kind.CLAIMS} if is_claims else {*map(self.kind, firsts)}
            if len(kinds) > 1:
                break
            if (kind := kinds.pop()) is not None:
                return _column_at(block, numbers, ways, wrappers, kind)
            alike, contents, counts = self._read(block, firsts[0], len(numbers), wrappers, valid=valid)
            steps = (0,) * alike.place.steps
            if counts is None:
                ways = [(*way, *into, *steps) for way in ways]
            else:
                ways = [(*way, *into, at, *steps) for way, size in zip(ways, counts, strict=True) for at in range(size)]
                numbers = [number for number, size in zip(numbers, counts, strict=True) for _ in range(size)]
            if not alike.is_in_place:
                into, valid = (0,), False
            else:
                into = ()
            block, firsts, names, is_claims = self._plain_texts(contents, alike.place)
            wrappers = (*wrappers, *alike.place.wrappers, *names)
            if len(ways[0]) + len(wrappers) > DEEPEST_READ:
                break
        raise Odd

    def _read(
        self, block: bytes, first: bytes, count: int, wrappers: Names, *, valid: bool
    ) -> tuple[Alike, list[bytes], list[int] | None]:
        """Return what so many lines of *block* hold, how much each does if not one, and by what that was read."""
        # What makes a row of an object in a row is no object.
        fit = (alike for alike in self._alike if ROW.name not in wrappers or alike.place.wrappers[:1] != (ROW.name,))
        for alike in fit:
            if (found := alike.read(block, count, valid=valid)) is not None:
                return alike, *found
        opening = first[:_OPENING_BYTES]
        if len(block) < LEAST_BLOCK_BYTES or self._tried[opening] >= _MOST_TRIED or len(self._tried) >= _MOST_OPENINGS:
            raise Odd
        self._tried[opening] += 1
        self._alike.append(self._like(loads(first)))
        return self._read(block, first, count, wrappers, valid=valid)

    def _like(self, value: Json) -> Alike:
        """Return how to read wrappers like *value*, or lists of such. Raises Odd, ValueError."""
        step, listed = self._repeated.step(value, ""), None
        if step is None and isinstance(value, dict):
            names = [name for name, member in value.items() if isinstance(member, list | dict)]
            items = value[names[0]] if len(names) == 1 else None
            if isinstance(items, list) and items and not self._repeated.asked(value, ""):
                listed = names[0], value
                value, step = items[0], self._repeated.step(items[0], names[0])
        if not isinstance(value, dict):
            raise Odd
        place = self._place(value, step, listed[0] if listed else "")
        if listed and place.steps > 1:
            raise Odd  # an object in a row makes no list of rows
        return like_wrapper(value, place, listed)

    def _place(self, value: Object, step: Kind | Recognised | None, listed: str) -> Place:
        """Return where in *value*, an element of a list named *listed*, content is, where a *step* has led so far."""
        from msgspec import Raw

        asked = self._repeated.asked(value, listed)
        if isinstance(step, Kind):
            return Place((), 0, (), Raw, ())
        names: Names = ()
        if step is not None:
            if sum(path[0] in value for path in step.shape.content) > 1:
                raise Odd  # which of several places counts is told by what is there, in each wrapper
            content, names = resolve(value, step.paths[0]), (step.shape.name,) if step.shape.name else ()
            if isinstance(content, str):
                return Place(step.paths[0], 1, names, bytes if step.base64 else str, [asked])
            return Place(step.paths[0], 1, names, Raw, [asked])
        # In a row: other columns hold nothing, and no list is one that counts though it is empty.
        columns = [name for name, column in value.items() if may_hold(column)]
        if len(columns) != 1 or not LISTED.isdisjoint(value):
            raise Odd
        name, column = columns[0], value[columns[0]]
        asked = [*asked, *((other, may_hold) for other in value if other != name)]
        if isinstance(column, str):
            layer = layer_of(column.encode(), Budget(0, self._most_bytes))
            in_base64 = layer is not None and layer[0].name == "base64 text"
            names = (ROW.name, layer[0].name) if layer and in_base64 else (ROW.name,)
            return Place((name,), 1, names, bytes if in_base64 else str, [asked])
        if not isinstance(column, dict) or self._repeated.step(column, "") is not None:
            raise Odd
        inner = self._place(column, None, "")
        if len(inner.path) > 1:
            raise Odd
        return Place((name, *inner.path), 2, (ROW.name, *inner.wrappers), inner.form, [asked, *inner.asked])

    def _plain_texts(self, texts: list[bytes], place: Place | None) -> tuple[bytes, list[bytes], Names, bool]:
        """Return *texts*, of this *place*, out of what encodings they are in, on lines, some of them, and the names.

        That is one for each beginning. Also tells whether they are the claims of tokens. Raises Odd.
        """
        is_claims = False
        names: Names = ()
        if place and place.form is bytes and ROW.name in place.wrappers and not all(map(_IS_TOLD, texts)):
            raise Odd  # nothing else says that it is in base64
        if not texts[0].startswith(b"{"):
            budget = Budget(0, min(self._most_bytes // MOST_LOOKS, _MOST_DECOMPRESSED))
            read = [self._repeated.plain_text(text, budget) for text in texts]
            texts = [text for text, _, _ in read]
            ((names, is_claims),) = {(names, is_claims) for _, names, is_claims in read}
        if place and place.form is str and not place.wrappers and names != _TOKEN:
            raise Odd  # only a token is content there
        beginnings = {text[:TELLING_BYTES]: text for text in texts}
        if (
            len(beginnings) > _MOST_SPELLINGS
            or not all(text.startswith(b"{") for text in beginnings)
            or {text[-1] for text in texts} != _CLOSING
            or any(map(_FEED, texts))
        ):
            texts = [one_line(text) for text in texts]
            beginnings = {text[:TELLING_BYTES]: text for text in texts}
        return b"\n".join([*texts, b""]), [*beginnings.values()], names, is_claims
