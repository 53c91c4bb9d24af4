"""The scrubber: from a key and schemas to a function over records."""

from dataclasses import dataclass, field
from hashlib import scrypt

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.scrubbing.places import Places
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.scrubbing.wrapped import Wrapped

_SALT = b"cevents scrub"
"""The same for everybody: the key alone decides on pseudonyms, on any machine."""


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


def derive_key(secret: bytes) -> bytes:
    """Return the 64 bytes that keyed hashing takes, for a secret of any length.

    By scrypt (RFC 7914), which takes 16 MiB and some 50 ms: so much each guess at a weak secret costs. Raises
    CeventsError for an empty one.
    """
    if not secret:
        raise CeventsError("the key is empty: anybody could undo the scrubbing; leave it out for a random one")
    return scrypt(secret, salt=_SALT, n=2**14, r=8, p=1, dklen=64)


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
