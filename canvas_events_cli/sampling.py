"""A representative few of the events of a capture, which show all that it holds."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from hashlib import blake2b

from canvas_events_cli.model import Json, Malformed, Overflow, Record, WrapperFault
from canvas_events_cli.query.arranging import first_of
from canvas_events_cli.query.selection import Selection, event_record
from canvas_events_cli.query.sorting import spooled
from canvas_events_cli.query.work import Narrowed, SelectedBlock
from canvas_events_cli.running.reading import Compiled, Read, RunOptions
from canvas_events_cli.running.runner import run
from canvas_events_cli.same_event import event_name
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.structure import MOST_LEVELS, structure_of
from canvas_events_cli.validation import EventChecker

_DIGEST_BYTES = 16
_MOST_BYTES = 2 * 1024 * 1024
"""Of events whose structures are remembered."""
_NOTHING: frozenset[bytes] = frozenset()
_INDEX = re.compile(r"/[0-9]+(?=/|$)")


def sample_blocks(
    sources: Iterable[Source | SourceError],
    checker: EventChecker,
    per_type: int,
    how: RunOptions,
    selection: Selection | None = None,
    limit: int | None = None,
) -> Iterator[SelectedBlock[Record]]:
    """Yield malformed records and failures as they come and, once all is read, the chosen events in source order.

    Chosen are the first event of each shape, the first with each kind of mistake, and as many of the first others of
    each name as *per_type* leaves room for; all of them out of those that *selection* wants, up to *limit*. They wait
    on disk.
    """
    work = _SampleWork(checker, per_type)
    narrowed = Narrowed(work, selection) if selection is not None else work
    blocks = spooled(run(sources, narrowed, RunOptions(how.reading, watch=how.watch)), work.stays)
    return blocks if limit is None else first_of(blocks, limit)


@dataclass(slots=True)
class _SampleWork:
    """What ``run`` needs to choose, in one process: each choice depends on those before it.

    Remembers a digest for each shape and kind of mistake.
    """

    checker: EventChecker
    per_type: int
    """How many events of each name to choose; more where more are needed to show everything."""
    stays: list[bool] = field(default_factory=list)
    """Of each event that was chosen, whether it still is."""
    _seen: set[bytes] = field(default_factory=set)
    _needed: Counter[str | None] = field(default_factory=Counter)
    """By event name, how many of the chosen show something new."""
    _spare: dict[str | None, list[int]] = field(default_factory=dict)
    """By event name, the others: their places among the chosen."""
    _alike: set[tuple[str | None, Hashable]] = field(default_factory=set)
    """Names and structures of the latest events."""
    _alike_bytes: int = 0

    def compile(self) -> Compiled[SelectedBlock[Record]]:
        """Return what chooses, some events only until others turn out to show more."""

        def report_on(source_name: str, items: Iterable[Read]) -> SelectedBlock[Record]:
            block: SelectedBlock[Record] = SelectedBlock(source=source_name)
            for item in items:
                if type(item) is not Record and isinstance(item, Malformed | Overflow):
                    block.reject(item)
                    continue
                record = event_record(item)
                block.unverified += record.unverified
                name = event_name(record.value)
                shows = self._shows(item, name, record.value)
                if self._choose(name, not shows <= self._seen):
                    block.lines.append(record.line)
                    block.records.append(record)
                    block.keys.append(0)
                self._seen |= shows
            return block

        return Compiled(report_on)

    def _shows(self, item: Record | WrapperFault, name: str | None, value: Json) -> Set[bytes]:
        """Return digests of the shape of an event and of its mistakes; none where it can show nothing new.

        Runs for every event, most of which are valid and made like others before them.
        """
        alike = (name, structure_of(value))
        shows: Set[bytes] = _NOTHING
        if alike not in self._alike:
            if self._alike_bytes > _MOST_BYTES:
                self._alike.clear()
                self._alike_bytes = 0
            self._alike.add(alike)
            self._alike_bytes += len(item.raw)
            shows = {_digest("shape", name, *sorted(shape_of(value)))}
        if type(item) is Record and self.checker.is_valid(item):
            return shows
        return shows | {
            _digest("mistake", finding.event_name, _INDEX.sub("/*", finding.pointer), finding.keyword)
            for finding in self.checker.check("", item).findings
        }

    def _choose(self, name: str | None, is_new: bool) -> bool:
        """Tell whether an event of this *name* is chosen for now.

        One that *is_new*, as it shows something new, always is. So are the first others of its name, until there are
        ``per_type``; the last of these is dropped when one that shows something new comes after them.
        """
        spare = self._spare.setdefault(name, [])
        is_full = self._needed[name] + len(spare) >= self.per_type
        if is_new:
            self._needed[name] += 1
            if is_full and spare:
                self.stays[spare.pop()] = False
        elif is_full:
            return False
        else:
            spare.append(len(self.stays))
        self.stays.append(True)
        return True


def shape_of(value: object) -> set[str]:
    """Return the fields of *value* with their types: pointers, elements of arrays as ``*``, each with a type's name."""
    found: set[str] = set()
    rest = [("", value, 0)]
    while rest:
        pointer, value, depth = rest.pop()
        found.add(f"{pointer} {type(value).__name__}")
        if depth == MOST_LEVELS:
            continue
        if isinstance(value, dict):
            rest += [(f"{pointer}/{name}", member, depth + 1) for name, member in value.items()]
        elif isinstance(value, list):
            rest += [(f"{pointer}/*", element, depth + 1) for element in value]
    return found


def _digest(*parts: str | None) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=_DIGEST_BYTES).digest()
