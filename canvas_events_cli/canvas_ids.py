"""Canvas ids: global ones name a shard and an object, local ones the object only.

A global id is shard x 10^13 + local: 21070000000000565 is object 565 of shard 2107. Events mix both forms for one
object. Ids are kept as text of digits here, so that no length of them costs more than its characters.
"""

import re

LOCAL_DIGITS = 13
"""How many digits of a global id are the local one."""
_LONGEST = 20
"""Ids are signed integers of 64 bits."""
_SHORT = re.compile(r"([0-9]+)~0*([0-9]{1,13})", re.ASCII)
"""A global id as it stands in addresses: shard and local id, without the zeros between."""


def canvas_id(value: object) -> str | None:
    """Return *value* as decimal digits without leading zeros, or None where it can be no Canvas id.

    Ids are strings of digits in the envelope; bodies send JSON integers too.
    """
    if isinstance(value, str):
        return value.lstrip("0") or "0" if value.isascii() and value.isdigit() else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    return None


def written_id(value: object) -> str | None:
    """Return what :func:`canvas_id` does, of a global id in its short form too.

    >>> written_id("2107~565")
    '21070000000000565'
    """
    short = _SHORT.fullmatch(value) if isinstance(value, str) else None
    return canvas_id(value if short is None else short[1] + short[2].zfill(LOCAL_DIGITS))


def short_id(text: str) -> str:
    """Return a global id as addresses have it; any other text as it is, and so what would not be found again.

    >>> short_id("21070000000000565"), short_id("565")
    ('2107~565', '565')
    """
    if not LOCAL_DIGITS < len(text) < _LONGEST or not (text.isascii() and text.isdigit()) or text[0] == "0":
        return text
    return f"{text[:-LOCAL_DIGITS]}~{local_id(text)}"


def local_id(identifier: str) -> str:
    """Return what *identifier*, as :func:`canvas_id` gives it, is called on its own shard.

    >>> local_id("21070000000000565")
    '565'
    """
    return identifier[-LOCAL_DIGITS:].lstrip("0") or "0"


def local_number(number: int) -> int:
    """Return what :func:`local_id` does, of an id as a number."""
    shard: int = 10**LOCAL_DIGITS
    return number % shard


def same_object(one: str, other: str) -> bool:
    """Tell whether two ids, as :func:`canvas_id` gives them, can name the same Canvas object.

    Two global ids must be identical; a local id (below 10^13) is the same as any global one that ends in it.
    """
    if one == other:
        return True
    both_global = len(one) > LOCAL_DIGITS and len(other) > LOCAL_DIGITS
    return not both_global and local_id(one) == local_id(other)
