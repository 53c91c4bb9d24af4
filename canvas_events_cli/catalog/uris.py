"""URIs of schemas."""

from functools import lru_cache
from urllib.parse import quote, urljoin

from canvas_events_cli.catalog.faults import Refused


@lru_cache(maxsize=1024)
def join_uri(base: str, reference: str) -> str:
    """Return *reference* resolved against *base*, which may be of a scheme without paths, as ``urn:``.

    Raises Refused for what is not a URI reference.
    """
    try:
        return base + reference if reference.startswith("#") else urljoin(base, reference)
    except ValueError as error:
        raise Refused("is not a URI reference") from error


@lru_cache(maxsize=1024)
def quoted(uri: str) -> str:
    """Return *uri* with what is not allowed in a URI percent-encoded, as the Rust package demands it."""
    return quote(uri, safe="%/:=&?~#+!$,;'@()*[]")
