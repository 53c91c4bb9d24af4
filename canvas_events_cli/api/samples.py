"""Samples of a capture that are safe to hand on."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from canvas_events_cli.api.choice import choice_of
from canvas_events_cli.api.inputs import Inputs
from canvas_events_cli.catalog import Catalog, load_catalog
from canvas_events_cli.model import Record
from canvas_events_cli.running.reading import RunOptions

if TYPE_CHECKING:
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.query.work import SelectedBlock
    from canvas_events_cli.scrubbing import ScrubSpec
    from canvas_events_cli.scrubbing.work import ScrubbedBlock
    from canvas_events_cli.validation import ValidationSpec


def scrub_spec(
    catalog: Catalog | None = None, *, key: str | bytes | None = None, keep: Sequence[str] = (), shift: int = 0
) -> "ScrubSpec":
    """Return how to scrub: with a random key where none is given, by what the bundled schemas declare personal.

    *keep* are FIELDs whose values stay, *shift* is in seconds. Raises CeventsError for an empty key and for what is
    no FIELD.
    """
    from os import urandom

    from canvas_events_cli.query.fields import parse_field
    from canvas_events_cli.scrubbing import ScrubSpec, derive_key

    fields = map(parse_field, keep)
    paths = tuple(path for field in fields for path in (*field.paths, *field.in_caliper))
    text = key.encode(errors="surrogateescape") if isinstance(key, str) else key
    secret = urandom(64) if text is None else derive_key(text)
    return ScrubSpec(catalog or load_catalog(), secret, paths, shift)


def scrub_parts(
    sources: Inputs,
    spec: "ScrubSpec",
    *,
    selection: "Selection | None" = None,
    validation: "ValidationSpec | None" = None,
    how: RunOptions | None = None,
) -> "Iterator[ScrubbedBlock]":
    """Yield *sources* with personal data replaced, block by block as these are read.

    Of wrapped events the whole record is kept where *selection*, whose schemas *validation* holds, wants any of them.
    The same for any way *how* this is run. Raises CeventsError where a schema declares what is personal in a way that
    means nothing.
    """
    from canvas_events_cli.scrubbing.work import ScrubWork, scrub_sources

    how = how or RunOptions()
    choice = choice_of(selection, validation) if selection is not None else None
    yield from scrub_sources(sources, ScrubWork(spec, choice, how.reading.max_record_bytes), how)


def sample_parts(
    sources: Inputs,
    *,
    per_type: int = 3,
    spec: "ValidationSpec | None" = None,
    selection: "Selection | None" = None,
    how: RunOptions | None = None,
) -> "Iterator[SelectedBlock[Record]]":
    """Yield a representative few of the events of *sources*, in source order, once all have been read.

    What ``canvas_events_cli.sampling`` says of *per_type*. *spec* says what is invalid. Out of the
    events that *selection* wants, or of all. Malformed records and
    failures come as they are met. Raises CeventsError for a broken schema.
    """
    from canvas_events_cli.api.validation import event_checker
    from canvas_events_cli.sampling import sample_blocks

    wanted = choice_of(selection, spec).compile() if selection is not None else None
    return sample_blocks(sources, event_checker(spec), per_type, how or RunOptions(), wanted)
