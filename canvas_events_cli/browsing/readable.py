"""Whether there is anything to read at all, before a screen is drawn for it."""

from collections.abc import Iterable, Iterator
from itertools import chain

from canvas_events_cli.sources.blocks import read_blocks
from canvas_events_cli.sources.source import Source, SourceError


def from_readable(
    sources: Iterable[Source | SourceError],
) -> tuple[Iterator[Source | SourceError], list[SourceError]]:
    """Return *sources* as they are, once one is found that may be readable; else none, and why each cannot be read.

    Only files are looked into: all else may be waited for.
    """
    rest = iter(sources)
    looked: list[Source | SourceError] = []
    wrong: list[SourceError] = []
    for source in rest:
        looked.append(source)
        if (reason := _reason(source)) is None:
            return chain(looked, rest), []
        wrong.append(reason)
    return iter(()), wrong


def _reason(source: Source | SourceError) -> SourceError | None:
    """Return why *source* cannot be read, if that is known at once."""
    if isinstance(source, SourceError):
        return source
    if source.path is not None and source.path.is_file():
        try:
            next(read_blocks(source), None)
        except SourceError as error:
            return error
    return None
