"""What a command reads: no file that it writes may be among it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.outputs import Destination, Input, refuse_clashes

if TYPE_CHECKING:
    from canvas_events_cli import api


def refuse_inputs(
    destinations: Sequence[Destination],
    sources: "Iterable[api.Source | api.SourceError]",
    catalog: "api.Catalog | None" = None,
    keys: Sequence[Path | None] = (),
) -> None:
    """Raise CeventsError where one of *destinations* is a source, a schema file, a file of keys, or another of them."""
    refuse_clashes(destinations, _inputs(sources, catalog, keys))


def _inputs(
    sources: "Iterable[api.Source | api.SourceError]", catalog: "api.Catalog | None", keys: Sequence[Path | None]
) -> Iterator[Input]:
    from canvas_events_cli.sources.blocks import is_stdin

    for source in sources:
        if isinstance(source, CeventsError):
            continue
        if is_stdin(source):
            yield Input(source.name, 0)
        elif source.path is not None:
            yield Input(source.name, source.path)
    if catalog is not None:
        yield from (Input(f"the schema {path}", path) for path in catalog.files())
    yield from (Input(f"the keys {path}", path) for path in keys if path is not None)
