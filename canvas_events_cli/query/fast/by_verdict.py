"""Valid events are told by types where all of them are wanted, or none."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain, groupby
from typing import TYPE_CHECKING

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Selection
from canvas_events_cli.running.reading import Read

if TYPE_CHECKING:
    from canvas_events_cli.validation import ValidationSpec
    from canvas_events_cli.validation.fast.caliper_events import CaliperEvents
    from canvas_events_cli.validation.fast.verdicts import VerdictTypes

WORTH_TYPES = 64 * 1024
"""Bytes of a batch: it takes longer to make types."""


def selects_valid(selection: Selection) -> bool:
    """Tell whether all valid events are wanted, or none."""
    others = replace(selection, valid=None, invert=False, spec=None)
    in_vain = selection.valid is False and selection.since is selection.until is None  # whose times are noticed
    return in_vain or (selection.valid is True and others == Selection())


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
