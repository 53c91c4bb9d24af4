"""Events in the order of their instants, out of a temporary file: in memory are a few MiB of them at a time."""

import pickle
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate, compress, groupby, pairwise, repeat
from operator import itemgetter
from tempfile import TemporaryFile
from typing import IO, Any, cast

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.query.work import Item, SelectedBlock

_RUN_BYTES = 16 * 1024 * 1024
"""How much is put in order in memory."""
_EVENT_BYTES = 256
"""What an event takes there besides its text."""
_PAGE_EVENTS = 256
"""Of how many events of each run the keys are in memory while runs are merged."""
_MERGED_BYTES = 4 * 1024 * 1024
"""How much of all runs is merged at a time."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CeventsError(
            f"the events need a temporary file to wait in: {error.strerror or error} (TMPDIR names another place)"
        ) from error


def spooled(
    blocks: Iterable[SelectedBlock[Item]], stays: Iterable[bool] = repeat(True), *, as_lines: bool = False
) -> Iterator[SelectedBlock[Item]]:
    """Yield *blocks* without their events and then, in blocks of limited size, these by instant: those that stay.

    Events without an instant come last, ties in the order of arrival; so *stays* tells of them, once all have come.
    They wait in an unlinked temporary file that only this user can open. *as_lines* says that they are bytes, of which
    nobody asks where they stood. Raises CeventsError where the disk is full.
    """
    runs: list[_Run] = []
    keys: list[Any] = []
    texts: list[bytes] = []
    size = 0
    with _told():
        file = TemporaryFile(prefix="cevents-")  # noqa: SIM115 (closed below)
    try:
        for block in blocks:
            keys += block.keys
            added = cast(list[bytes], block.records) if as_lines else [*_pickled(block)]
            size += sum(map(len, added)) + len(added) * _EVENT_BYTES
            texts += added
            if size > _RUN_BYTES:
                runs.append(_put(file, keys, texts))
                size = 0
            block.keep(())
            yield block
        runs.append(_put(file, keys, texts))
        staying = iter(stays)
        with _told():
            for merged in _merged(runs):
                texts = [*compress(merged, staying)]
                if as_lines:
                    yield SelectedBlock(lines=[0] * len(texts), records=cast(list[Item], texts))
                    continue
                for source, events in groupby(map(_unpickled, texts), itemgetter(0)):
                    _, lines, items = zip(*events, strict=True)
                    yield SelectedBlock(source=source, lines=[*lines], records=[*items])
    finally:
        with suppress(OSError):  # on a full disk it would write what it holds once more
            file.close()


def _pickled(block: SelectedBlock[Any]) -> Iterator[bytes]:
    for line, item in zip(block.lines, block.records, strict=True):
        try:
            yield pickle.dumps((block.source, line, item), pickle.HIGHEST_PROTOCOL)
        except RecursionError:  # a record is nested too deeply: its value is parsed again
            # The envelope that it came in was judged with it, and is not written.
            wrapping = item.wrapping and item.wrapping._replace(envelope=None)
            yield pickle.dumps(
                (block.source, line, item._replace(value=..., wrapping=wrapping)), pickle.HIGHEST_PROTOCOL
            )


def _unpickled(text: bytes) -> tuple[str, int, Any]:
    source, line, item = pickle.loads(text)  # noqa: S301 (only this process can write there)
    if isinstance(item, Record) and cast(Any, item.value) is ...:
        item = item._replace(value=parse(item.raw))
    return source, line, item


class _Run:
    """Events that stand in *file* in their order, from *start* to *end*: pages of keys and sizes, then texts."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._page = start
        self._end = end
        self.keys: list[Any] = []
        """Of the next events, as far as they are known."""
        self._borders: list[int] = []
        """Where the text of each begins, and that of the last ends."""

    def fill(self) -> bool:
        """Tell whether there is another event; then at least its key is known."""
        if not self.keys and self._page < self._end:
            self._file.seek(self._page)
            self.keys, sizes = pickle.load(self._file)  # noqa: S301 (only this process can write there)
            self._borders = [*accumulate(sizes, initial=self._file.tell())]
            self._page = self._borders[-1]
        return bool(self.keys)

    def within(self, size: int) -> int:
        """Return how many of the known events have no more than *size* bytes in all; at least one."""
        return max(bisect_right(self._borders, self._borders[0] + size) - 1, 1)

    def take(self, count: int) -> list[bytes]:
        """Return the texts of the next *count* events, and go past them."""
        begin, end = self._borders[0], self._borders[count]
        self._file.seek(begin)
        data = self._file.read(end - begin)
        texts = [data[start - begin : end - begin] for start, end in pairwise(self._borders[: count + 1])]
        del self.keys[:count], self._borders[:count]
        return texts


@_told()
def _put(file: IO[bytes], keys: list[Any], texts: list[bytes]) -> _Run:
    """Append a run of *texts* in the order of their *keys* to *file*, and clear both."""
    start = file.tell()
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for first in range(0, len(order), _PAGE_EVENTS):
        page = order[first : first + _PAGE_EVENTS]
        some = [*map(texts.__getitem__, page)]
        head = pickle.dumps(([*map(keys.__getitem__, page)], [*map(len, some)]), pickle.HIGHEST_PROTOCOL)
        file.write(b"".join((head, *some)))
    file.flush()
    keys.clear()
    texts.clear()
    return _Run(file, start, file.tell())


def _merged(runs: Iterable[_Run]) -> Iterator[list[bytes]]:
    """Yield the texts of the events of all *runs* in order, some at a time; where keys are equal, by the run."""
    while runs := [run for run in runs if run.fill()]:
        counts = [run.within(_MERGED_BYTES // len(runs)) for run in runs]
        ends = [(run.keys[count - 1], number) for number, (run, count) in enumerate(zip(runs, counts, strict=True))]
        # All that comes before the first of these ends is within those counts.
        bound, first = min(ends)
        keys: list[Any] = []
        texts: list[bytes] = []
        for number, run in enumerate(runs):
            cut = bisect_right if number <= first else bisect_left
            if count := cut(run.keys, bound, 0, counts[number]):
                keys += run.keys[:count]
                texts += run.take(count)
        yield [*map(texts.__getitem__, sorted(range(len(keys)), key=keys.__getitem__))]
