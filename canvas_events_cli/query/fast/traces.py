"""Which events of a batch can concern an object, by their bytes: whatever names it holds its local id, or its uuid."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from canvas_events_cli.canvas_ids import LOCAL_DIGITS, canvas_id, local_id
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.query.about import About

_AROUND = rb"%b(?:(?<![1-9A-Za-z]%b)|(?<=%%7[eE]%b)|(?<=%%2[cC]%b)|(?<=\\u[0-9a-fA-F]{4}%b))(?![0-9A-Za-z])"
"""Before digits that a shard's number may stand before are zeros or a sign, maybe as an escape; no letter is after."""


class Trace(NamedTuple):
    """What is in every text that names an object."""

    text: bytes
    pattern: re.Pattern[bytes]
    """Matches at *text* where what is around it can be."""
    escapes: re.Pattern[bytes]
    """Finds what may hide the text."""

    def rows(self, batch: Batch) -> set[int]:
        """Return the numbers of the texts in *batch* that hold the trace, or may hide it."""
        starts = batch.starts()
        return {bisect_right(starts, place) - 1 for place in self._places(batch.block, batch.start, batch.end)}

    def is_in(self, text: bytes) -> bool:
        """Tell whether the trace is in *text*, or may be hidden there."""
        return any(True for _ in self._places(text, 0, len(text)))

    def _places(self, block: bytes, start: int, end: int) -> Iterator[int]:
        at = start
        while (at := block.find(self.text, at, end)) >= 0:
            if self.pattern.match(block, at):
                yield at
            at += 1
        if block.find(b"\\", start, end) >= 0:
            yield from (found.start() for found in self.escapes.finditer(block, start, end))


def trace_of(about: About) -> Trace:
    """Return the trace of *about*: every way to write its id, and every global id that it may stand for, ends so.

    What is not Canvas' own id can be written in one way only.
    """
    digits = canvas_id(about.identifier)
    text = (about.identifier if digits is None else local_id(digits)).encode()
    is_short = digits is not None and len(text) < LOCAL_DIGITS
    pattern = re.compile(_AROUND % ((re.escape(text),) * 5) if is_short else re.escape(text))
    return Trace(text, pattern, escapes_of(about.identifier))


def escapes_of(characters: Iterable[str]) -> re.Pattern[bytes]:
    """Return what finds every JSON escape that can stand for one of *characters*, which are plain."""
    text = "".join(characters)
    codes = sorted(set(re.findall("....", text.encode("utf-16-be", "surrogatepass").hex())))
    return re.compile(rf"\\(?:u(?i:{'|'.join(codes)}){'|/' if '/' in text else ''})".encode())
