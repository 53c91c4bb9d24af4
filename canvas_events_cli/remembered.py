"""Results kept in mind: most values of events come again and again."""

from collections.abc import Callable
from typing import TypeVar

Key = TypeVar("Key", str, bytes, str | int)
Value = TypeVar("Value")


class Remembered(dict[Key, Value]):
    """Gives for a key what *make* does, which it still knows of the latest ones: to look one up calls no Python.

    Of so many keys that have to go, those that were asked for again stay, so that what comes once does not push out the
    others. Keys longer than *longest* are not kept.
    """

    def __init__(self, make: Callable[[Key], Value], most: int = 8192, longest: int = 64) -> None:
        """*most* keys are kept, and as many of which it is not known yet whether they are asked for again."""
        super().__init__()
        self._make: Callable[[Key], Value] = make
        self._most, self._longest = most, longest
        self._older: dict[Key, Value] = {}

    def __missing__(self, key: Key) -> Value:
        value = self._older[key] if key in self._older else self._make(key)
        if isinstance(key, int) or len(key) <= self._longest:
            if len(self) >= self._most:
                self._older = dict(self)
                self.clear()
            self[key] = value
        return value
