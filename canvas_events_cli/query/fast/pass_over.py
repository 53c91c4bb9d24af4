"""Lines that cannot hold a wanted event are passed over by their bytes, never parsed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from itertools import chain, groupby
from typing import TYPE_CHECKING

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.pointers import is_index
from canvas_events_cli.query.fast import literals
from canvas_events_cli.query.fast.byte_search import ByteSearch
from canvas_events_cli.query.fields import Field
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.running.reading import Read
from canvas_events_cli.wrappers import may_hold_text

if TYPE_CHECKING:
    from canvas_events_cli.validation import ValidationSpec
    from canvas_events_cli.validation.fast.caliper_events import CaliperEvents
    from canvas_events_cli.validation.fast.verdicts import VerdictTypes

# An object that begins with an envelope is no wrapper, unless another member of this name counts in its place.
_ENVELOPE = b'"metadata"'
_ENVELOPE_FIRST = (b'{"metadata":{', b'{"metadata": {')
WORTH_TYPES = 64 * 1024
"""Bytes of a batch: it takes longer to make types."""
_IS_SPELLED_ONCE = re.compile(r"[\w./-]+", re.ASCII).fullmatch


def selects_valid(selection: Selection) -> bool:
    """Tell whether all valid events are wanted, or none."""
    others = replace(selection, valid=None, invert=False, spec=None)
    in_vain = selection.valid is False and selection.since is selection.until is None  # whose times are noticed
    return in_vain or (selection.valid is True and others == Selection())


def may_notice(notices: Notices, batch: Batch) -> bool:
    """Tell whether in *batch* something may be that the *notices* still look for."""
    block, start, end = batch.block, batch.start, batch.end
    if any(block.find(trace, start, end) >= 0 for word in notices.missing for trace in _traces(word)):
        return True
    has_escapes = bool(notices.missing) and block.find(b"\\", start, end) >= 0
    return has_escapes and any(_escapes(word).search(block, start, end) for word in notices.missing)


def to_try(search: ByteSearch, batch: Batch) -> Sequence[int]:
    """Return the numbers of the texts of *batch* that *search* does not pass over."""
    text = batch.block[batch.start : batch.end]
    # Where each begins with an envelope, and has no other, nothing is in a wrapper.
    has_envelopes = batch.opening.startswith(_ENVELOPE_FIRST) and text.count(_ENVELOPE) == batch.count
    is_bare = has_envelopes or not may_hold_text(text)
    return [*_lines_to_try(search, text, is_bare=is_bare)] if not is_bare or search.may_match(text) else ()


class ByVerdict:
    """Decides on the events of large batches of which types tell that they are valid."""

    def __init__(self, spec: "ValidationSpec", notices: Notices, *, wants_valid: bool) -> None:
        self._spec = spec
        self._notices = notices
        self._wants_valid = wants_valid

    @cached_property
    def _types(self) -> "tuple[VerdictTypes, CaliperEvents]":
        from canvas_events_cli.validation.fast.caliper_events import CaliperEvents  # small inputs do without
        from canvas_events_cli.validation.fast.verdicts import VerdictTypes

        return VerdictTypes(self._spec), CaliperEvents(self._spec)

    def read(self, parts: Iterable[Read | Batch]) -> Iterator[Read | Decided]:
        """Yield *parts*, with what is decided of valid events in place of these."""
        for part in parts:
            if not isinstance(part, Batch):
                yield part
            elif part.end - part.start < WORTH_TYPES or self._notices.missing:
                yield from part.plainly()
            elif part.is_caliper:
                clean = self._types[1].clean(part)
                events = sum(len(judged.lines) for judged in clean or ())
                yield from part.plainly() if clean is None else (self._decided(replace(part, own_lines=False), events),)
            else:
                yield from self._told(part)

    def _told(self, batch: Batch) -> Iterator[Read | Decided]:
        types = self._types[0]
        wrong = {} if types.alike(batch, in_any_order=True) else types.told(batch).wrong
        for is_wrong, run in groupby(range(batch.count), wrong.__contains__):
            if is_wrong:
                yield from chain.from_iterable(map(batch.plain, run))
            else:
                numbers = [*run]
                yield self._decided(batch.part(numbers), len(numbers))

    def _decided(self, valid: Batch, events: int) -> Decided:
        self._notices.noticed.events += events
        return Decided(valid.lines if valid.unverified else (), valid if self._wants_valid else None)


@lru_cache(maxsize=256)
def _traces(word: str | Field) -> tuple[bytes, ...]:
    """Return texts of which one is in JSON that has *word*, also in that of a wrapper; an empty one is in all."""
    if isinstance(word, str):
        # The name of a Caliper event is made of two texts.
        return (b"",) if "/" in word else (literals.of_glob(word).rstrip('"').encode(errors="surrogatepass"),)
    key = next((key for key in reversed(word.paths[0]) if not is_index(key)), "")
    return (f'"{key}"'.encode(), f'"{key}\\'.encode()) if _IS_SPELLED_ONCE(key) else (b"",)


@lru_cache(maxsize=256)
def _escapes(word: str | Field) -> re.Pattern[bytes]:
    """Return what finds escapes that may stand for a part of these texts."""
    characters = {*b"".join(_traces(word)).decode(errors="surrogatepass")} - {*'"\\'}
    return re.compile(literals.escapes(characters).encode())


def _lines_to_try(search: ByteSearch, batch: bytes, *, is_bare: bool) -> Iterator[int]:
    """Yield the numbers, from 0, of the lines of *batch* that *search* does not pass over."""
    text = search.sure_text
    if text is None or not is_bare or search.may_hide(batch):
        for number, line in enumerate(batch.split(b"\n")[:-1]):
            if search.may_match(line) or (not is_bare and may_hold_text(line)):
                yield number
        return
    # To look for the text from line to line takes half the time of making all lines, and most are not wanted.
    number = begin = 0
    while (place := batch.find(text, begin)) >= 0:
        start = batch.rfind(b"\n", begin, place) + 1 or begin
        number += batch.count(b"\n", begin, start)
        end = batch.find(b"\n", place)
        line = batch[start:end]
        if search.may_match(line, holds_sure_text=True):
            yield number
        number += 1
        begin = end + 1
