"""Where in a value the errors of jsonschema-rs are."""

import re
from collections.abc import Sequence
from typing import Any

_NUMBER = re.compile(r"\+?[0-9]{1,30}", re.ASCII)
"""Names of fields that the package may take for indices."""


class AmbiguousPath(Exception):
    """A path that leads to more than one place."""


class Paths:
    """Paths in one value, as the package tells them: ``7`` and ``007`` as the integer 7, an empty name not."""

    def __init__(self, value: object) -> None:
        self._value = value
        self._numbers: dict[int, dict[int, list[str]]] = {}

    def to(self, tokens: Sequence[str | int]) -> tuple[str | int, ...]:
        """Return *tokens* as a path in the value; raises AmbiguousPath where they can mean several places."""
        value: Any = self._value
        path = []
        for token in tokens:
            if isinstance(value, dict):
                token = self._name(token, value)
            path.append(token)
            value = value[token]
        if isinstance(value, dict) and "" in value:
            raise AmbiguousPath
        return tuple(path)

    def _name(self, token: str | int, value: dict[str, Any]) -> str:
        named = [token] if isinstance(token, str) else self._numbers_in(value)[token]
        if len(named) != 1 or "" in value:
            raise AmbiguousPath
        return named[0]

    def _numbers_in(self, value: dict[str, Any]) -> dict[int, list[str]]:
        """Return the names in *value* that are numbers; found once, since there may be as many errors as names."""
        known = self._numbers.get(id(value))
        if known is None:
            known = self._numbers[id(value)] = {}
            for name in filter(_NUMBER.fullmatch, value):
                known.setdefault(int(name), []).append(name)
        return known
