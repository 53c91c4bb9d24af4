"""Where in a value an error of jsonschema-rs is."""

import re
from collections.abc import Sequence
from typing import Any

_NUMBER = re.compile(r"\+?[0-9]{1,30}", re.ASCII)
"""Names of fields that the package may take for indices."""


class AmbiguousPath(Exception):
    """A path that leads to more than one place."""


def path_to(tokens: Sequence[str | int], instance: Any) -> tuple[str | int, ...]:
    """Return *tokens* as a path in *instance*: the package tells names such as ``7`` and ``007`` as the integer 7.

    Raises AmbiguousPath where an object has several such names.
    """
    path = []
    for token in tokens:
        if isinstance(token, int) and isinstance(instance, dict):
            named = [name for name in instance if _NUMBER.fullmatch(name) and int(name) == token]
            if len(named) != 1:
                raise AmbiguousPath
            token = named[0]
        path.append(token)
        instance = instance[token]
    return tuple(path)
