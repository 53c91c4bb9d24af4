"""RFC 6901 JSON Pointers."""

from collections.abc import Iterable
from typing import Any

KeyPath = tuple[str, ...]
"""What leads to a value: names of members, and indices of elements in digits."""

ABSENT = object()
"""In place of a value that is not there, where null is one."""


def join(pointer: str, *tokens: str | int) -> str:
    """Return *pointer* extended by *tokens*, each escaped.

    >>> join("/body", "a/b", 0)
    '/body/a~1b/0'
    """
    for token in tokens:
        pointer += "/" + escape(str(token))
    return pointer


def escape(token: str) -> str:
    """Return one reference token as it stands in a pointer."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def split(pointer: str) -> tuple[str, ...]:
    """Return the unescaped reference tokens of *pointer* (``""`` has none)."""
    if not pointer:
        return ()
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def resolve(document: object, tokens: Iterable[str], default: object = None) -> Any:
    """Return the value that *tokens* lead to in *document*, or *default* where there is none.

    A token for an array is a decimal index without leading zeros, as RFC 6901 has it.
    """
    value: Any = document
    for token in tokens:
        if isinstance(value, dict):
            value = value.get(token, ABSENT)
        elif isinstance(value, list) and is_index(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            return default
        if value is ABSENT:
            return default
    return value


def is_index(token: str) -> bool:
    """Tell whether *token* can be an array index: ``0``, or digits that do not begin with ``0``."""
    return token == "0" or (token.isascii() and token.isdigit() and token[0] != "0" and len(token) < 19)  # noqa: S105
