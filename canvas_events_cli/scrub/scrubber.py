"""The scrubber: from a key and schemas to a function over records."""

from dataclasses import dataclass, field
from hashlib import blake2b

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.scrub.places import Places
from canvas_events_cli.scrub.pseudonyms import Pseudonyms
from canvas_events_cli.scrub.wrapped import Wrapped


@dataclass(frozen=True, slots=True)
class ScrubSpec:
    """All that decides what scrubbed events look like; picklable."""

    catalog: Catalog
    """Its schemas declare what is personal."""
    key: bytes = field(repr=False)
    keep: tuple[tuple[str, ...], ...] = ()
    """Paths in events whose values stay, each a list of keys and indices from the event's root."""
    shift: int = 0
    """Seconds by which times are moved."""


def derive_key(text: str) -> bytes:
    """Return the 64 bytes that keyed hashing takes, for a key of any length. Raises CeventsError for an empty one."""
    if not text:
        raise CeventsError("the key is empty: anybody could undo the scrubbing; leave it out for a random one")
    return blake2b(text.encode(errors="surrogateescape"), person=b"cevents scrub").digest()


class Scrubber:
    """The compiled form of a ScrubSpec: one in each process. It remembers no event."""

    def __init__(self, spec: ScrubSpec) -> None:
        made = Pseudonyms(spec.key)
        places = Places(spec.catalog, made, spec.key, spec.shift, spec.keep)
        self._wrapped = Wrapped(places, made, spec.shift)

    def scrub(self, record: Record) -> bytes:
        """Return the JSON text of *record* with personal data replaced and every other byte as it was.

        *record* is as it was framed, not taken out of its wrapper.
        """
        return self._wrapped.record(record)
